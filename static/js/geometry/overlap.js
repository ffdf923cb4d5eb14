/**
 * Whether two masks share a pixel, by their spans alone: one sweep that begins where both can be and ends at the first pixel.
 * @module geometry/overlap
 */

/** @typedef {ArrayLike<number>} Spans start, end, start, end, … down the columns, rising */
/** @typedef {readonly [number, number, number, number]} Box x, y, width, height */

/** @param {Box} a @param {Box} b */
export function boxesMeet([ax, ay, aw, ah], [bx, by, bw, bh]) {
  return ax < bx + bw && bx < ax + aw && ay < by + bh && by < ay + ah;
}

/** Whether a box lies along the edge of the image. @param {Box} box @param {{width: number, height: number}} image */
export function touchesBorder([x, y, w, h], { width, height }) {
  return x <= 0 || y <= 0 || x + w >= width || y + h >= height;
}

/** Index of the first span that ends behind a position. @param {Spans} spans @param {number} position */
function firstBehind(spans, position) {
  let low = 0;
  let high = spans.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[2 * middle + 1] > position) high = middle;
    else low = middle + 1;
  }
  return 2 * low;
}

/** @param {Spans} a @param {Spans} b */
export function spansMeet(a, b) {
  if (!a.length || !b.length) return false;
  let i = firstBehind(a, b[0]);
  let j = firstBehind(b, a[0]);
  while (i < a.length && j < b.length) {
    if (a[i + 1] <= b[j]) i += 2;
    else if (b[j + 1] <= a[i]) j += 2;
    else return true;
  }
  return false;
}
