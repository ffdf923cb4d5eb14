/**
 * Run-length encoded masks, as COCO defines them: down the columns, zeros first. Compressed counts are the string form of
 * `pycocotools` (`rleToString` in its `maskApi.c`). The server's `annotations/domain/rle.py` does the same.
 * @module geometry/rle
 */
import { measureRuns } from "./outline.js";

/** @typedef {{size: [number, number], counts: string}} Rle size is [height, width] */
/** @typedef {[number, number, number, number]} Region x, y, width, height in pixels */

/**
 * The compressed string of run lengths: from the fourth on the difference to the run two before, in groups of five bits,
 * least first, the sixth bit telling that more follow, plus 48.
 * @param {ArrayLike<number>} runs
 * @returns {string}
 */
export function encodeCounts(runs) {
  let text = "";
  for (let i = 0; i < runs.length; i++) {
    let value = i > 2 ? runs[i] - runs[i - 2] : runs[i];
    for (;;) {
      const bits = value & 0x1f;
      // Not shifted: lengths may take more than the 32 bits that a shift keeps.
      value = Math.floor(value / 32);
      const done = bits & 0x10 ? value === -1 : value === 0;
      text += String.fromCharCode((done ? bits : bits | 0x20) + 48);
      if (done) break;
    }
  }
  return text;
}

/**
 * Run lengths of a compressed string. Throws a RangeError for what is none.
 * @param {string} counts
 * @returns {number[]}
 */
export function decodeCounts(counts) {
  /** @type {number[]} */
  const runs = [];
  let value = 0;
  let unit = 1;
  for (let i = 0; i < counts.length; i++) {
    const code = counts.charCodeAt(i) - 48;
    if (!(code >= 0 && code < 64)) throw new RangeError("counts hold characters that COCO does not use");
    value += (code & 0x1f) * unit;
    unit *= 32;
    if (code & 0x20) continue;
    if (code & 0x10) value -= unit;
    if (runs.length > 2) value += runs[runs.length - 2];
    if (value < 0 || !Number.isSafeInteger(value)) throw new RangeError("counts hold a run that cannot be");
    runs.push(value);
    value = 0;
    unit = 1;
  }
  if (unit !== 1 || !runs.length) throw new RangeError("counts end within a number");
  return runs;
}

/** Pixels inside. @param {Rle} rle @returns {number} */
export function rleArea({ size: [height], counts }) {
  return measureRuns(decodeCounts(counts), height).area;
}

/** The smallest rectangle around the pixels inside; zeros for an empty mask. @param {Rle} rle @returns {Region} */
export function rleBbox({ size: [height], counts }) {
  return measureRuns(decodeCounts(counts), height).bbox;
}

/**
 * Whether the pixel under a point is inside.
 * @param {Rle} rle
 * @param {number} x
 * @param {number} y
 * @returns {boolean}
 */
export function rleContains({ size: [height, width], counts }, x, y) {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (!(column >= 0 && column < width && row >= 0 && row < height)) return false;
  const position = column * height + row;
  const runs = decodeCounts(counts);
  for (let i = 0, end = 0; i < runs.length; i++) {
    end += runs[i];
    if (position < end) return i % 2 === 1;
  }
  return false;
}

/**
 * Pixels of 0 and 1, row by row: of the whole mask, or of a region within the image.
 * @param {Rle} rle
 * @param {Region} [region]
 * @returns {Uint8Array}
 */
export function rleToMask({ size: [height, width], counts }, [left, top, w, h] = [0, 0, width, height]) {
  const mask = new Uint8Array(w * h);
  eachSpan(decodeCounts(counts), (start, end) => {
    const last = Math.min(left + w - 1, Math.floor((end - 1) / height));
    for (let x = Math.max(left, Math.floor(start / height)); x <= last; x++) {
      const from = Math.max(top, start - x * height);
      const to = Math.min(top + h, end - x * height);
      for (let y = from; y < to; y++) mask[(y - top) * w + x - left] = 1;
    }
  });
  return mask;
}

/**
 * From pixels, row by row; what is not zero is inside.
 * @param {ArrayLike<number>} mask
 * @param {number} width
 * @param {number} height
 * @returns {Rle}
 */
export function rleFromMask(mask, width, height) {
  /** @type {number[]} */
  const changes = [];
  let inside = false;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if ((mask[y * width + x] !== 0) === inside) continue;
      inside = !inside;
      changes.push(x * height + y);
    }
  }
  return rleFromChanges(changes, width, height);
}

/**
 * From the sorted positions (down the columns) at which the value changes, none of them twice.
 * @param {number[]} changes
 * @param {number} width
 * @param {number} height
 * @returns {Rle}
 */
export function rleFromChanges(changes, width, height) {
  const total = width * height;
  /** @type {number[]} */
  const runs = [];
  let before = 0;
  for (const at of changes) {
    if (at >= total) break;
    runs.push(at - before);
    before = at;
  }
  runs.push(total - before);
  return { size: [height, width], counts: encodeCounts(runs) };
}

/** @param {number[]} runs @param {(start: number, end: number) => void} take each run of ones that is not empty */
function eachSpan(runs, take) {
  let at = 0;
  for (let i = 0; i < runs.length; i++) {
    if (i % 2 && runs[i]) take(at, at + runs[i]);
    at += runs[i];
  }
}
