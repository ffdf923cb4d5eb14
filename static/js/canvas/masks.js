/**
 * Paints the saved objects: tint and crisp outline, the selected one stronger.
 * @module canvas/masks
 */
import { UNLABELLED, withAlpha } from "./colors.js";

/** @typedef {import("../net/types.js").Annotation} Annotation */

/** New shapes are made for so long in one frame; the rest follow in the next. */
const BUDGET_MS = 12;

/**
 * @param {import("./surface.js").Surface} surface
 * @param {import("./view.js").View} view
 * @param {import("../core/store.js").Store} store
 * @param {import("./shapes.js").Shapes} shapes
 * @param {string | null} except an object that is being reworked
 * @returns {boolean} whether all are painted
 */
export function paintMasks(surface, view, store, shapes, except) {
  const start = performance.now();
  const seen = view.visible();
  /** @type {Annotation[]} */
  const emphasised = [];
  for (const annotation of store.list()) {
    if (annotation.id === except || !store.isVisible(annotation.id) || !overlaps(annotation, seen)) continue;
    if (!shapes.has(annotation) && performance.now() - start > BUDGET_MS) return false;
    if (annotation.id === store.selected || annotation.id === store.hovered) emphasised.push(annotation);
    else paintOne(surface, view, store, shapes, annotation, false);
  }
  for (const annotation of emphasised) paintOne(surface, view, store, shapes, annotation, true);
  return true;
}

/** @param {Annotation} annotation @param {{x0: number, y0: number, x1: number, y1: number}} seen */
function overlaps({ bbox: [x, y, w, h] }, seen) {
  return x < seen.x1 && y < seen.y1 && x + w > seen.x0 && y + h > seen.y0;
}

/**
 * @param {import("./surface.js").Surface} surface
 * @param {import("./view.js").View} view
 * @param {import("../core/store.js").Store} store
 * @param {import("./shapes.js").Shapes} shapes
 * @param {Annotation} annotation
 * @param {boolean} strong
 */
function paintOne(surface, view, store, shapes, annotation, strong) {
  const { context } = surface;
  const color = store.label(annotation.label)?.color ?? UNLABELLED;
  const path = shapes.get(annotation).path(view.scale);
  const selected = annotation.id === store.selected;
  surface.toImage(view);
  context.fillStyle = withAlpha(color, strong ? 0.5 : 0.34);
  context.fill(path, "evenodd");
  context.lineJoin = "round";
  if (selected) {
    stroke(context, path, "rgb(0 0 0 / 0.65)", 5 / view.scale);
    stroke(context, path, "#fff", 3 / view.scale);
  }
  stroke(context, path, color, (strong ? 1.75 : 1.5) / view.scale);
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {string} style @param {number} width */
export function stroke(context, path, style, width) {
  context.strokeStyle = style;
  context.lineWidth = width;
  context.stroke(path);
}
