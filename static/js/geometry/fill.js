/**
 * Polygons to masks, as the server's `annotations/domain/polygons.py` does it: a pixel is inside when its centre is, by the
 * even-odd rule over all rings together.
 * @module geometry/fill
 */

/** @typedef {import("./spans.js").Spans} Spans */
/** @typedef {import("./spans.js").Size} Size */
/** @typedef {ArrayLike<number>} Ring x, y, x, y, …; closed by itself */

/** Column crossings of all edges together: more would take the page's memory. */
const MAX_CROSSINGS = 3_000_000;

/**
 * The pixels whose centres the rings enclose; what lies outside the image is cut off.
 * @param {Ring[]} rings
 * @param {Size} size
 * @returns {Spans}
 */
export function fillRings(rings, { width, height }) {
  /** @type {number[]} */
  const crossings = [];
  for (const ring of rings) {
    for (let k = 0, before = ring.length - 2; k < ring.length; before = k, k += 2) {
      cross(crossings, ring[before], ring[before + 1], ring[k], ring[k + 1], width, height);
    }
  }
  return paired(Float64Array.from(crossings).sort());
}

/**
 * Adds where an edge crosses the lines through the columns' centres, as the first row whose centre lies at or below it.
 * @param {number[]} out
 * @param {number} ax
 * @param {number} ay
 * @param {number} bx
 * @param {number} by
 * @param {number} width
 * @param {number} height
 */
function cross(out, ax, ay, bx, by, width, height) {
  if (ax > bx) [ax, ay, bx, by] = [bx, by, ax, ay];
  const first = Math.min(Math.max(Math.ceil(ax - 0.5), 0), width);
  const last = Math.min(Math.max(Math.ceil(bx - 0.5), 0), width);
  if (out.length + last - first > MAX_CROSSINGS) throw new RangeError("The polygon is too intricate for an image of this size.");
  const run = bx - ax;
  for (let column = first; column < last; column++) {
    const share = (column + 0.5 - ax) / run;
    const row = Math.ceil(ay + share * (by - ay) - 0.5);
    out.push(column * height + Math.min(Math.max(row, 0), height));
  }
}

/** Sorted positions to spans: pairs of equal ones cancel out. @param {Float64Array} changes @returns {Spans} */
function paired(changes) {
  /** @type {Spans} */
  const spans = [];
  for (const at of changes) {
    if (spans.length && spans[spans.length - 1] === at) spans.pop();
    else spans.push(at);
  }
  return spans;
}
