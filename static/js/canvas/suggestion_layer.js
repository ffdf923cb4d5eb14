/**
 * Suggestions: masks that are offered and not yet annotations. A tint and a crisp outline of each, the hovered one stronger.
 * @module canvas/suggestion_layer
 */
import { createCachedLayer } from "./cached_layer.js";
import { withAlpha } from "./colors.js";
import { stroke } from "./masks.js";
import { createMaskPath } from "./mask_paths.js";

/**
 * @typedef {object} Suggestion
 * @property {import("../net/types.js").Rle} rle
 * @property {[number, number, number, number]} bbox
 * @property {number} area
 * @property {string} color what it is tinted with
 */

/** @typedef {{items: readonly Suggestion[], hovered: Suggestion | null, color: string}} Suggestions color: that of the label to take one with */
/** @typedef {import("./mask_paths.js").MaskPath} MaskPath */

/** New paths are made for so long in one frame; the rest follow in the next. */
const BUDGET_MS = 12;

/** The paths of suggestions, made when first needed. @param {import("./mask_paths.js").Decode} decode */
export function createSuggestionPaths(decode) {
  /** @type {WeakMap<Suggestion, MaskPath>} */
  const made = new WeakMap();
  return {
    /** @param {Suggestion} suggestion @returns {MaskPath} */
    get(suggestion) {
      let maskPath = made.get(suggestion);
      if (!maskPath) made.set(suggestion, (maskPath = createMaskPath(suggestion, decode)));
      return maskPath;
    },
    /** @param {Suggestion} suggestion */
    has: (suggestion) => made.has(suggestion),
  };
}

/** @typedef {ReturnType<typeof createSuggestionPaths>} SuggestionPaths */

/**
 * The smallest suggestion at a point.
 * @template {Suggestion} S
 * @param {readonly S[]} suggestions
 * @param {SuggestionPaths} paths
 * @param {number} x
 * @param {number} y
 * @returns {S | null}
 */
export function suggestionAt(suggestions, paths, x, y) {
  /** @type {S | null} */
  let best = null;
  for (const suggestion of suggestions) {
    if ((!best || suggestion.area < best.area) && paths.get(suggestion).contains(x, y)) best = suggestion;
  }
  return best;
}

/**
 * @param {import("./view.js").View} view
 * @param {SuggestionPaths} paths
 * @param {() => void} repaint
 */
export function createSuggestionLayer(view, paths, repaint) {
  /** @type {readonly Suggestion[] | null} */
  let painted = null;
  let incomplete = false;
  /** @type {ReturnType<typeof createCachedLayer<readonly Suggestion[]>>} */
  const layer = createCachedLayer(view, repaint, (surface, items) => {
    const result = paintAll(surface, view, paths, items);
    incomplete = !result.complete;
    return result;
  });
  return {
    /** @param {import("./surface.js").Surface} target @param {Suggestions} suggestions */
    draw(target, { items, hovered, color }) {
      const changed = items !== painted || incomplete;
      painted = items;
      layer.draw(target, items, changed);
      if (hovered) paintHovered(target, view, paths.get(hovered).path(view.scale), color);
    },
  };
}

/**
 * @param {import("./surface.js").Surface} surface
 * @param {import("./view.js").View} view
 * @param {SuggestionPaths} paths
 * @param {readonly Suggestion[]} items
 */
function paintAll(surface, view, paths, items) {
  const start = performance.now();
  const { context } = surface;
  let work = 0;
  surface.toImage(view);
  context.lineJoin = "round";
  for (const suggestion of items) {
    if (!paths.has(suggestion) && performance.now() - start > BUDGET_MS) return { complete: false, work };
    const maskPath = paths.get(suggestion);
    const path = maskPath.path(view.scale);
    work += maskPath.work(view.scale);
    context.fillStyle = withAlpha(suggestion.color, 0.28);
    context.fill(path, "evenodd");
    stroke(context, path, "rgb(0 0 0 / 0.55)", 2.5 / view.scale);
    stroke(context, path, "rgb(255 255 255 / 0.85)", 1 / view.scale);
  }
  return { complete: true, work };
}

/**
 * @param {import("./surface.js").Surface} surface
 * @param {import("./view.js").View} view
 * @param {Path2D} path
 * @param {string} color
 */
function paintHovered(surface, view, path, color) {
  const { context } = surface;
  surface.toImage(view);
  context.lineJoin = "round";
  context.fillStyle = withAlpha(color, 0.5);
  context.fill(path, "evenodd");
  stroke(context, path, "rgb(0 0 0 / 0.65)", 5 / view.scale);
  stroke(context, path, "#fff", 2.5 / view.scale);
}
