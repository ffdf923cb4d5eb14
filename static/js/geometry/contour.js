/**
 * The zero line of low-resolution logits as rings of points: a mask that is crisp at every zoom without being upscaled.
 * Between four nodes the logits are bilinear, as they are when the mask is made, so the line is the mask's true edge.
 * @module geometry/contour
 */

/** Values beyond the edge repeat it, as sampling clamps there; one more ring of nodes outside closes every contour. */
const PAD = 2;
const OUTSIDE = -1;

/** @type {Map<number, {grid: Float32Array, next: Int32Array}>} */
const scratch = new Map();

/** @param {number} side */
function buffers(side) {
  let pair = scratch.get(side);
  if (!pair) {
    pair = { grid: new Float32Array(side * side), next: new Int32Array(2 * side * side) };
    scratch.set(side, pair);
  }
  pair.next.fill(-1);
  return pair;
}

/** @param {Float32Array} logits @param {number} size @param {Float32Array} grid @param {number} side */
function padInto(logits, size, grid, side) {
  grid.fill(OUTSIDE);
  for (let j = 1; j < side - 1; j++) {
    const row = Math.min(Math.max(j - PAD, 0), size - 1) * size;
    for (let i = 1; i < side - 1; i++) {
      grid[j * side + i] = logits[row + Math.min(Math.max(i - PAD, 0), size - 1)];
    }
  }
}

/**
 * Links the crossed edges of every cell. Walking a cell clockwise, its line runs from an edge where the walk enters the
 * mask to one where it leaves it; a neighbour walks their common edge the other way, so lines join to directed rings.
 * @param {Float32Array} grid
 * @param {number} side
 * @param {Int32Array} next
 */
function link(grid, side, next) {
  const vertical = side * side;
  for (let j = 0; j < side - 1; j++) {
    for (let i = 0; i < side - 1; i++) {
      const at = j * side + i;
      const a = grid[at];
      const b = grid[at + 1];
      const d = grid[at + side + 1];
      const c = grid[at + side];
      const code = (a > 0 ? 1 : 0) | (b > 0 ? 2 : 0) | (d > 0 ? 4 : 0) | (c > 0 ? 8 : 0);
      if (code === 0 || code === 15) continue;
      const edges = [at, vertical + at + 1, at + side, vertical + at];
      if (code === 5 || code === 10) linkSaddle(next, edges, code, saddleInside(a, b, c, d));
      else linkOne(next, edges, code);
    }
  }
}

/** @param {number} a @param {number} b @param {number} c @param {number} d */
function saddleInside(a, b, c, d) {
  return (a * d - b * c) / (a + d - b - c) > 0;
}

/** @param {Int32Array} next @param {number[]} edges top, right, bottom, left @param {number} code */
function linkOne(next, edges, code) {
  let enters = 0;
  let leaves = 0;
  for (let k = 0; k < 4; k++) {
    const from = (code >> k) & 1;
    const to = (code >> ((k + 1) & 3)) & 1;
    if (!from && to) enters = edges[k];
    if (from && !to) leaves = edges[k];
  }
  next[enters] = leaves;
}

/** @param {Int32Array} next @param {number[]} edges @param {number} code @param {boolean} joined */
function linkSaddle(next, [top, right, bottom, left], code, joined) {
  const pairs =
    code === 5
      ? joined ? [right, top, left, bottom] : [left, top, right, bottom]
      : joined ? [top, left, bottom, right] : [top, right, bottom, left];
  next[pairs[0]] = pairs[1];
  next[pairs[2]] = pairs[3];
}

/** Where an edge is crossed, in grid coordinates. @param {Float32Array} grid @param {number} side @param {number} edge */
function crossing(grid, side, edge) {
  const isVertical = edge >= side * side;
  const at = isVertical ? edge - side * side : edge;
  const from = grid[at];
  const to = grid[at + (isVertical ? side : 1)];
  const part = from / (from - to);
  const i = at % side;
  const j = (at - i) / side;
  return isVertical ? [i, j + part] : [i + part, j];
}

/**
 * Points of the hyperbola between two crossings of one cell.
 * @param {Float32Array} grid
 * @param {number} side
 * @param {number[]} p
 * @param {number[]} q
 * @param {number[]} out
 * @param {number} detail
 */
function bend(grid, side, p, q, out, detail) {
  const i = Math.floor(Math.min(p[0], q[0]));
  const j = Math.floor(Math.min(p[1], q[1]));
  const at = j * side + i;
  const [a, b, c, d] = [grid[at], grid[at + 1], grid[at + side], grid[at + side + 1]];
  const twist = a - b - c + d;
  const alongX = Math.abs(q[0] - p[0]) >= Math.abs(q[1] - p[1]);
  for (let k = 1; k < detail; k++) {
    const part = k / detail;
    if (alongX) {
      const s = p[0] + (q[0] - p[0]) * part - i;
      out.push(i + s, j + clamp01(-(a + (b - a) * s) / (c - a + twist * s)));
    } else {
      const t = p[1] + (q[1] - p[1]) * part - j;
      out.push(i + clamp01(-(a + (c - a) * t) / (b - a + twist * t)), j + t);
    }
  }
}

/** @param {number} value */
function clamp01(value) {
  return value > 0 ? Math.min(value, 1) : 0;
}

/**
 * Rings of [u, v, u, v, …] in logit coordinates (node k lies at k), to be filled by the even-odd rule.
 * @param {Float32Array} logits size × size, row by row
 * @param {{size?: number, detail?: number}} [options] detail: lines drawn for the curve within one cell
 * @returns {Float32Array[]}
 */
export function contourLogits(logits, { size = 256, detail = 3 } = {}) {
  const side = size + 2 * PAD;
  const { grid, next } = buffers(side);
  padInto(logits, size, grid, side);
  link(grid, side, next);
  /** @type {Float32Array[]} */
  const rings = [];
  for (let start = 0; start < next.length; start++) {
    if (next[start] < 0) continue;
    rings.push(walk(grid, side, next, start, detail));
  }
  return rings;
}

/** @param {Float32Array} grid @param {number} side @param {Int32Array} next @param {number} start @param {number} detail */
function walk(grid, side, next, start, detail) {
  /** @type {number[]} */
  const points = [];
  let edge = start;
  let here = crossing(grid, side, edge);
  do {
    points.push(here[0], here[1]);
    const following = next[edge];
    next[edge] = -1;
    const there = crossing(grid, side, following);
    bend(grid, side, here, there, points, detail);
    edge = following;
    here = there;
  } while (edge !== start);
  return Float32Array.from(points, (value) => value - PAD);
}
