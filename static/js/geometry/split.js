/**
 * Cutting a mask in two along a straight line: pixels whose neighbours lie across the line are no neighbours any more, and
 * the pieces go to the side of the line that they touch. No pixel is lost.
 * @module geometry/split
 */
import { createSets, eachTouching } from "./components.js";
import { holds, piecesOf, spansOfPieces } from "./spans.js";

/** @typedef {import("./spans.js").Spans} Spans */
/** @typedef {import("./spans.js").Size} Size */
/** @typedef {import("./spans.js").Pieces} Pieces */
/** @typedef {{x: number, y: number}} Place */
/** @typedef {{a: Place, b: Place}} Line */

/**
 * The parts on either side; null where the line does not divide the mask. The line is taken on at its ends to where it
 * leaves the mask, so it may begin and end inside.
 * @param {Spans} spans
 * @param {Place} from
 * @param {Place} to
 * @param {Size} size
 * @returns {[Spans, Spans] | null}
 */
export function split(spans, from, to, size) {
  if (Math.hypot(to.x - from.x, to.y - from.y) < 1e-6) return null;
  const line = { a: prolonged(spans, to, from, size), b: prolonged(spans, from, to, size) };
  const { pieces, cuts } = cutColumns(spans, size.height, line);
  const sets = createSets(pieces.x.length);
  eachTouching(pieces, 0, (left, right) => {
    if (passable(pieces, left, right, line)) sets.join(left, right);
  });
  const sides = touchedSides(pieces, cuts, line, sets.find);
  return divide(pieces, sides, line, sets.find, size.height);
}

/** The end of a line, moved on until it is outside. @param {Spans} spans @param {Place} from @param {Place} end @param {Size} size */
function prolonged(spans, from, end, { width, height }) {
  const length = Math.hypot(end.x - from.x, end.y - from.y);
  const [dx, dy] = [(end.x - from.x) / length / 2, (end.y - from.y) / length / 2];
  let { x, y } = end;
  const inside = () => x >= 0 && y >= 0 && x < width && y < height && holds(spans, Math.floor(x) * height + Math.floor(y));
  // Two pixels further on the last neighbours across the line are surely told apart; an end that lies outside is not taken
  // on over more than one, or it would cut what it was to stop before.
  for (let outside = inside() ? 0 : 2; outside < 4; ) {
    x += dx;
    y += dy;
    outside = inside() ? 0 : outside + 1;
  }
  return { x, y };
}

/** Which side of the line a place is on: 1 or 2. @param {Line} line @param {number} x @param {number} y */
function sideOf({ a, b }, x, y) {
  return (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x) > 0 ? 1 : 2;
}

/**
 * Column pieces, cut where the line passes between two rows of a column.
 * @param {Spans} spans
 * @param {number} height
 * @param {Line} line
 * @returns {{pieces: Pieces, cuts: number[]}} cuts: the pieces that end at a cut, the next one begins there
 */
function cutColumns(spans, height, { a, b }) {
  const whole = piecesOf(spans, height);
  /** @type {Pieces} */
  const pieces = { x: [], top: [], end: [] };
  /** @type {number[]} */
  const cuts = [];
  const add = (/** @type {number} */ x, /** @type {number} */ top, /** @type {number} */ end) => {
    pieces.x.push(x);
    pieces.top.push(top);
    pieces.end.push(end);
  };
  for (let k = 0; k < whole.x.length; k++) {
    const [x, top, end] = [whole.x[k], whole.top[k], whole.end[k]];
    const centre = x + 0.5;
    const met = centre >= Math.min(a.x, b.x) && centre < Math.max(a.x, b.x);
    const row = met ? Math.ceil(heightAt(a, b, centre) - 0.5) : -1;
    if (row > top && row < end) {
      add(x, top, row);
      cuts.push(pieces.x.length - 1);
      add(x, row, end);
    } else add(x, top, end);
  }
  return { pieces, cuts };
}

