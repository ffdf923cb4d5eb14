/**
 * From a finished prompt session to a saved object.
 * @module pages/annotate/accept
 */
import { measureRuns } from "../../geometry/outline.js";
import { decodeCounts } from "../../geometry/rle.js";
import { rleOf } from "./decoders.js";

/**
 * @typedef {object} AcceptContext
 * @property {{width: number, height: number}} image
 * @property {import("../../core/store.js").Store} store
 * @property {import("./annotation_edits.js").AnnotationEdits} edits
 * @property {string} model
 * @property {() => Promise<number | null>} ask for a label, when the project has none
 * @property {import("../../ui/toast.js").Toasts} toasts
 */

/** @param {AcceptContext} context */
export function createAccept({ image, store, edits, model, ask, toasts }) {
  /** @param {import("../../tools/prompt_controller.js").Finished} finished */
  return async function accept({ candidate, prompts, editing }) {
    const label = store.activeLabel ?? (await ask());
    if (label === null) return false;
    const rle = rleOf(candidate, image);
    const { bbox, area } = measureRuns(decodeCounts(rle.counts), image.height);
    if (area === 0) {
      toasts.info("The mask is empty", "It covers no pixel of the image. Add a point or draw a box.");
      return false;
    }
    const { maskIndex, score, model: maker = model } = candidate;
    const content = { label, rle, bbox, area, prompts, candidate: maskIndex, score, model: maker };
    if (editing && store.get(editing)) edits.rework(editing, content);
    else edits.create(content);
    return true;
  };
}
