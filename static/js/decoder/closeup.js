/**
 * Close-ups: a person who is zoomed in on a large image points at an embedding of what they see. Until that is there, and
 * where a prompt lies outside it, the whole image's serves. One object is made in one frame from its first prompt on; where
 * a later prompt leaves the frame, all of its prompts are decoded anew on the whole.
 * @module decoder/closeup
 */
import { createLatest } from "../core/latest.js";
import { contains, regionFor } from "../geometry/closeups.js";

/** @typedef {import("../tools/types.js").Decoder} Decoder */
/** @typedef {import("../tools/types.js").Prompts} Prompts */
/** @typedef {import("../tools/types.js").Result} Result */
/** @typedef {import("../geometry/closeups.js").Region} Region */
/** @typedef {ReturnType<typeof createCloseups>} Closeups */

/** A view that moves on at once is not worth an embedding. */
const REST_MS = 350;
/** The decoder's worker holds one more. */
const MAX_LOADED = 3;
const AGAIN_MS = 4000;
/** So many times as large a view has things in it that the region before would cut off. */
const MUCH = 1.5;
const MAX_TRIES = 3;

/** @param {Region} region */
const largest = ([, , width, height]) => Math.max(width, height);

/**
 * @param {object} context
 * @param {{id: number, width: number, height: number}} context.image
 * @param {() => import("../geometry/closeups.js").Rect} context.visible
 * @param {(listener: () => void) => void} context.onView
 * @param {(region: Region) => Promise<ArrayBuffer>} context.fetch the region's embedding, waiting for it to be made
 * @param {(region: Region) => Promise<void>} context.make for the server's decoder: resolves once it is there
 * @param {() => void} context.changed `current` is another one
 */
export function createCloseups({ image, visible, onView, fetch, make, changed }) {
  /** @type {Map<string, Promise<boolean>>} regions that the decoder has, or is about to have; the last used last */
  let loaded = new Map();
  /** @type {Decoder | null} */
  let below = null;
  /** @type {Decoder | null} */
  let wrapper = null;
  /** @type {Region | null} what new objects are made in */
  let current = null;
  /** @type {Region | null} what is in view */
  let wanted = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let tries = 0;
  const views = createLatest();

  /** @param {Region} region */
  async function bring(region) {
    const decoder = /** @type {Decoder} */ (below);
    if (!decoder.loadRegion) return make(region);
    const bytes = await fetch(region);
    await decoder.loadRegion(region, bytes);
  }

  /** Whether the decoder has the region, once that is known. @param {Region} region */
  function ensure(region) {
    const key = String(region);
    const at = loaded;
    const known = at.get(key);
    const loading = known ?? bring(region).then(
      () => true,
      (error) => {
        console.warn("The close-up is not available", error);
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
    wanted = below ? regionFor(visible(), image) : null;
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
    wanted = below ? regionFor(visible(), image) : null;
    dropIfSmall();
    timer = setTimeout(() => void settle(), REST_MS);
  }

  /** The frame for prompts; `undefined` in them lets it be chosen. @param {Prompts} prompts @param {boolean} wait */
  async function frameOf(prompts, wait) {
    const region = prompts.region === undefined ? current : prompts.region;
    if (!region || !contains(region, prompts)) return null;
    if (!wait && !loaded.has(String(region))) return null;
    return (await ensure(region)) ? region : null;
  }

  /** @param {"preview" | "commit"} method @param {Prompts} prompts @returns {Promise<Result | null>} */
  async function ask(method, { region: given, ...prompts }) {
    const decoder = /** @type {Decoder} */ (below);
    const region = await frameOf({ ...prompts, region: given }, method === "commit");
    if (!region) return whole(decoder, method, prompts);
    try {
      const result = await decoder[method]({ ...prompts, region });
      return result && { ...result, region, candidates: result.candidates.map((each) => (each.logits ? { ...each, region } : each)) };
    } catch (error) {
      console.warn("The close-up could not be decoded; the whole image is", error);
      loaded.delete(String(region));
      return whole(decoder, method, prompts);
    }
  }

  /** @param {Decoder} decoder @param {"preview" | "commit"} method @param {Prompts} prompts @returns {Promise<Result | null>} */
  async function whole(decoder, method, prompts) {
    const result = await decoder[method](prompts);
    return result && { ...result, region: null };
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
    /** The decoder with close-ups. @param {Decoder} decoder @returns {Decoder} */
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
