/**
 * Objects that a re-prediction could not ask about, and why.
 * @module pages/reprediction/problems
 */
import { h } from "../../ui/element.js";
import { plural } from "../../ui/format.js";

/** @typedef {import("./types.js").Problem} Problem */
/** @typedef {{image: number, message: string, count: number}} Group */

/** Objects of one image with one reason go together. @param {Problem[]} problems @returns {Group[]} */
export function groups(problems) {
  /** @type {Map<string, Group>} */
  const found = new Map();
  for (const { image, message } of problems) {
    const key = `${image} ${message}`;
    const group = found.get(key) ?? { image, message, count: 0 };
    group.count += 1;
    found.set(key, group);
  }
  return [...found.values()];
}

/**
 * The reasons behind a summary that opens them; null where there are none.
 * @param {import("./types.js").Reprediction} reprediction
 * @param {boolean} open
 */
export function problemsOf({ problems, failed }, open) {
  if (!problems.length) return null;
  const heading = problems.length < failed ? `Why not: the first ${problems.length}` : "Why not";
  const rows = groups(problems).map(({ image, message, count }) =>
    h("li", {}, h("a", { href: `/images/${image}/annotate/` }, `Image ${image}`), `, ${plural(count, "object")}: ${message}`),
  );
  return h("details", { class: "problems small", open }, h("summary", {}, heading), h("ul", {}, ...rows));
}
