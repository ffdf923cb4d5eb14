/**
 * Masks that people edit: from the tools' shapes to changed objects, each action one step to undo.
 * @module pages/annotate/masks
 */
import { measureSpans, rleFromSpans, spansFromRle, subtract, union } from "../../geometry/spans.js";
import { strokeSpans } from "../../geometry/stroke.js";

/** @typedef {import("../../geometry/spans.js").Spans} Spans */
/** @typedef {import("../../net/types.js").Annotation} Annotation */

/**
 * @typedef {object} MasksContext
 * @property {{width: number, height: number}} image
 * @property {import("../../core/store.js").Store} store
 * @property {import("./annotation_edits.js").AnnotationEdits} edits
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {() => Promise<number | null>} ask for a label, when the project has none
 * @property {(x: number, y: number) => string[]} hitTest ids of visible objects there, the one in front first
 */

/** @typedef {ReturnType<typeof createMasks>} Masks */

/** @param {MasksContext} context */
export function createMasks({ image, store, edits, toasts, ask, hitTest }) {
  /** @param {Spans} spans */
  const maskOf = (spans) => ({ rle: rleFromSpans(spans, image), ...measureSpans(spans, image.height) });

  /** @param {number | null} label */
  const nameOf = (label) => store.label(label)?.name ?? "object";

  function reportLocked() {
    toasts.info("The object is locked", "Unlock it in the list or with L to change it.");
  }

  /** The mask of an object. @param {string} id @returns {Spans} */
  function spansOf(id) {
    const annotation = store.get(id);
    return annotation ? spansFromRle(annotation.rle) : [];
  }

  /** The object under an eraser that has nothing selected. @param {{x: number, y: number}} pointer */
  function underneath({ x, y }) {
    const id = hitTest(x, y).find((hit) => !store.isLocked(hit)) ?? null;
    if (id) store.select(id);
    else toasts.info("There is nothing to erase here", "Begin on an object, or select one first.");
    return id ? { id } : null;
  }

  /**
   * Replaces an object's mask; an empty one deletes the object.
   * @param {string} id
   * @param {Spans} spans
   * @param {string} action
   * @param {string} [source]
   */
  function replace(id, spans, action, source) {
    const annotation = store.get(id);
    if (!annotation) return;
    const mask = spans.length ? maskOf(spans) : null;
    if (mask?.rle.counts === annotation.rle.counts) return;
    const name = `${mask ? action : "Delete"} ${nameOf(annotation.label)}`;
    edits.changeMasks(name, { changed: new Map([[id, mask]]), source });
  }

  /** A new object with the current label; its id. @param {Spans} spans @param {string} source */
  async function add(spans, source) {
    if (!spans.length) return null;
    const label = store.activeLabel ?? (await ask());
    if (label === null) return null;
    return edits.create({ label, ...maskOf(spans), prompts: null, candidate: null, score: null, model: "" }, source);
  }

  return {
    maskOf,
    spansOf,
    nameOf,
    replace,
    add,
    /** Of these objects those that may be changed; tells when some may not. @param {readonly string[]} ids */
    editable(ids) {
      const free = ids.filter((id) => store.get(id) && !store.isLocked(id));
      if (free.length < ids.length) reportLocked();
      return free;
    },
    /** What a stroke from here on changes; null refuses it. @param {{x: number, y: number}} pointer @param {boolean} erase @returns {{id: string | null} | null} */
    target(pointer, erase) {
      const id = store.selected;
      if (id && store.isLocked(id)) return reportLocked(), null;
      if (!id && erase) return underneath(pointer);
      return { id };
    },
    /** @param {import("../../tools/brush.js").Stroke} stroke */
    async paint({ dabs, shape, erase, id }) {
      const stroke = strokeSpans(dabs, shape, image);
      if (id === null || !store.get(id)) {
        const made = await add(stroke, "brush");
        if (made) store.select(made);
        return;
      }
      // The mask as it is now: what others did during the stroke stays.
      const before = spansOf(id);
      replace(id, erase ? subtract(before, stroke) : union(before, stroke), erase ? "Erase from" : "Paint", "brush");
    },
    /** Ids of the visible objects at a place, the one in front first. @param {number} x @param {number} y */
    under: hitTest,
  };
}
