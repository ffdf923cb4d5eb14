/**
 * Paints the saved objects: tint and crisp outline, the selected one stronger.
 * @module canvas/masks
 */
import { UNLABELLED, withAlpha } from "./colors.js";

/** @typedef {import("../net/types.js").Annotation} Annotation */
/** @typedef {{except: string | null, faint: boolean}} Focus an object that is being reworked; whether something else matters now */

/** New shapes are made for so long in one frame; the rest follow in the next. */
const BUDGET_MS = 12;
const TINT = { faint: 0.12, normal: 0.34, more: 0.22 };

/**
 * @param {import("./surface.js").Surface} surface
 * @param {import("./view.js").View} view
 * @param {import("../core/store.js").Store} store
 * @param {import("./shapes.js").Shapes} shapes
 * @param {Focus} focus
 * @returns {{complete: boolean, work: number}} whether all are painted, and how many points that took
 */
export function paintMasks(surface, view, store, shapes, focus) {
  const start = performance.now();
  const seen = view.visible();
  let work = 0;
  for (const annotation of store.list()) {
    if (!isShown(annotation, store, seen, focus.except)) continue;
    if (!shapes.has(annotation) && performance.now() - start > BUDGET_MS) return { complete: false, work };
    work += shapes.get(annotation).work(view.scale);
    paintOne(surface, view, store, shapes, annotation, focus.faint ? TINT.faint : TINT.normal);
  }
  return { complete: true, work };
}

/**
 * Paints the selected and the hovered object once more, stronger, over the others.
 * @param {import("./surface.js").Surface} surface
 * @param {import("./view.js").View} view
 * @param {import("../core/store.js").Store} store
 * @param {import("./shapes.js").Shapes} shapes
 * @param {Focus} focus
 */
export function paintEmphasis(surface, view, store, shapes, focus) {
  const seen = view.visible();
  for (const id of new Set([store.hovered, ...store.selection])) {
    const annotation = id ? store.get(id) : undefined;
    if (annotation && isShown(annotation, store, seen, focus.except)) {
      paintOne(surface, view, store, shapes, annotation, TINT.more);
    }
  }
}

/**
 * @param {Annotation} annotation
 * @param {import("../core/store.js").Store} store
 * @param {{x0: number, y0: number, x1: number, y1: number}} seen
 * @param {string | null} except
 */
function isShown(annotation, store, seen, except) {
  return annotation.id !== except && store.isVisible(annotation.id) && overlaps(annotation, seen);
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
 * @param {number} tint
 */
function paintOne(surface, view, store, shapes, annotation, tint) {
  const { context } = surface;
  const color = store.label(annotation.label)?.color ?? UNLABELLED;
  const path = shapes.get(annotation).path(view.scale);
  const selected = store.isSelected(annotation.id);
  surface.toImage(view);
  context.fillStyle = withAlpha(color, tint);
  context.fill(path, "evenodd");
  context.lineJoin = "round";
  if (selected) {
    stroke(context, path, "rgb(0 0 0 / 0.65)", 5 / view.scale);
    stroke(context, path, "#fff", 3 / view.scale);
  }
  stroke(context, path, color, (tint === TINT.more ? 1.75 : 1.5) / view.scale);
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {string} style @param {number} width */
export function stroke(context, path, style, width) {
  context.strokeStyle = style;
  context.lineWidth = width;
  context.stroke(path);
}
