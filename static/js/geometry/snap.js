/**
 * The nearest place on the edges of other shapes, their corners first.
 * @module geometry/snap
 */
import { nearestOnSegment } from "./simplify.js";

/** @typedef {{x: number, y: number}} Place */

/** A corner attracts from so much of the distance at which a line does. */
const CORNER_SHARE = 0.7;

/** Where one ring is nearest, and the number of the edge's first corner. @param {ArrayLike<number>} ring @param {Place} at @param {number} reach */
export function nearestOnRing(ring, { x, y }, reach) {
  let most = reach * reach;
  /** @type {{x: number, y: number, edge: number, d2: number} | null} */
  let found = null;
  for (let k = 0; k < ring.length; k += 2) {
    const next = (k + 2) % ring.length;
    const [, nx, ny] = nearestOnSegment(x, y, ring[k], ring[k + 1], ring[next], ring[next + 1]);
    const d2 = (nx - x) ** 2 + (ny - y) ** 2;
    if (d2 > most) continue;
    most = d2;
    found = { x: nx, y: ny, edge: k / 2, d2 };
  }
  return found;
}

/** @param {ArrayLike<number>} ring @param {Place} at @param {number} reach */
function nearestCorner(ring, { x, y }, reach) {
  let most = reach * reach;
  /** @type {Place & {d2: number} | null} */
  let found = null;
  for (let k = 0; k < ring.length; k += 2) {
    const d2 = (ring[k] - x) ** 2 + (ring[k + 1] - y) ** 2;
    if (d2 > most) continue;
    most = d2;
    found = { x: ring[k], y: ring[k + 1], d2 };
  }
  return found;
}

/**
 * @param {Iterable<ArrayLike<number>>} rings
 * @param {Place} at
 * @param {number} reach
 * @returns {Place | null}
 */
export function snap(rings, at, reach) {
  /** @type {Place & {d2: number} | null} */
  let best = null;
  let corner = false;
  for (const ring of rings) {
    const near = nearestCorner(ring, at, reach * CORNER_SHARE);
    const found = near ?? (corner ? null : nearestOnRing(ring, at, reach));
    if (!found || (best && corner === (near !== null) && found.d2 >= best.d2)) continue;
    best = found;
    corner = near !== null;
  }
  return best && { x: best.x, y: best.y };
}