/** @param {Place} a @param {Place} b @param {number} x */
function heightAt(a, b, x) {
  return a.y + ((x - a.x) / (b.x - a.x)) * (b.y - a.y);
}

/**
 * The rows in which the line passes between a column and the next one; none when from ≥ to.
 * @param {Line} line
 * @param {number} x
 * @returns {[number, number]}
 */
function blockedRows({ a, b }, x) {
  const [low, high] = a.x <= b.x ? [a, b] : [b, a];
  if (low.x === high.x) {
    if (!(low.x >= x + 0.5 && low.x < x + 1.5)) return [0, 0];
    return [Math.ceil(Math.min(a.y, b.y) - 0.5), Math.ceil(Math.max(a.y, b.y) - 0.5)];
  }
  const from = Math.max(x + 0.5, low.x);
  const to = Math.min(x + 1.5, high.x);
  if (from >= to) return [0, 0];
  const [y0, y1] = [heightAt(a, b, from), heightAt(a, b, to)];
  return [Math.ceil(Math.min(y0, y1) - 0.5), Math.ceil(Math.max(y0, y1) - 0.5)];
}

/** Whether two touching pieces share a row that the line leaves free. @param {Pieces} pieces @param {number} left @param {number} right @param {Line} line */
function passable({ x, top, end }, left, right, line) {
  const from = Math.max(top[left], top[right]);
  const to = Math.min(end[left], end[right]);
  const [first, last] = blockedRows(line, x[left]);
  return from < Math.min(to, first) || Math.max(from, last) < to || first >= last;
}

/**
 * For each set of pieces the sides on which it touches the line: bits 1 and 2.
 * @param {Pieces} pieces
 * @param {number[]} cuts
 * @param {Line} line
 * @param {(k: number) => number} find
 */
function touchedSides(pieces, cuts, line, find) {
  const { x, top, end } = pieces;
  /** @type {Map<number, number>} */
  const sides = new Map();
  const touch = (/** @type {number} */ k, /** @type {number} */ side) => sides.set(find(k), (sides.get(find(k)) ?? 0) | side);
  const above = line.b.x > line.a.x ? 2 : 1;
  for (const k of cuts) {
    touch(k, above);
    touch(k + 1, 3 - above);
  }
  const before = line.b.y > line.a.y ? 1 : 2;
  eachTouching(pieces, 0, (left, right) => {
    const [first, last] = blockedRows(line, x[left]);
    const from = Math.max(top[left], top[right], first);
    if (from >= Math.min(end[left], end[right], last)) return;
    touch(left, before);
    touch(right, 3 - before);
  });
  return sides;
}

/**
 * @param {Pieces} pieces
 * @param {Map<number, number>} sides
 * @param {Line} line
 * @param {(k: number) => number} find
 * @param {number} height
 * @returns {[Spans, Spans] | null}
 */
function divide(pieces, sides, line, find, height) {
  const touched = new Set(sides.values());
  // The line runs into a part and does not come out on the other side of it.
  if (touched.has(3) && !(touched.has(1) && touched.has(2))) return null;
  /** @type {Map<number, {area: number, x: number, y: number}>} */
  const sums = new Map();
  pieces.x.forEach((x, k) => {
    const sum = sums.get(find(k)) ?? { area: 0, x: 0, y: 0 };
    const rows = pieces.end[k] - pieces.top[k];
    sum.area += rows;
    sum.x += rows * (x + 0.5);
    sum.y += (rows * (pieces.top[k] + pieces.end[k])) / 2;
    sums.set(find(k), sum);
  });
  // What the line does not touch goes to the side on which it lies.
  for (const [set, { area, x, y }] of sums) {
    const side = sides.get(set) ?? 0;
    if (side !== 1 && side !== 2) sides.set(set, sideOf(line, x / area, y / area));
  }
  const first = spansOfPieces(pieces, height, (k) => sides.get(find(k)) === 1);
  const second = spansOfPieces(pieces, height, (k) => sides.get(find(k)) === 2);
  return first.length && second.length ? [first, second] : null;
}
