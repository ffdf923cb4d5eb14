/**
 * Objects copied on one image and put on this or another, also in another tab. Each paste is one step to undo.
 * @module pages/annotate/clipboard
 */
import { placeSpans } from "../../geometry/place.js";
import { measureSpans, rleFromSpans, spansFromRle } from "../../geometry/spans.js";
import { boxOf } from "../../geometry/spans.js";

/** @typedef {import("../../net/types.js").Annotation} Annotation */
/** @typedef {Pick<Annotation, "rle" | "attributes" | "source" | "model"> & {label: string}} Copied label: its name, since another project has others */
/** @typedef {{image: number, objects: Copied[]}} Clip */

/**
 * @typedef {object} ClipboardContext
 * @property {{id: number, width: number, height: number}} image
 * @property {import("../../core/store.js").Store} store
 * @property {import("./annotation_edits.js").AnnotationEdits} edits
 * @property {import("../../tools/registry.js").ToolRegistry} tools
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {() => {x: number, y: number} | null} pointer where it is over the image, image pixels
 * @property {(clip: Clip) => boolean} propagate takes objects to the next image; false when they are too many
 * @property {() => Pick<Storage, "getItem" | "setItem">} storage may throw where the browser keeps nothing
 */

const KEY = "segweb-clipboard";
/** A paste onto the same image is moved by this where no pointer says where to. */
const ASIDE = 12;
const WITHOUT_PROMPTS = { prompts: null, candidate: null, score: null };

/** @param {number} count @param {string} [word] */
const counted = (count, word = "object") => (count === 1 ? `1 ${word}` : `${count} ${word}s`);

/** @param {any} clip @returns {Clip | null} null for what was never copied here */
export function readClip(clip) {
  if (!Array.isArray(clip?.objects)) return null;
  const objects = clip.objects.filter(
    (/** @type {any} */ one) => typeof one?.rle?.counts === "string" && one.rle.size?.length === 2 && one.rle.size.every((/** @type {unknown} */ side) => Number.isInteger(side) && Number(side) > 0),
  );
  return objects.length ? { image: clip.image, objects } : null;
}

/** @typedef {ReturnType<typeof createClipboard>} Clipboard */

/** @param {ClipboardContext} context */
export function createClipboard({ image, store, edits, tools, toasts, pointer, propagate, storage }) {
  /** @returns {Clip | null} */
  function selected() {
    const chosen = store.selection.flatMap((id) => store.get(id) ?? []);
    if (!chosen.length) return null;
    const copied = chosen.map(({ rle, attributes, source, model, label }) => ({ rle, attributes, source, model, label: store.label(label)?.name ?? "" }));
    return { image: image.id, objects: copied };
  }

  /** @param {Clip} clip */
  function moved(clip) {
    if (clip.image !== image.id) return { dx: 0, dy: 0 };
    const at = pointer();
    if (!at) return { dx: ASIDE, dy: ASIDE };
    const boxes = clip.objects.map(({ rle }) => boxOf(spansFromRle(rle), rle.size[0]));
    const [x0, y0] = [Math.min(...boxes.map(([x]) => x)), Math.min(...boxes.map(([, y]) => y))];
    const [x1, y1] = [Math.max(...boxes.map(([x, , w]) => x + w)), Math.max(...boxes.map(([, y, , h]) => y + h))];
    return { dx: Math.round(at.x - (x0 + x1) / 2), dy: Math.round(at.y - (y0 + y1) / 2) };
  }

  /** @param {Clip} clip @param {string} action */
  function put(clip, action) {
    const by = moved(clip);
    let cut = 0;
    const contents = clip.objects.flatMap(({ rle, label, attributes, source, model }) => {
      const placed = placeSpans(spansFromRle(rle), rle.size[0], image, by);
      if (placed.cut) cut++;
      const own = store.labels.find(({ name }) => name === label)?.id ?? store.activeLabel;
      if (!placed.spans.length || own === null) return [];
      return [{ label: own, attributes, model, rle: rleFromSpans(placed.spans, image), ...measureSpans(placed.spans, image.height), ...WITHOUT_PROMPTS, source }];
    });
    const lost = clip.objects.length - contents.length;
    if (!store.labels.length) return void toasts.info("The project has no label yet", "Make one, then paste again.");
    if (!contents.length) return void toasts.info("Nothing was pasted", "All of it would lie outside this image.");
    const ids = edits.add(`${action} ${counted(contents.length)}`, contents);
    if (!tools.active?.keepsSelection) tools.use("select");
    store.selectAll(ids);
    if (cut) toasts.info(`${counted(contents.length)} pasted`, cutSummary(clip, cut - lost, lost));
  }

  /** @param {Clip} clip @param {number} cut @param {number} lost */
  function cutSummary({ objects: [{ rle }] }, cut, lost) {
    const [height, width] = rle.size;
    const other = width !== image.width || height !== image.height ? `The image they come from has another size (${width} × ${height}). ` : "";
    const parts = [cut && `${cut} cut off at the edge`, lost && `${lost} left out, outside this image`].filter(Boolean);
    return `${other}${parts.join(", ")}.`;
  }

  return {
    /** False when nothing is selected, so that the browser copies text. */
    copy() {
      const clip = selected();
      if (!clip) return false;
      try {
        storage().setItem(KEY, JSON.stringify(clip));
      } catch {
        toasts.error("The objects could not be copied", "They are too large for the browser's storage, or it is switched off. Copy fewer at a time.");
        return true;
      }
      toasts.info(`${counted(clip.objects.length)} copied`, "Ctrl+V puts them on this or another image.");
      return true;
    },
    paste() {
      let clip = null;
      try {
        clip = readClip(JSON.parse(storage().getItem(KEY) ?? "null"));
      } catch {
        // What cannot be read was not copied.
      }
      if (clip) put(clip, "Paste");
      else toasts.info("Nothing was copied yet", "Select objects and press Ctrl+C.");
    },
    propagate() {
      const clip = selected();
      if (!clip) toasts.info("No object is selected", "Select those that the next image has, too.");
      else if (!propagate(clip)) toasts.error("The objects could not be taken along", "They are too large for the browser's storage. Take fewer at a time.");
    },
    /** Puts down what was taken along from another image. @param {Clip | null} clip */
    arrive(clip) {
      const known = readClip(clip);
      if (known) put(known, "Propagate");
    },
  };
}
