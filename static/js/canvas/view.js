/**
 * Which part of the image is seen, and how large: image pixels to canvas pixels (CSS), scale and offset.
 * @module canvas/view
 */
import { createEmitter } from "../core/emitter.js";

const MAX_SCALE = 64;
/** The image may shrink to this part of the fitted size. */
const MIN_OF_FIT = 0.25;
const MARGIN = 24;
/** So many pixels of the image stay in sight when it is dragged away. */
const KEEP_VISIBLE = 48;

/** @typedef {ReturnType<typeof createView>} View */

/** @param {{width: number, height: number}} image */
export function createView(image) {
  /** @type {ReturnType<typeof createEmitter<{change: {scale: number}}>>} */
  const events = createEmitter();
  let scale = 1;
  let tx = 0;
  let ty = 0;
  let width = 0;
  let height = 0;
  /** As long as nobody zoomed or panned, a resize fits again. */
  let fitted = true;

  function fitScale() {
    const free = { w: Math.max(width - 2 * MARGIN, 16), h: Math.max(height - 2 * MARGIN, 16) };
    return Math.min(free.w / image.width, free.h / image.height, MAX_SCALE);
  }

  /** @param {number} offset @param {number} size @param {number} room */
  function keepInSight(offset, size, room) {
    const keep = Math.min(KEEP_VISIBLE, size);
    return Math.min(Math.max(offset, keep - size), room - keep);
  }

  /** @param {number} nextScale @param {number} x @param {number} y @param {boolean} [isFit] */
  function set(nextScale, x, y, isFit = false) {
    scale = nextScale;
    tx = keepInSight(x, image.width * scale, width);
    ty = keepInSight(y, image.height * scale, height);
    fitted = isFit;
    events.emit("change", { scale });
  }

  /** @param {number} nextScale @param {boolean} [isFit] */
  function centre(nextScale, isFit) {
    set(nextScale, (width - image.width * nextScale) / 2, (height - image.height * nextScale) / 2, isFit);
  }

  const fit = () => centre(fitScale(), true);

  /** @param {number} factor @param {number} [x] canvas pixels that stay in place @param {number} [y] */
  function zoomBy(factor, x = width / 2, y = height / 2) {
    const least = Math.min(fitScale() * MIN_OF_FIT, 1);
    const next = Math.min(Math.max(scale * factor, least), MAX_SCALE);
    set(next, x - ((x - tx) / scale) * next, y - ((y - ty) / scale) * next);
  }

  return {
    on: events.on,
    fit,
    zoomBy,
    /** One image pixel a CSS pixel. */
    actualSize: () => zoomBy(1 / scale),
    /** @param {number} dx @param {number} dy */
    panBy: (dx, dy) => set(scale, tx + dx, ty + dy),
    /** @param {number} w @param {number} h */
    resize(w, h) {
      const [cx, cy] = [(width / 2 - tx) / scale, (height / 2 - ty) / scale];
      width = w;
      height = h;
      if (fitted) fit();
      else set(scale, w / 2 - cx * scale, h / 2 - cy * scale);
    },
    /** Brings a box of the image into sight when it is not. @param {[number, number, number, number]} bbox */
    reveal([x, y, w, h]) {
      const [left, top] = [x * scale + tx, y * scale + ty];
      const seen = left + w * scale > 0 && top + h * scale > 0 && left < width && top < height;
      if (!seen) set(scale, width / 2 - (x + w / 2) * scale, height / 2 - (y + h / 2) * scale);
    },
    /** @param {number} x @param {number} y */
    toImage: (x, y) => ({ x: (x - tx) / scale, y: (y - ty) / scale }),
    /** @param {number} x @param {number} y */
    toCanvas: (x, y) => ({ x: x * scale + tx, y: y * scale + ty }),
    /** The image's part in sight, in image pixels. */
    visible() {
      const x0 = Math.max(0, -tx / scale);
      const y0 = Math.max(0, -ty / scale);
      const x1 = Math.min(image.width, (width - tx) / scale);
      const y1 = Math.min(image.height, (height - ty) / scale);
      return { x0, y0, x1, y1 };
    },
    get scale() {
      return scale;
    },
    get tx() {
      return tx;
    },
    get ty() {
      return ty;
    },
    get size() {
      return { width, height };
    },
    get fitted() {
      return fitted;
    },
  };
}
