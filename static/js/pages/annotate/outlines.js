/**
 * Objects' outlines as polygons to edit, and polygons as objects. Turning a mask into a polygon of few corners loses a little;
 * so the mask itself stays as it is everywhere but where a corner was changed.
 * @module pages/annotate/outlines
 */
import { fillRings } from "../../geometry/fill.js";
import { grow } from "../../geometry/morphology.js";
import { simplifyRing } from "../../geometry/simplify.js";
import { snap } from "../../geometry/snap.js";
import { areaOf, difference, intersect, subtract, union } from "../../geometry/spans.js";

/** @typedef {import("../../tools/polygon.js").Outline} Outline */
/** @typedef {Outline & {counts: string, tolerance: number, filled: import("../../geometry/spans.js").Spans, off: number}} Known off: pixels in which it differs from the mask */

/** So many earlier outlines are remembered: an undo finds the very corners again. */
const KEEP = 60;

/**
 * @typedef {object} OutlinesContext
 * @property {{width: number, height: number}} image
 * @property {import("../../core/store.js").Store} store
 * @property {import("../../tools/options.js").ToolOptions} options
 * @property {import("../../canvas/mask_paths.js").MaskPaths} maskPaths
 * @property {import("./masks.js").Masks} masks
 * @property {import("../../ui/toast.js").Toasts} toasts
 */

/** @typedef {ReturnType<typeof createOutlines>} Outlines */

/** @param {OutlinesContext} context */
export function createOutlines({ image, store, options, maskPaths, masks, toasts }) {
  /** @type {Map<string, Known>} */
  const known = new Map();

  /** @param {string} id @param {string} counts @param {number[][]} rings */
  function remember(id, counts, rings) {
    const { tolerance } = options.values;
    const filled = fillRings(rings, image);
    const off = areaOf(difference(filled, masks.spansOf(id)));
    known.set(`${id} ${counts}`, { id, rings, counts, tolerance, filled, off });
    if (known.size > KEEP) known.delete(/** @type {string} */ (known.keys().next().value));
  }

  /** The outline of the selected object; null when nothing is selected that may be changed. @returns {Known | null} */
  function current() {
    const annotation = store.selected ? store.get(store.selected) : undefined;
    if (!annotation || store.isLocked(annotation.id) || !store.isVisible(annotation.id)) return null;
    const { counts } = annotation.rle;
    const key = `${annotation.id} ${counts}`;
    if (known.get(key)?.tolerance !== options.values.tolerance) {
      remember(annotation.id, counts, maskPaths.get(annotation).rings.map((ring) => simplifyRing(ring, options.values.tolerance)));
    }
    return known.get(key) ?? null;
  }

  return {
    current,
    /** @param {Outline} outline @param {number[][]} rings */
    reshape(outline, rings) {
      const before = known.get(`${outline.id} ${store.get(outline.id)?.rle.counts}`);
      if (!before) return;
      const filled = fillRings(rings, image);
      // Where the polygon changed, and as far around as its edge may have been off the mask's, the new one counts.
      const touched = grow(difference(before.filled, filled), Math.ceil(before.tolerance) + 1, image);
      const spans = union(subtract(masks.spansOf(outline.id), touched), intersect(filled, touched));
      if (!spans.length) return void toasts.info("The polygon covers no pixel", "Delete the object with Delete if it is not wanted.");
      masks.replace(outline.id, spans, "Reshape", "polygon");
      const after = store.get(outline.id);
      if (after) remember(outline.id, after.rle.counts, rings);
    },
    /** A new object from a drawn ring; false keeps the ring. @param {number[]} ring */
    async add(ring) {
      const spans = fillRings([ring], image);
      if (!spans.length) {
        toasts.info("The polygon covers no pixel", "It lies outside the image, or between the centres of its pixels.");
        return false;
      }
      return (await masks.add(spans, "polygon")) !== null;
    },
    /** Makes the simplified outline the mask itself, and says what that loses. */
    convert() {
      const outline = current();
      if (!outline || !outline.filled.length) return false;
      const area = areaOf(masks.spansOf(outline.id));
      const corners = outline.rings.reduce((sum, ring) => sum + ring.length / 2, 0);
      masks.replace(outline.id, outline.filled, "Convert", "polygon");
      const loss = outline.off ? `${outline.off} pixels of ${area} changed (${((100 * outline.off) / area).toFixed(1)} %).` : "No pixel changed.";
      const after = store.get(outline.id);
      if (after) remember(outline.id, after.rle.counts, outline.rings);
      toasts.info(`A polygon of ${corners} corners`, loss);
      return true;
    },
    /** @param {{x: number, y: number}} at @param {number} reach @param {string | null} except */
    snap(at, reach, except) {
      const near = store.list().filter(({ id, bbox: [x, y, w, h] }) =>
        id !== except && store.isVisible(id) && at.x >= x - reach && at.y >= y - reach && at.x <= x + w + reach && at.y <= y + h + reach);
      const border = [0, 0, image.width, 0, image.width, image.height, 0, image.height];
      return snap([border, ...near.flatMap((annotation) => maskPaths.get(annotation).rings)], at, reach);
    },
  };
}
