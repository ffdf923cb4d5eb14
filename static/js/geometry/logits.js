/**
 * From a decoder's low-resolution logits to a mask of the image, without a raster in between: down a column of pixels the
 * bilinear interpolation is linear between two rows of logits, so the runs' ends are found directly. The server computes the
 * same, to the pixel, in `annotations/domain/logits.py`.
 * @module geometry/logits
 */
import { containsPoint as frameContains, inputSize, lowResIou, LOGITS_SIDE } from "../decoder/frame.js";
import { rleFromChanges } from "./rle.js";

export { lowResIou };

/** @typedef {import("./rle.js").Rle} Rle */

const STRIDE = 4;

/**
 * How an image lies in the models' frame.
 * @param {number} width
 * @param {number} height
 * @returns {{inputWidth: number, inputHeight: number}}
 */
export function samFrame(width, height) {
  const input = inputSize({ width, height });
  return { inputWidth: input.width, inputHeight: input.height };
}

/**
 * Whether the pixel under the image point is inside the mask.
 * @param {Float32Array} logits
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
export function containsPoint(logits, x, y, width, height) {
  return frameContains(logits, { x, y }, { width, height });
}

/**
 * Where the centres of `length` pixels lie among the logits' nodes; `scaled` is the length in the frame.
 * @param {number} length
 * @param {number} scaled
 * @returns {Float64Array}
 */
function samplePositions(length, scaled) {
  const positions = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const centre = ((i + 0.5) * scaled) / length / STRIDE - 0.5;
    positions[i] = Math.min(Math.max(centre, 0), LOGITS_SIDE - 1);
  }
  return positions;
}

/**
 * The mask `interpolated logits > threshold` of an image of this size.
 * @param {Float32Array} logits 256 × 256, row by row, over the padded frame
 * @param {number} width
 * @param {number} height
 * @param {number} [threshold]
 * @param {[number, number, number, number]} [part] x, y, width, height of what the logits lie over, if not all of the image
 * @returns {Rle}
 */
export function rleFromLogits(logits, width, height, threshold = 0, part = [0, 0, width, height]) {
  const [partLeft, partTop, partWidth, partHeight] = part;
  const { inputWidth, inputHeight } = samFrame(partWidth, partHeight);
  const xs = samplePositions(partWidth, inputWidth);
  const ys = samplePositions(partHeight, inputHeight);
  const { first, last, positive } = touched(logits, Math.ceil(ys[partHeight - 1]), threshold);
  const profile = new Float64Array(last - first + 1);
  // Positions are told from the first row that is read, here and by the server: so both round alike.
  for (let y = 0; y < partHeight; y++) ys[y] -= first;
  /** @type {number[]} */
  const changes = [];
  for (let x = 0; x < partWidth; x++) {
    const left = Math.floor(xs[x]);
    const right = Math.min(left + 1, LOGITS_SIDE - 1);
    if (!positive[left] && !positive[right]) continue;
    const share = xs[x] - left;
    for (let j = 0, at = first * LOGITS_SIDE; j < profile.length; j++, at += LOGITS_SIDE) {
      profile[j] = (logits[at + left] - threshold) * (1 - share) + (logits[at + right] - threshold) * share;
    }
    addColumn(changes, (x + partLeft) * height + partTop, columnChanges(profile, ys), partHeight);
  }
  return rleFromChanges(changes, width, height);
}

/**
 * What of the logits the mask depends on: the rows with a value above the threshold and one more on each side, and which
 * columns have such a value.
 * @param {Float32Array} logits
 * @param {number} bottom the last row that the image reaches
 * @param {number} threshold
 */
function touched(logits, bottom, threshold) {
  const positive = new Uint8Array(LOGITS_SIDE);
  let top = -1;
  let low = -1;
  for (let at = 0; at < (bottom + 1) * LOGITS_SIDE; at++) {
    if (!(logits[at] > threshold)) continue;
    positive[at % LOGITS_SIDE] = 1;
    low = Math.floor(at / LOGITS_SIDE);
    if (top < 0) top = low;
  }
  return { first: Math.max(top - 1, 0), last: Math.min(low + 1, bottom), positive };
}

/**
 * Rows at which a column's value changes, sorted, none beyond the last.
 * @param {Float64Array} profile values at the nodes
 * @param {Float64Array} ys where the rows lie among the nodes
 * @returns {number[]}
 */
function columnChanges(profile, ys) {
  const rows = profile[0] > 0 ? [0] : [];
  for (let j = 0; j + 1 < profile.length; j++) {
    const [above, below] = [profile[j], profile[j + 1]];
    if (above > 0 === below > 0) continue;
    const crossing = j + above / (above - below);
    // Going in, a pixel must lie beyond the crossing; going out, one on it is outside already.
    const row = firstRow(ys, crossing, below > 0);
    if (row < ys.length) insert(rows, row);
  }
  return rows;
}

/**
 * The first row at or beyond a position (`beyond`: beyond it only).
 * @param {Float64Array} ys
 * @param {number} position
 * @param {boolean} beyond
 */
function firstRow(ys, position, beyond) {
  let low = 0;
  let high = ys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ys[middle] < position || (beyond && ys[middle] === position)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Crossings that share a node can come out of order by one row. @param {number[]} rows @param {number} row */
function insert(rows, row) {
  let at = rows.length;
  while (at > 0 && rows[at - 1] > row) at--;
  rows.splice(at, 0, row);
}

/**
 * Appends a column's changes; each column ends outside, and two changes at one place cancel out.
 * @param {number[]} changes
 * @param {number} base
 * @param {number[]} rows
 * @param {number} height
 */
function addColumn(changes, base, rows, height) {
  if (rows.length % 2) rows.push(height);
  for (const row of rows) {
    if (changes[changes.length - 1] === base + row) changes.pop();
    else changes.push(base + row);
  }
}
