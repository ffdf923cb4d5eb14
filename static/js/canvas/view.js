/**
 * Which part of the image is seen, how large, and which way up: image pixels to canvas pixels (CSS).
 * @module canvas/view
 */
import { createEmitter } from "../core/emitter.js";

const MAX_SCALE = 64;
/** The image may shrink to this part of the fitted size. */
const MIN_OF_FIT = 0.25;
const MARGIN = 24;
/** So many pixels of the image stay in sight when it is dragged away. */
const KEEP_VISIBLE = 48;

/** What none to three quarter turns clockwise make of x and y: [xx, yx, xy, yy]. */
const ROTATIONS = /** @type {const} */ ([[1, 0, 0, 1], [0, 1, -1, 0], [-1, 0, 0, -1], [0, -1, 1, 0]]);

/** @typedef {ReturnType<typeof createView>} View */
/** @typedef {{scale: number, tx: number, ty: number, rotationMatrix: readonly [number, number, number, number]}} Placed canvas = scale · rotationMatrix · image + (tx, ty) */

/** @param {{width: number, height: number}} image */
export function createView(image) {
  /** @type {ReturnType<typeof createEmitter<{change: {scale: number}}>>} */
  const events = createEmitter();
  let scale = 1;
  /** The corner of the image as it lies on the canvas, turned or not. */
  let left = 0;
  let top = 0;
  let rotation = 0;
  let width = 0;
  let height = 0;
  /** As long as nobody zoomed or panned, a resize fits again. */
  let fitted = true;

  /** The image's size as it lies on the canvas, at scale 1. */
  const lying = () => (rotation % 2 ? { w: image.height, h: image.width } : { w: image.width, h: image.height });

  // Turned, the image's first pixel lies in another corner.
  const tx = () => left + (rotation === 1 || rotation === 2 ? lying().w * scale : 0);
  const ty = () => top + (rotation === 2 || rotation === 3 ? lying().h * scale : 0);

  /** @param {number} x @param {number} y */
  function toImage(x, y) {
    const [xx, yx, xy, yy] = ROTATIONS[rotation];
    const [dx, dy] = [(x - tx()) / scale, (y - ty()) / scale];
    // A rotation's inverse is its transpose.
    return { x: xx * dx + yx * dy, y: xy * dx + yy * dy };
  }

  /** @param {number} x @param {number} y */
  function toCanvas(x, y) {
    const [xx, yx, xy, yy] = ROTATIONS[rotation];
    return { x: (xx * x + xy * y) * scale + tx(), y: (yx * x + yy * y) * scale + ty() };
  }

  function fitScale() {
    const free = { w: Math.max(width - 2 * MARGIN, 16), h: Math.max(height - 2 * MARGIN, 16) };
    return Math.min(free.w / lying().w, free.h / lying().h, MAX_SCALE);
  }

  /** @param {number} offset @param {number} size @param {number} room */
  function keepInSight(offset, size, room) {
    const keep = Math.min(KEEP_VISIBLE, size);
    return Math.min(Math.max(offset, keep - size), room - keep);
  }

  /** @param {number} nextScale @param {number} x @param {number} y @param {boolean} [isFit] */
  function set(nextScale, x, y, isFit = false) {
    scale = nextScale;
    left = keepInSight(x, lying().w * scale, width);
    top = keepInSight(y, lying().h * scale, height);
    fitted = isFit;
    events.emit("change", { scale });
  }

  /** @param {number} nextScale @param {boolean} [isFit] */
  function centre(nextScale, isFit) {
    set(nextScale, (width - lying().w * nextScale) / 2, (height - lying().h * nextScale) / 2, isFit);
  }

  const fit = () => centre(fitScale(), true);

  /** @param {number} factor @param {number} [x] canvas pixels that stay in place @param {number} [y] */
  function zoomBy(factor, x = width / 2, y = height / 2) {
    const min = Math.min(fitScale() * MIN_OF_FIT, 1);
    const next = Math.min(Math.max(scale * factor, min), MAX_SCALE);
    set(next, x - ((x - left) / scale) * next, y - ((y - top) / scale) * next);
  }

  /** Brings a place of the image to the middle. @param {number} nextScale @param {number} x @param {number} y */
  function moveTo(nextScale, x, y) {
    scale = nextScale;
    const at = toCanvas(x, y);
    set(scale, left + width / 2 - at.x, top + height / 2 - at.y);
  }

  const middle = () => toImage(width / 2, height / 2);

  return {
    on: events.on,
    fit,
    zoomBy,
    /** One image pixel a CSS pixel. */
    actualSize: () => zoomBy(1 / scale),
    /** Turns the view to so many quarters clockwise; what is in the middle stays there. @param {number} quarters */
    rotateTo(quarters) {
      const next = ((quarters % 4) + 4) % 4;
      if (next === rotation) return;
      const { x, y } = middle();
      rotation = next;
      if (fitted) fit();
      else moveTo(scale, x, y);
    },
    /** Shows the same part of an image of the same size as another view did. @param {{scale: number, x: number, y: number}} place */
    restore({ scale: wanted, x, y }) {
      const min = Math.min(fitScale() * MIN_OF_FIT, 1);
      moveTo(Math.min(Math.max(wanted, min), MAX_SCALE), x, y);
    },
    middle,
    /** @param {number} dx @param {number} dy */
    panBy: (dx, dy) => set(scale, left + dx, top + dy),
    /** @param {number} w @param {number} h */
    resize(w, h) {
      const { x, y } = middle();
      width = w;
      height = h;
      if (fitted) fit();
      else moveTo(scale, x, y);
    },
    /** Brings a box of the image into sight when it is not. @param {[number, number, number, number]} bbox */
    reveal([x, y, w, h]) {
      const [a, b] = [toCanvas(x, y), toCanvas(x + w, y + h)];
      const seen = Math.max(a.x, b.x) > 0 && Math.max(a.y, b.y) > 0 && Math.min(a.x, b.x) < width && Math.min(a.y, b.y) < height;
      if (!seen) moveTo(scale, x + w / 2, y + h / 2);
    },
    toImage,
    toCanvas,
    /** The image's part in sight, in image pixels. */
    visible() {
      const [a, b] = [toImage(0, 0), toImage(width, height)];
      return {
        x0: Math.max(0, Math.min(a.x, b.x)),
        y0: Math.max(0, Math.min(a.y, b.y)),
        x1: Math.min(image.width, Math.max(a.x, b.x)),
        y1: Math.min(image.height, Math.max(a.y, b.y)),
      };
    },
    get scale() {
      return scale;
    },
    get tx() {
      return tx();
    },
    get ty() {
      return ty();
    },
    /** In quarter turns clockwise, 0 to 3. */
    get rotation() {
      return rotation;
    },
    /** As [xx, yx, xy, yy], the first four numbers of a matrix at scale 1. */
    get rotationMatrix() {
      return ROTATIONS[rotation];
    },
    get size() {
      return { width, height };
    },
    get fitted() {
      return fitted;
    },
  };
}
