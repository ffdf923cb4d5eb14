/**
 * Masks as spans, the form in which they are edited: [start, end, start, end, …], positions down the columns as in COCO RLE,
 * strictly rising, each end exclusive. Sets are combined run by run, so that the cost follows the outline, not the area.
 * @module geometry/spans
 */
import { rleFromChanges, decodeCounts } from "./rle.js";

/** @typedef {number[]} Spans */
/** @typedef {{width: number, height: number}} Size */
/** @typedef {import("./rle.js").Rle} Rle */
/** @typedef {import("./rle.js").Region} Region */

/** @param {ArrayLike<number>} runs zeros first @returns {Spans} */
export function spansFromRuns(runs) {
  /** @type {Spans} */
  const spans = [];
  let at = 0;
  for (let k = 0; k < runs.length; k++) {
    const end = at + runs[k];
    // Empty runs in between would split or hide a span.
    if (k % 2 && end > at) append(spans, at, end);
    at = end;
  }
  return spans;
}

/** @param {Rle} rle @returns {Spans} */
export function spansFromRle(rle) {
  return spansFromRuns(decodeCounts(rle.counts));
}

/** @param {Spans} spans @param {Size} size @returns {Rle} */
export function rleFromSpans(spans, { width, height }) {
  return rleFromChanges(spans, width, height);
}

/** Adds a span that begins at or behind the last one's end. @param {Spans} spans @param {number} start @param {number} end */
export function append(spans, start, end) {
  if (end <= start) return;
  if (spans.length && spans[spans.length - 1] === start) spans[spans.length - 1] = end;
  else spans.push(start, end);
}

/**
 * One sweep over both; `table` has a bit for each of the four cases: in neither, in b, in a, in both.
 * @param {Spans} a
 * @param {Spans} b
 * @param {number} table
 * @returns {Spans}
 */
function combine(a, b, table) {
  /** @type {Spans} */
  const out = [];
  let i = 0;
  let j = 0;
  let inside = 0;
  while (i < a.length || j < b.length) {
    const nextA = i < a.length ? a[i] : Infinity;
    const nextB = j < b.length ? b[j] : Infinity;
    const at = nextA < nextB ? nextA : nextB;
    if (nextA === at) i++;
    if (nextB === at) j++;
    const now = (table >> (((i & 1) << 1) | (j & 1))) & 1;
    if (now !== inside) out.push(at);
    inside = now;
  }
  return out;
}

/** @param {Spans} a @param {Spans} b */
export const union = (a, b) => combine(a, b, 0b1110);
/** @param {Spans} a @param {Spans} b */
export const intersect = (a, b) => combine(a, b, 0b1000);
/** What is in a and not in b. @param {Spans} a @param {Spans} b */
export const subtract = (a, b) => combine(a, b, 0b0100);
/** What is in just one of them. @param {Spans} a @param {Spans} b */
export const difference = (a, b) => combine(a, b, 0b0110);

/** Pixels inside. @param {Spans} spans */
export function areaOf(spans) {
  let area = 0;
  for (let k = 0; k < spans.length; k += 2) area += spans[k + 1] - spans[k];
  return area;
}

/** The smallest rectangle around the pixels; zeros for none. @param {Spans} spans @param {number} height @returns {Region} */
export function boxOf(spans, height) {
  if (!spans.length) return [0, 0, 0, 0];
  const left = Math.floor(spans[0] / height);
  const right = Math.floor((spans[spans.length - 1] - 1) / height);
  let top = height;
  let bottom = 0;
  for (let k = 0; k < spans.length; k += 2) {
    const x = Math.floor(spans[k] / height);
    const from = spans[k] - x * height;
    const to = spans[k + 1] - x * height;
    // A span over a column's end touches the image's bottom and its top.
    top = to > height ? 0 : Math.min(top, from);
    bottom = Math.max(bottom, Math.min(to, height));
  }
  return [left, top, right - left + 1, bottom - top];
}

/** @param {Spans} spans @param {number} height */
export function measureSpans(spans, height) {
  return { bbox: boxOf(spans, height), area: areaOf(spans) };
}

/**
 * Whether the pixel at a position is inside.
 * @param {Spans} spans
 * @param {number} position
 */
export function holds(spans, position) {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle] > position) high = middle;
    else low = middle + 1;
  }
  return low % 2 === 1;
}

/**
 * A rectangle of whole pixels, inside the image.
 * @param {Region} region
 * @param {number} height
 * @returns {Spans}
 */
export function rectangle([left, top, w, h], height) {
  /** @type {Spans} */
  const spans = [];
  for (let x = left; x < left + w; x++) append(spans, x * height + top, x * height + top + h);
  return spans;
}

/**
 * The pieces of the spans within single columns, in their order.
 * @typedef {object} Pieces
 * @property {number[]} x
 * @property {number[]} top
 * @property {number[]} end exclusive
 */

/** @param {Spans} spans @param {number} height @returns {Pieces} */
export function piecesOf(spans, height) {
  /** @type {Pieces} */
  const pieces = { x: [], top: [], end: [] };
  for (let k = 0; k < spans.length; k += 2) {
    let from = spans[k];
    while (from < spans[k + 1]) {
      const x = Math.floor(from / height);
      const to = Math.min(spans[k + 1], (x + 1) * height);
      pieces.x.push(x);
      pieces.top.push(from - x * height);
      pieces.end.push(to - x * height);
      from = to;
    }
  }
  return pieces;
}

/**
 * Chosen pieces as spans again.
 * @param {Pieces} pieces
 * @param {number} height
 * @param {(k: number) => boolean} keep
 * @returns {Spans}
 */
export function spansOfPieces({ x, top, end }, height, keep) {
  /** @type {Spans} */
  const spans = [];
  for (let k = 0; k < x.length; k++) if (keep(k)) append(spans, x[k] * height + top[k], x[k] * height + end[k]);
  return spans;
}

/**
 * Where each column's pieces begin in the list: column x has `starts[x - first]` to `starts[x - first + 1]`.
 * @param {number[]} x the pieces' columns, rising
 * @param {number} first
 * @param {number} count
 */
export function columnStarts(x, first, count) {
  const starts = new Int32Array(count + 1);
  let k = 0;
  for (let column = 0; column <= count; column++) {
    while (k < x.length && x[k] < first + column) k++;
    starts[column] = k;
  }
  return starts;
}
