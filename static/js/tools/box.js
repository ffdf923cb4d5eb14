/**
 * Box: a rectangle of whole pixels as an object, from corner to corner.
 * @module tools/box
 */
import { createDrag } from "./drag.js";

/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {import("../geometry/rle.js").Region} Region */

/**
 * The whole pixels between two places, one at least; null when they lie outside the image.
 * @param {{x: number, y: number}} a
 * @param {{x: number, y: number}} b
 * @param {{width: number, height: number}} image
 * @returns {Region | null}
 */
export function pixelsBetween(a, b, { width, height }) {
  const [x0, x1] = between(a.x, b.x, width);
  const [y0, y1] = between(a.y, b.y, height);
  return x1 > x0 && y1 > y0 ? [x0, y0, x1 - x0, y1 - y0] : null;
}

/** @param {number} a @param {number} b @param {number} size */
function between(a, b, size) {
  const [low, high] = a < b ? [a, b] : [b, a];
  const from = Math.round(low);
  // Thinner than a pixel is the pixel that it lies in.
  const [first, end] = Math.round(high) > from ? [from, Math.round(high)] : [Math.floor(low), Math.floor(low) + 1];
  return [Math.max(0, first), Math.min(size, end)];
}

/** The corner that makes a square. @param {{x: number, y: number}} a @param {{x: number, y: number}} b */
function squared(a, b) {
  const side = Math.max(Math.abs(b.x - a.x), Math.abs(b.y - a.y));
  return { x: a.x + Math.sign(b.x - a.x) * side, y: a.y + Math.sign(b.y - a.y) * side };
}

/**
 * @param {object} context
 * @param {{width: number, height: number}} context.image
 * @param {import("../core/store.js").Store} context.store
 * @param {(region: Region) => void | Promise<unknown>} context.add
 * @param {() => string} context.color
 * @param {() => void} context.changed
 * @param {() => void} context.exit
 * @returns {Tool}
 */
export function createBoxTool({ image, store, add, color, changed, exit }) {
  const drag = createDrag({
    changed,
    done(from, to) {
      const region = pixelsBetween(from, to.shift && to.type !== "keyboard" ? squared(from, to) : to, image);
      if (region) void add(region);
    },
  });

  function draft() {
    if (!drag.ends) return null;
    const { from, to } = drag.ends;
    const region = pixelsBetween(from, to.shift ? squared(from, to) : to, image);
    if (!region) return null;
    const [x, y, w, h] = region;
    return { x0: x, y0: y, x1: x + w, y1: y + h };
  }

  return {
    id: "box",
    activate() {
      store.select(null);
    },
    deactivate: () => void drag.drop(),
    down: drag.down,
    move: drag.move,
    up: drag.up,
    leave() {
      if (drag.pressed) drag.drop();
    },
    action(action) {
      if (action === "cancel") {
        if (!drag.drop()) exit();
        return true;
      }
      return action === "undo" && drag.ends !== null && drag.drop();
    },
    cursor: () => "crosshair",
    scene: () => ({ mask: null, hover: null, color: color(), points: [], box: null, draftBox: draft(), editing: null }),
  };
}
