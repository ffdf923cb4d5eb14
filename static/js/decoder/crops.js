/**
 * Crops: a person who is zoomed in on a large image points at an embedding of what they see. Until that is there, and
 * where a prompt lies outside it, the whole image's serves. One object is made in one frame from its first prompt on; where
 * a later prompt leaves the frame, all of its prompts are decoded anew on the whole.
 * @module decoder/crops
 */
import { createLatest } from "../core/latest.js";
import { contains, cropWindowFor } from "../geometry/crop_window.js";

/** @typedef {import("../tools/types.js").Decoder} Decoder */
/** @typedef {import("../tools/types.js").Prompts} Prompts */
/** @typedef {import("../tools/types.js").Result} Result */
/** @typedef {import("../geometry/crop_window.js").CropWindow} CropWindow */
/** @typedef {ReturnType<typeof createCrops>} Crops */

/** A view that moves on at once is not worth an embedding. */
const REST_MS = 350;
/** The decoder's worker holds one more. */
const MAX_LOADED = 3;
const AGAIN_MS = 4000;
/** So many times as large a view has things in it that the crop before would cut off. */
const MUCH = 1.5;
const MAX_TRIES = 3;

/** @param {CropWindow} crop */
const largest = ([, , width, height]) => Math.max(width, height);

/**
 * @param {object} context
 * @param {{id: number, width: number, height: number}} context.image
 * @param {() => import("../geometry/crop_window.js").Rect} context.visible
 * @param {(listener: () => void) => void} context.onView
 * @param {(crop: CropWindow) => Promise<ArrayBuffer>} context.fetch the crop's embedding, waiting for it to be made
 * @param {(crop: CropWindow) => Promise<void>} context.make for the server's decoder: resolves once it is there
 * @param {() => void} context.changed `current` is another one
 */
export function createCrops({ image, visible, onView, fetch, make, changed }) {
  /** @type {Map<string, Promise<boolean>>} crops that the decoder has, or is about to have; the last used last */
  let loaded = new Map();
  /** @type {Decoder | null} */
  let below = null;
  /** @type {Decoder | null} */
  let wrapper = null;
  /** @type {CropWindow | null} what new objects are made in */
  let current = null;
  /** @type {CropWindow | null} what is in view */
  let wanted = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let tries = 0;
  const views = createLatest();

  /** @param {CropWindow} crop */
  async function bring(crop) {
    const decoder = /** @type {Decoder} */ (below);
    if (!decoder.loadCrop) return make(crop);
    const bytes = await fetch(crop);
    await decoder.loadCrop(crop, bytes);
  }

  /** Whether the decoder has the crop, once that is known. @param {CropWindow} crop */
  function ensure(crop) {
    const key = String(crop);
    const at = loaded;
    const known = at.get(key);
    const loading = known ?? bring(crop).then(
      () => true,
      (error) => {
        console.warn("The crop is not available", error);
        at.delete(key);
        return false;
      },
    );
    at.delete(key);
    at.set(key, loading);
    for (const oldest of at.keys()) {
      if (at.size <= MAX_LOADED) break;
      at.delete(oldest);
    }
    return loading;
  }

  async function settle() {
    wanted = below ? cropWindowFor(visible(), image) : null;
    if (String(wanted) === String(current)) return;
    dropIfSmall();
    const isLatest = views.next();
    const mine = wanted;
    const there = mine !== null && (await ensure(mine));
    if (!isLatest()) return;
    if (there) {
      tries = 0;
      current = mine;
      changed();
    } else if (mine && ++tries < MAX_TRIES) timer = setTimeout(() => void settle(), AGAIN_MS);
  }

  /** What was in view before serves until the next is there, but for things that would reach beyond it. */
  function dropIfSmall() {
    if (!current || (wanted && largest(wanted) <= MUCH * largest(current))) return;
    current = null;
    changed();
  }

  function viewChanged() {
    clearTimeout(timer);
    views.cancel();
    tries = 0;
    wanted = below ? cropWindowFor(visible(), image) : null;
    dropIfSmall();
    timer = setTimeout(() => void settle(), REST_MS);
  }

  /** The frame for prompts; `undefined` in them lets it be chosen. @param {Prompts} prompts @param {boolean} wait */
  async function frameOf(prompts, wait) {
    const crop = prompts.region === undefined ? current : prompts.region;
    if (!crop || !contains(crop, prompts)) return null;
    if (!wait && !loaded.has(String(crop))) return null;
    return (await ensure(crop)) ? crop : null;
  }

  /** @param {"preview" | "commit"} method @param {Prompts} prompts @returns {Promise<Result | null>} */
  async function ask(method, { region: given, ...prompts }) {
    const decoder = /** @type {Decoder} */ (below);
    const crop = await frameOf({ ...prompts, region: given }, method === "commit");
    if (!crop) return whole(decoder, method, prompts);
    try {
      const result = await decoder[method]({ ...prompts, region: crop });
      return result && { ...result, crop, candidates: result.candidates.map((each) => (each.logits ? { ...each, crop } : each)) };
    } catch (error) {
      console.warn("The crop could not be decoded; the whole image is", error);
      loaded.delete(String(crop));
      return whole(decoder, method, prompts);
    }
  }

  /** @param {Decoder} decoder @param {"preview" | "commit"} method @param {Prompts} prompts @returns {Promise<Result | null>} */
  async function whole(decoder, method, prompts) {
    const result = await decoder[method](prompts);
    return result && { ...result, crop: null };
  }

  /** @param {Decoder} decoder @returns {Decoder} */
  function wrap(decoder) {
    return {
      get kind() {
        return decoder.kind;
      },
      get detail() {
        return decoder.detail;
      },
      load: decoder.load,
      preview: (prompts) => ask("preview", prompts),
      commit: (prompts) => /** @type {Promise<Result>} */ (ask("commit", prompts)),
      dispose: decoder.dispose,
    };
  }

  onView(viewChanged);

  return {
    /** The decoder with crops. @param {Decoder} decoder @returns {Decoder} */
    over(decoder) {
      if (decoder !== below || !wrapper) {
        below = decoder;
        wrapper = wrap(decoder);
        loaded = new Map();
        current = null;
        viewChanged();
      }
      return wrapper;
    },
    /** What new objects are made in; null for the whole image. */
    get current() {
      return current;
    },
  };
}
