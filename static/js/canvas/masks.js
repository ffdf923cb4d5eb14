/**
 * Paints the saved objects: tint and crisp outline, the selected one stronger.
 * @module canvas/masks
 */
import { UNLABELLED, withAlpha } from "./colors.js";

/** @typedef {import("../net/types.js").Annotation} Annotation */
/** @typedef {{x0: number, y0: number, x1: number, y1: number}} Rect image pixels */
/** @typedef {{except: string | null, faint: boolean}} Focus an object that is being reworked; whether something else matters now */

const TINT = { normal: 0.34, more: 0.22 };

/** @param {Annotation} annotation @param {import("../core/store.js").Store} store @param {string | null} except */
export function isShown(annotation, store, except) {
  return annotation.id !== except && store.isVisible(annotation.id);
}

/** @param {Annotation} annotation @param {Rect} rect */
export function overlaps({ bbox: [x, y, w, h] }, rect) {
  return x < rect.x1 && y < rect.y1 && x + w > rect.x0 && y + h > rect.y0;
}

/** @param {Annotation} annotation @param {import("../core/store.js").Store} store */
export function colorOf(annotation, store) {
  return store.label(annotation.label)?.color ?? UNLABELLED;
}

/**
 * An object among the others.
 * @param {CanvasRenderingContext2D} context one unit is one image pixel
 * @param {number} scale
 * @param {string} color
 * @param {Path2D} path
 * @param {number} tint how strong, 1 being the usual
 */
export function paintMask(context, scale, color, path, tint) {
  context.lineJoin = "round";
  fill(context, path, color, TINT.normal * tint);
  stroke(context, path, color, 1.5 / scale);
}

/**
 * Paints the selected and the hovered objects once more, stronger, over the others.
 * @param {import("./surface.js").Surface} surface
 * @param {import("./view.js").View} view
 * @param {import("../core/store.js").Store} store
 * @param {import("./mask_paths.js").MaskPaths} maskPaths
 * @param {Focus} focus
 * @param {number} tint
 */
export function paintEmphasis(surface, view, store, maskPaths, focus, tint) {
  const seen = view.visible();
  const { context } = surface;
  surface.toImage(view);
  context.lineJoin = "round";
  for (const id of new Set([store.hovered, ...store.selection])) {
    const annotation = id ? store.get(id) : undefined;
    if (!annotation || !isShown(annotation, store, focus.except) || !overlaps(annotation, seen)) continue;
    const color = colorOf(annotation, store);
    const path = maskPaths.get(annotation).path(view.scale);
    fill(context, path, color, TINT.more * tint);
    if (store.isSelected(annotation.id)) {
      stroke(context, path, "rgb(0 0 0 / 0.65)", 5 / view.scale);
      stroke(context, path, "#fff", 3 / view.scale);
    }
    stroke(context, path, color, 1.75 / view.scale);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {string} color @param {number} alpha */
function fill(context, path, color, alpha) {
  if (alpha <= 0) return;
  context.fillStyle = withAlpha(color, Math.min(1, alpha));
  context.fill(path, "evenodd");
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {string} style @param {number} width */
export function stroke(context, path, style, width) {
  context.strokeStyle = style;
  context.lineWidth = width;
  context.stroke(path);
}
