/**
 * Ghosts: masks that are offered and not yet objects. A tint and a crisp outline of each, the hovered one stronger.
 * @module canvas/ghosts
 */
import { createCachedLayer } from "./cached_layer.js";
import { withAlpha } from "./colors.js";
import { stroke } from "./masks.js";
import { createShape } from "./shapes.js";

/**
 * @typedef {object} Ghost
 * @property {import("../net/types.js").Rle} rle
 * @property {[number, number, number, number]} bbox
 * @property {number} area
 * @property {string} color what it is tinted with
 * @property {number} [score] how sure it is, where that is known
 */

/** @typedef {{items: readonly Ghost[], hovered: Ghost | null, color: string}} Ghosts color: that of the label to take one with */
/** @typedef {import("./shapes.js").Shape} Shape */

/** New shapes are made for so long in one frame; the rest follow in the next. */
const BUDGET_MS = 12;

/** The shapes of ghosts, made when first needed. @param {import("./shapes.js").Decode} decode */
export function createGhostShapes(decode) {
  /** @type {WeakMap<Ghost, Shape>} */
  const made = new WeakMap();
  return {
    /** @param {Ghost} ghost @returns {Shape} */
    get(ghost) {
      let shape = made.get(ghost);
      if (!shape) made.set(ghost, (shape = createShape(ghost, decode)));
      return shape;
    },
    /** @param {Ghost} ghost */
    has: (ghost) => made.has(ghost),
  };
}

/** @typedef {ReturnType<typeof createGhostShapes>} GhostShapes */

/**
 * The smallest ghost at a point.
 * @param {readonly Ghost[]} ghosts
 * @param {GhostShapes} shapes
 * @param {number} x
 * @param {number} y
 * @returns {Ghost | null}
 */
export function ghostAt(ghosts, shapes, x, y) {
  /** @type {Ghost | null} */
  let best = null;
  for (const ghost of ghosts) {
    if ((!best || ghost.area < best.area) && shapes.get(ghost).contains(x, y)) best = ghost;
  }
  return best;
}

/**
 * @param {import("./view.js").View} view
 * @param {GhostShapes} shapes
 * @param {() => void} repaint
 */
export function createGhostLayer(view, shapes, repaint) {
  /** @type {readonly Ghost[] | null} */
  let painted = null;
  let incomplete = false;
  /** @type {ReturnType<typeof createCachedLayer<readonly Ghost[]>>} */
  const layer = createCachedLayer(view, repaint, (surface, items) => {
    const result = paintAll(surface, view, shapes, items);
    incomplete = !result.complete;
    return result;
  });
  return {
    /** @param {import("./surface.js").Surface} target @param {Ghosts} ghosts */
    draw(target, { items, hovered, color }) {
      const changed = items !== painted || incomplete;
      painted = items;
      layer.draw(target, items, changed);
      if (hovered) paintHovered(target, view, shapes.get(hovered).path(view.scale), color);
    },
  };
}

/**
 * @param {import("./surface.js").Surface} surface
 * @param {import("./view.js").View} view
 * @param {GhostShapes} shapes
 * @param {readonly Ghost[]} items
 */
function paintAll(surface, view, shapes, items) {
  const start = performance.now();
  const { context } = surface;
  let work = 0;
  surface.toImage(view);
  context.lineJoin = "round";
  for (const ghost of items) {
    if (!shapes.has(ghost) && performance.now() - start > BUDGET_MS) return { complete: false, work };
    const shape = shapes.get(ghost);
    const path = shape.path(view.scale);
    work += shape.work(view.scale);
    context.fillStyle = withAlpha(ghost.color, 0.28);
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
