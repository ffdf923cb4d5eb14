/**
 * Growing, shrinking and smoothing by whole pixels, with a disc: all pixels at most `n` away. Down each column the pieces
 * of the columns around it are added up at their ends, so that the cost is that of the outline and the box, not of n².
 * @module geometry/morphology
 */
import { append, boxOf, columnStarts, piecesOf, rectangle, subtract } from "./spans.js";

/** @typedef {import("./spans.js").Spans} Spans */
/** @typedef {import("./spans.js").Size} Size */
/** @typedef {import("./rle.js").Region} Region */

/**
 * @typedef {object} Sweep
 * @property {(sums: Int32Array, top: number, end: number, half: number) => void} add a piece that the disc meets in one column
 * @property {(sums: Int32Array, pad: number, x: number) => void} classify turns the sums into what is inside
 */

/** How far the disc reaches up and down, for each column from −n to n. @param {number} n */
function halves(n) {
  return Array.from({ length: 2 * n + 1 }, (_, k) => Math.floor(Math.sqrt(n * n - (k - n) * (k - n))));
}

/**
 * The box around a mask, wider by n on all sides but not beyond the image.
 * @param {Spans} spans
 * @param {number} n
 * @param {Size} size
 * @returns {Region}
 */
function around(spans, n, { width, height }) {
  const [x, y, w, h] = boxOf(spans, height);
  const [left, top] = [Math.max(0, x - n), Math.max(0, y - n)];
  return [left, top, Math.min(width, x + w + n) - left, Math.min(height, y + h + n) - top];
}

/**
 * Goes through a region column by column. `sums` begins `n` rows above it, so that no piece inside begins before it.
 * @param {Spans} spans within the region
 * @param {number} n
 * @param {number} height
 * @param {Region} region
 * @param {Sweep} what
 * @returns {Spans}
 */
function sweep(spans, n, height, [left, top, w, h], { add, classify }) {
  const pieces = piecesOf(spans, height);
  const disc = halves(n);
  const starts = columnStarts(pieces.x, left - n, w + 2 * n);
  const sums = new Int32Array(n + h);
  const offset = top - n;
  /** @type {Spans} */
  const out = [];
  for (let column = 0; column < w; column++) {
    sums.fill(0);
    for (let d = 0; d < disc.length; d++) {
      for (let k = starts[column + d]; k < starts[column + d + 1]; k++) {
        add(sums, pieces.top[k] - offset, pieces.end[k] - offset, disc[d]);
      }
    }
    classify(sums, n, left + column);
    collect(out, sums, n, (left + column) * height + top);
  }
  return out;
}

/** @param {Spans} out @param {Int32Array} inside @param {number} pad @param {number} base position of the row behind the pad */
function collect(out, inside, pad, base) {
  for (let y = pad; y < inside.length; y++) {
    if (inside[y] <= 0) continue;
    const from = y;
    while (y < inside.length && inside[y] > 0) y++;
    append(out, base + from - pad, base + y - pad);
  }
}

/** What lies below the region matters no more. @param {Int32Array} sums @param {number} row @param {number} value */
function put(sums, row, value) {
  if (row < sums.length) sums[row] += value;
}

/** @param {Spans} spans @param {number} n @param {number} height @param {Region} region */
function growWithin(spans, n, height, region) {
  return sweep(spans, n, height, region, {
    add(sums, top, end, half) {
      put(sums, top - half, 1);
      put(sums, end + half, -1);
    },
    classify(sums) {
      for (let y = 1; y < sums.length; y++) sums[y] += sums[y - 1];
    },
  });
}

/**
 * All pixels at most `n` away from one inside.
 * @param {Spans} spans
 * @param {number} n
 * @param {Size} size
 * @returns {Spans}
 */
export function grow(spans, n, size) {
  if (!spans.length || n < 1) return spans;
  return growWithin(spans, n, size.height, around(spans, n, size));
}

/**
 * Without the pixels at most `n` away from one outside. Beyond the image's border nothing counts as outside: an object
 * that the border cuts keeps touching it.
 * @param {Spans} spans
 * @param {number} n
 * @param {Size} size
 * @returns {Spans}
 */
export function shrink(spans, n, size) {
  if (!spans.length || n < 1) return spans;
  const region = around(spans, n, size);
  const outside = subtract(rectangle(region, size.height), spans);
  return subtract(spans, growWithin(outside, n, size.height, region));
}

/**
 * Each pixel as most of the disc of radius `n` around it, as far as that lies in the image: corners become round, notches
 * and what is thinner than the disc go.
 * @param {Spans} spans
 * @param {number} n
 * @param {Size} size
 * @returns {Spans}
 */
export function smooth(spans, n, size) {
  if (!spans.length || n < 1) return spans;
  const region = around(spans, n, size);
  const most = discPixels(n, size, region);
  return sweep(spans, n, size.height, region, {
    // How many rows of a piece lie in a window of 2 · half + 1 rows: row by row it rises by one, stays, and falls again.
    add(sums, top, end, half) {
      put(sums, top - half, 1);
      put(sums, end - half, -1);
      put(sums, top + half + 1, -1);
      put(sums, end + half + 1, 1);
    },
    classify(sums, pad, x) {
      const all = most(x);
      let slope = 0;
      let count = 0;
      for (let y = 0; y < sums.length; y++) {
        slope += sums[y];
        count += slope;
        sums[y] = y < pad ? 0 : 2 * count - all[y - pad];
      }
    },
  });
}

/**
 * How many pixels of the disc around each pixel of a column lie in the image.
 * @param {number} n
 * @param {Size} size
 * @param {Region} region
 */
function discPixels(n, { width, height }, [, top, , h]) {
  const disc = halves(n);
  /** @type {Map<number, Int32Array>} by how many columns are cut off on each side */
  const known = new Map();
  return (/** @type {number} */ x) => {
    const first = Math.max(0, n - x);
    const last = Math.min(2 * n, width - 1 - x + n);
    const key = first * (2 * n + 1) + last;
    let counts = known.get(key);
    if (!counts) {
      counts = new Int32Array(h);
      for (let d = first; d <= last; d++) {
        for (let y = 0; y < h; y++) {
          counts[y] += Math.min(height, top + y + disc[d] + 1) - Math.max(0, top + y - disc[d]);
        }
      }
      known.set(key, counts);
    }
    return counts;
  };
}
