/**
 * Commands on the selected masks: each is one step to undo, however many objects it changes.
 * @module pages/annotate/editing
 */
import { fillHoles, partsOf, removeSpecks } from "../../geometry/components.js";
import { grow, shrink, smooth } from "../../geometry/morphology.js";
import { areaOf, intersect, rectangle, subtract, union } from "../../geometry/spans.js";
import { split } from "../../geometry/split.js";

/** @typedef {import("../../geometry/spans.js").Spans} Spans */
/** @typedef {import("./annotation_edits.js").Mask} Mask */

/**
 * @typedef {object} EditingContext
 * @property {{width: number, height: number}} image
 * @property {import("../../core/store.js").Store} store
 * @property {import("./annotation_edits.js").AnnotationEdits} edits
 * @property {import("./masks.js").Masks} masks
 * @property {import("../../tools/options.js").ToolOptions} options
 * @property {import("../../ui/toast.js").Toasts} toasts
 */

/** @typedef {ReturnType<typeof createEditing>} Editing */

/** With more parts than this the list would be of no use: specks go first. */
const MAX_PARTS = 200;

/** @param {EditingContext} context */
export function createEditing({ image, store, edits, masks, options, toasts }) {
  const { height } = image;

  /** The selected objects that may be changed; tells when there is none. @param {number} [min] @param {string} [hint] */
  function chosen(min = 1, hint = "Click one with the select tool, or choose it in the list.") {
    const ids = masks.editable(store.selection);
    if (store.selection.length < min) {
      toasts.info(min === 1 ? "No object is selected" : "Select two objects or more", hint);
    }
    return ids.length >= min ? ids : [];
  }

  /** @param {readonly string[]} ids */
  const names = (ids) => (ids.length === 1 ? masks.nameOf(store.get(ids[0])?.label ?? null) : `${ids.length} objects`);

  /**
   * Changes each selected mask by itself. What would leave nothing of one is not done to it.
   * @param {string} action
   * @param {(spans: Spans) => Spans} operation
   * @param {string} nothing said when no mask changes
   */
  function each(action, operation, nothing) {
    const ids = chosen();
    if (!ids.length) return;
    /** @type {Map<string, Mask>} */
    const changed = new Map();
    let vanished = 0;
    for (const id of ids) {
      const mask = masks.maskOf(operation(masks.spansOf(id)));
      if (!mask.area) vanished++;
      else if (mask.rle.counts !== store.get(id)?.rle.counts) changed.set(id, mask);
    }
    if (vanished) toasts.info(vanished === 1 ? "Nothing would be left of the object" : `Nothing would be left of ${vanished} objects`, "It was not done. Try fewer pixels.");
    if (changed.size) edits.changeMasks(`${action} ${names([...changed.keys()])}`, { changed });
    else if (!vanished) toasts.info(nothing);
  }

  function merge() {
    const ids = chosen(2, "Shift+Click adds to the selection, a drag chooses several.");
    if (!ids.length) return;
    const [first, ...rest] = ids;
    const mask = masks.maskOf(ids.map(masks.spansOf).reduce(union));
    /** @type {Map<string, Mask | null>} */
    const changed = new Map([[first, mask]]);
    for (const id of rest) changed.set(id, null);
    edits.changeMasks(`Merge ${names(ids)}`, { changed });
    store.select(first);
  }

  /** Ids of the visible objects around a mask, without `own`. @param {readonly string[]} own @param {import("../../geometry/rle.js").Region} box */
  function neighbours(own, [x, y, w, h]) {
    return store
      .list()
      .filter(({ id, bbox }) => !own.includes(id) && store.isVisible(id) && bbox[0] < x + w && bbox[1] < y + h && bbox[0] + bbox[2] > x && bbox[1] + bbox[3] > y)
      .map(({ id }) => id);
  }

  /** Takes the selected objects' pixels away from all others. */
  function subtractFromNeighbours() {
    const ids = [...store.selection];
    if (!ids.length) return void chosen();
    const spans = ids.map(masks.spansOf).reduce(union);
    const around = neighbours(ids, masks.maskOf(spans).bbox).filter((id) => intersect(masks.spansOf(id), spans).length);
    take(masks.editable(around), spans, "Subtract from");
  }

  /** Takes all others' pixels away from the selected objects. */
  function subtractNeighbours() {
    const ids = chosen();
    if (!ids.length) return;
    const around = neighbours(store.selection, masks.maskOf(ids.map(masks.spansOf).reduce(union)).bbox);
    const spans = around.map(masks.spansOf).reduce(union, /** @type {Spans} */ ([]));
    take(ids.filter((id) => intersect(masks.spansOf(id), spans).length), spans, "Cut the neighbours out of");
  }

  /** @param {readonly string[]} ids @param {Spans} spans @param {string} action */
  function take(ids, spans, action) {
    /** @type {Map<string, Mask>} */
    const changed = new Map();
    let covered = 0;
    for (const id of ids) {
      const rest = subtract(masks.spansOf(id), spans);
      if (rest.length) changed.set(id, masks.maskOf(rest));
      else covered++;
    }
    if (covered) toasts.info(covered === 1 ? "One object is covered as a whole" : `${covered} objects are covered as a whole`, "It was left as it is.");
    if (changed.size) edits.changeMasks(`${action} ${names([...changed.keys()])}`, { changed });
    else if (!covered) toasts.info("No neighbour overlaps");
  }

  /** The larger piece stays the object, the others become objects with its label. @param {string} id @param {Spans[]} pieces @param {string} action */
  function divide(id, pieces, action) {
    const [first, ...rest] = pieces.toSorted((a, b) => areaOf(b) - areaOf(a));
    const added = rest.map((spans) => ({ from: id, mask: masks.maskOf(spans) }));
    const made = edits.changeMasks(`${action} ${names([id])}`, { changed: new Map([[id, masks.maskOf(first)]]), added });
    store.selectAll([id, ...made]);
  }

  /** Divides the selected object along a line; without one, the object under the line. @param {{x: number, y: number}} from @param {{x: number, y: number}} to */
  function splitAlong(from, to) {
    const id = store.selected ?? mostUnder(from, to);
    if (!id) return void toasts.info("There is no object under the line", "Draw it across an object.");
    if (!masks.editable([id]).length) return;
    const halves = split(masks.spansOf(id), from, to, image);
    if (halves) divide(id, halves, "Split");
    else toasts.info("The line does not divide the object", "Draw it right through, from one side to the other.");
  }

  /** The object in which most of the line lies. @param {{x: number, y: number}} from @param {{x: number, y: number}} to */
  function mostUnder(from, to) {
    const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y)) + 1;
    /** @type {Map<string, number>} */
    const met = new Map();
    for (let k = 0; k <= steps; k++) {
      const part = k / steps;
      for (const id of masks.under(from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part)) met.set(id, (met.get(id) ?? 0) + 1);
    }
    return [...met].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
  }

  /** Each connected part becomes an object of its own. */
  function separate() {
    const id = chosen().at(-1);
    if (!id) return;
    const parts = partsOf(masks.spansOf(id), height);
    if (parts.length < 2) return void toasts.info("The object has one part only");
    if (parts.length > MAX_PARTS) return void toasts.info(`The object has ${parts.length} parts`, "Remove the specks first.");
    divide(id, parts, "Separate");
  }

  return {
    merge,
    subtractFromNeighbours,
    subtractNeighbours,
    splitAlong,
    separate,
    fillHoles: () => each("Fill holes of", (spans) => fillHoles(spans, height), "There are no holes"),
    removeSpecks: () => each("Remove specks of", (spans) => removeSpecks(spans, height, options.values.speck), `There are no parts of fewer than ${options.values.speck} pixels`),
    grow: () => each("Grow", (spans) => grow(spans, options.values.amount, image), "The object fills the image already"),
    shrink: () => each("Shrink", (spans) => shrink(spans, options.values.amount, image), "Nothing changes"),
    smooth: () => each("Smooth", (spans) => smooth(spans, options.values.amount, image), "It is smooth already"),
    /** Ids of the visible objects that have a pixel in a box. @param {{x0: number, y0: number, x1: number, y1: number}} box */
    within({ x0, y0, x1, y1 }) {
      const [left, top] = [Math.floor(x0), Math.floor(y0)];
      /** @type {import("../../geometry/rle.js").Region} */
      const region = [left, top, Math.min(image.width, Math.ceil(x1)) - left, Math.min(height, Math.ceil(y1)) - top];
      return neighbours([], region).filter((id) => inBox(id, region));
    },
  };

  /** @param {string} id @param {import("../../geometry/rle.js").Region} region */
  function inBox(id, region) {
    const [x, y, w, h] = region;
    const [bx, by, bw, bh] = store.get(id)?.bbox ?? [0, 0, 0, 0];
    if (bx >= x && by >= y && bx + bw <= x + w && by + bh <= y + h) return true;
    return intersect(masks.spansOf(id), rectangle(region, height)).length > 0;
  }
}
