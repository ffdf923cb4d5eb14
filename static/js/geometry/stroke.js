/**
 * Brush strokes to masks: the pixels whose centres a disc or a square passes over on its way from sample to sample.
 * @module geometry/stroke
 */
import { append } from "./spans.js";

/** @typedef {import("./spans.js").Spans} Spans */
/** @typedef {import("./spans.js").Size} Size */
/** @typedef {{x: number, y: number, size: number}} Dab a place of the brush: its centre and how wide it is, in pixels */
/** @typedef {"round" | "square"} BrushShape */

/**
 * The brush as it sits on the pixels: a whole width, its centre on a pixel's centre when that is odd, on a corner when it
 * is even. So one pixel is one pixel, and the ring shows exactly what a click paints.
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @returns {Dab}
 */
export function dabAt(x, y, size) {
  const whole = Math.max(1, Math.round(size));
  const place = (/** @type {number} */ value) => (whole % 2 ? Math.floor(value) + 0.5 : Math.round(value));
  return { x: place(x), y: place(y), size: whole };
}

/**
 * The mask of a stroke through the dabs; one alone is a stamp.
 * @param {Dab[]} dabs
 * @param {BrushShape} shape
 * @param {Size} size
 * @returns {Spans}
 */
export function strokeSpans(dabs, shape, { width, height }) {
  /** @type {Map<number, number[]>} the rows of each column, in pairs that may overlap */
  const columns = new Map();
  dabs.forEach((dab, k) => sweepBetween(columns, dabs[Math.max(0, k - 1)], dab, shape, width, height));
  /** @type {Spans} */
  const spans = [];
  for (const x of [...columns.keys()].sort((a, b) => a - b)) {
    for (const [from, to] of merged(/** @type {number[]} */ (columns.get(x)))) append(spans, x * height + from, x * height + to);
  }
  return spans;
}

/**
 * @param {Map<number, number[]>} columns
 * @param {Dab} a
 * @param {Dab} b
 * @param {BrushShape} shape
 * @param {number} width
 * @param {number} height
 */
function sweepBetween(columns, a, b, shape, width, height) {
  const first = Math.max(0, Math.ceil(Math.min(a.x - a.size / 2, b.x - b.size / 2) - 0.5));
  const last = Math.min(width - 1, Math.floor(Math.max(a.x + a.size / 2, b.x + b.size / 2) - 0.5));
  const edges = shape === "round" ? tangents(a, b) : sides(a, b);
  for (let x = first; x <= last; x++) {
    const [low, high] = rowsAt(x + 0.5, a, b, shape, edges);
    const from = Math.max(0, Math.ceil(low - 0.5));
    const to = Math.min(height, Math.floor(high - 0.5) + 1);
    if (from >= to) continue;
    const rows = columns.get(x);
    if (rows) rows.push(from, to);
    else columns.set(x, [from, to]);
  }
}

/** @typedef {[number, number, number, number]} Edge x, y to x, y */

/**
 * What the hull of both dabs covers on the line through a column: it is convex, so one interval.
 * @param {number} x
 * @param {Dab} a
 * @param {Dab} b
 * @param {BrushShape} shape
 * @param {Edge[]} edges
 */
function rowsAt(x, a, b, shape, edges) {
  let low = Infinity;
  let high = -Infinity;
  for (const dab of [a, b]) {
    const half = dab.size / 2;
    const off = Math.abs(x - dab.x);
    if (off > half) continue;
    const reach = shape === "round" ? Math.sqrt(half * half - off * off) : half;
    low = Math.min(low, dab.y - reach);
    high = Math.max(high, dab.y + reach);
  }
  for (const [x0, y0, x1, y1] of edges) {
    if (x < Math.min(x0, x1) || x > Math.max(x0, x1) || x0 === x1) continue;
    const y = y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
    low = Math.min(low, y);
    high = Math.max(high, y);
  }
  return [low, high];
}

/** The two lines that touch both discs from outside; none when one holds the other. @param {Dab} a @param {Dab} b @returns {Edge[]} */
function tangents(a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const distance = Math.hypot(dx, dy);
  const along = (a.size - b.size) / 2 / distance;
  if (!(Math.abs(along) < 1)) return [];
  const across = Math.sqrt(1 - along * along);
  return [1, -1].map((side) => {
    const nx = (dx * along - dy * across * side) / distance;
    const ny = (dy * along + dx * across * side) / distance;
    return [a.x + (nx * a.size) / 2, a.y + (ny * a.size) / 2, b.x + (nx * b.size) / 2, b.y + (ny * b.size) / 2];
  });
}

/** The ways of a square's four corners. @param {Dab} a @param {Dab} b @returns {Edge[]} */
function sides(a, b) {
  return [[-0.5, -0.5], [0.5, -0.5], [-0.5, 0.5], [0.5, 0.5]].map(([u, v]) => [
    a.x + u * a.size, a.y + v * a.size, b.x + u * b.size, b.y + v * b.size,
  ]);
}

/** Pairs of rows in their order, joined where they overlap or meet. @param {number[]} rows @returns {[number, number][]} */
function merged(rows) {
  /** @type {[number, number][]} */
  const pairs = [];
  for (let k = 0; k < rows.length; k += 2) pairs.push([rows[k], rows[k + 1]]);
  pairs.sort((a, b) => a[0] - b[0]);
  /** @type {[number, number][]} */
  const out = [];
  for (const pair of pairs) {
    const last = out.at(-1);
    if (last && pair[0] <= last[1]) last[1] = Math.max(last[1], pair[1]);
    else out.push(pair);
  }
  return out;
}
