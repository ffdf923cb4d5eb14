/**
 * The saved objects, in tiles: what changed since the last frame is found out here, object by object.
 * @module canvas/mask_layer
 */
import { zOrderOf } from "../core/z_order.js";
import { colorOf, isShown, overlaps, paintMask } from "./masks.js";
import { createTiles } from "./tiles.js";

/** @typedef {import("./masks.js").Focus} Focus */
/** @typedef {import("./masks.js").Rect} Rect */
/** @typedef {import("../net/types.js").Annotation} Annotation */
/** @typedef {{annotation: Annotation, color: string}} Painted */

/** Behind a mask in the making all others step back. */
const FAINT = 0.4;

/**
 * @param {{width: number, height: number}} image
 * @param {import("./view.js").View} view
 * @param {import("../core/store.js").Store} store
 * @param {import("./mask_paths.js").MaskPaths} maskPaths
 * @param {import("./view_settings.js").ViewSettings} viewSettings
 * @param {() => void} repaint asks for a frame
 */
export function createMaskLayer(image, view, store, maskPaths, viewSettings, repaint) {
  /** @type {Map<string, Painted>} in the order of painting */
  let painted = new Map();
  const tiles = createTiles({ image, repaint, paint });

  /** @param {CanvasRenderingContext2D} context @param {Rect} rect @param {number} scale @param {number} until */
  function paint(context, rect, scale, until) {
    for (const { annotation, color } of painted.values()) {
      if (!overlaps(annotation, rect)) continue;
      // The first time, a mask path has to be made of the runs, and one for each range of scales.
      if (!(maskPaths.has(annotation) && maskPaths.get(annotation).ready(scale)) && performance.now() > until) return false;
      paintMask(context, view.scale, color, maskPaths.get(annotation).path(scale), viewSettings.tint);
    }
    return true;
  }

  /** @param {Annotation} annotation @returns {Rect} */
  function rectOf({ bbox: [x, y, w, h] }) {
    const line = 2 / view.scale;
    return { x0: x - line, y0: y - line, x1: x + w + line, y1: y + h + line };
  }

  /** @param {Painted} a @param {Painted | undefined} b */
  function looksAlike(a, b) {
    return b !== undefined && a.color === b.color && a.annotation.rle.counts === b.annotation.rle.counts && zOrderOf(a.annotation) === zOrderOf(b.annotation);
  }

  /** What is to be painted now, and where that differs. @param {Focus} focus */
  function update(focus) {
    /** @type {Map<string, Painted>} */
    const next = new Map();
    /** @type {Rect[]} */
    const changed = [];
    for (const annotation of store.list()) {
      if (!isShown(annotation, store, focus.except)) continue;
      const now = { annotation, color: colorOf(annotation, store) };
      const was = painted.get(annotation.id);
      next.set(annotation.id, now);
      if (looksAlike(now, was)) continue;
      changed.push(rectOf(annotation));
      if (was) changed.push(rectOf(was.annotation));
    }
    for (const [id, { annotation }] of painted) if (!next.has(id)) changed.push(rectOf(annotation));
    painted = next;
    if (changed.length) tiles.invalidate(changed.length > 200 ? null : changed);
  }

  return {
    /** All look different now. */
    forget: () => tiles.invalidate(null),
    /**
     * @param {import("./surface.js").Surface} target
     * @param {Focus} focus
     * @param {boolean} changed whether more than the view did
     */
    draw(target, focus, changed) {
      if (changed) update(focus);
      if (!painted.size) return;
      target.context.globalAlpha = focus.faint ? FAINT : 1;
      tiles.draw(target, view);
      target.context.globalAlpha = 1;
    },
  };
}
