/**
 * Which objects the list shows, in which order, and what they are called there.
 * @module core/listing
 */

/** @typedef {import("../net/types.js").Annotation} Annotation */
/** @typedef {"small" | "border" | "overlaps" | "missing" | "hidden" | "locked"} Flag */
/** @typedef {"made" | "newest" | "front" | "label" | "smallest" | "largest" | "score"} Sort */
/** @typedef {{text: string, label: number | null, author: string | null, flags: readonly Flag[], sort: Sort}} Filter */
/** @typedef {{label: (id: number | null) => string, order: (id: number | null) => number, flags: (annotation: Annotation) => readonly Flag[]}} About what is known beside the objects themselves */

/** @type {Filter} */
export const EVERYTHING = { text: "", label: null, author: null, flags: [], sort: "made" };

/** The number that each object is called by: its place in the order of making. @param {readonly Annotation[]} list @returns {Map<string, number>} */
export function numbersOf(list) {
  const byTime = [...list].sort((a, b) => a.createdTime - b.createdTime);
  return new Map(byTime.map(({ id }, k) => [id, k + 1]));
}

/** Whether the filter leaves anything out. @param {Filter} filter */
export function narrows({ text, label, author, flags }) {
  return text.trim() !== "" || label !== null || author !== null || flags.length > 0;
}

/**
 * @param {readonly Annotation[]} list back to front
 * @param {Filter} filter
 * @param {About} about
 * @param {Map<string, number>} numbers
 * @returns {Annotation[]}
 */
export function arrange(list, filter, about, numbers) {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = list.filter((one) => {
    if (filter.label !== null && one.label !== filter.label) return false;
    if (filter.author !== null && (one.author ?? "") !== filter.author) return false;
    if (filter.flags.length && !about.flags(one).some((flag) => filter.flags.includes(flag))) return false;
    if (!words.length) return true;
    const text = textOf(one, about, numbers);
    return words.every((word) => text.includes(word));
  });
  return sorted(found, filter.sort, about);
}

/** @param {Annotation} annotation @param {About} about @param {Map<string, number>} numbers */
function textOf({ id, label, author, source, attributes }, about, numbers) {
  const values = Object.entries(attributes).map(([name, value]) => (typeof value === "object" ? name : `${name} ${value}`));
  return [about.label(label), numbers.get(id), author, source, ...values].join(" ").toLowerCase();
}

/** @param {Annotation[]} found back to front @param {Sort} sort @param {About} about */
function sorted(found, sort, about) {
  if (sort === "front") return found.reverse();
  /** @param {Annotation} a @param {Annotation} b */
  const age = (a, b) => a.createdTime - b.createdTime;
  /** @type {Record<Exclude<Sort, "front">, (a: Annotation, b: Annotation) => number>} */
  const ways = {
    made: age,
    newest: (a, b) => age(b, a),
    label: (a, b) => about.order(a.label) - about.order(b.label) || age(a, b),
    smallest: (a, b) => a.area - b.area || age(a, b),
    largest: (a, b) => b.area - a.area || age(a, b),
    // Those that no model judged come last.
    score: (a, b) => (a.score ?? Infinity) - (b.score ?? Infinity) || age(a, b),
  };
  return found.sort(ways[sort]);
}

/** The ids from one to another, both included, in the order of the list. @param {readonly string[]} ids @param {string | null} from @param {string} to */
export function range(ids, from, to) {
  const [a, b] = [from === null ? -1 : ids.indexOf(from), ids.indexOf(to)];
  if (a < 0 || b < 0) return [to];
  const between = ids.slice(Math.min(a, b), Math.max(a, b) + 1);
  // What was reached last is selected last.
  return a <= b ? between : between.reverse();
}
