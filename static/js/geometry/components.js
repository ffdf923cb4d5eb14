/**
 * Connected parts of a mask, its holes and its specks, found on the runs of neighbouring columns.
 * Pixels that touch at a corner belong together; holes therefore end where pixels touch at a corner.
 * @module geometry/components
 */
import { boxOf, piecesOf, rectangle, spansOfPieces, subtract, union } from "./spans.js";

/** @typedef {import("./spans.js").Spans} Spans */
/** @typedef {import("./spans.js").Pieces} Pieces */

/** Disjoint sets of 0 … count − 1. @param {number} count */
export function createSets(count) {
  const parent = Int32Array.from({ length: count }, (_, k) => k);

  /** @param {number} k */
  function find(k) {
    while (parent[k] !== k) k = parent[k] = parent[parent[k]];
    return k;
  }

  return {
    find,
    /** @param {number} a @param {number} b */
    join(a, b) {
      const [rootA, rootB] = [find(a), find(b)];
      if (rootA < rootB) parent[rootB] = rootA;
      else parent[rootA] = rootB;
    },
  };
}

/**
 * Calls for all pairs of pieces in neighbouring columns that share rows (`reach` 0) or also just a corner (`reach` 1).
 * @param {Pieces} pieces
 * @param {0 | 1} reach
 * @param {(left: number, right: number) => void} take
 */
export function eachTouching({ x, top, end }, reach, take) {
  let left = 0;
  for (let right = 0; right < x.length; right++) {
    while (left < right && (x[left] < x[right] - 1 || (x[left] === x[right] - 1 && end[left] + reach <= top[right]))) left++;
    for (let k = left; k < right && x[k] === x[right] - 1 && top[k] < end[right] + reach; k++) {
      if (end[k] + reach > top[right]) take(k, right);
    }
  }
}

/** The set of each piece, named by its first piece. @param {Pieces} pieces @param {0 | 1} reach */
function label(pieces, reach) {
  const sets = createSets(pieces.x.length);
  eachTouching(pieces, reach, sets.join);
  return Int32Array.from(pieces.x, (_, k) => sets.find(k));
}

/** @param {Pieces} pieces @param {Int32Array} names @returns {Map<number, number>} pixels of each set */
function areas({ top, end }, names) {
  /** @type {Map<number, number>} */
  const sums = new Map();
  names.forEach((name, k) => sums.set(name, (sums.get(name) ?? 0) + end[k] - top[k]));
  return sums;
}

/** The connected parts, largest first. @param {Spans} spans @param {number} height @returns {Spans[]} */
export function partsOf(spans, height) {
  const pieces = piecesOf(spans, height);
  const names = label(pieces, 1);
  const order = [...areas(pieces, names)].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  /** @type {Map<number, Pieces>} */
  const sorted = new Map(order.map(([name]) => [name, { x: [], top: [], end: [] }]));
  names.forEach((name, k) => {
    const part = /** @type {Pieces} */ (sorted.get(name));
    part.x.push(pieces.x[k]);
    part.top.push(pieces.top[k]);
    part.end.push(pieces.end[k]);
  });
  return [...sorted.values()].map((part) => spansOfPieces(part, height, () => true));
}

/**
 * Without the parts of fewer pixels than `minSize`; the largest part always stays.
 * @param {Spans} spans
 * @param {number} height
 * @param {number} minSize
 * @returns {Spans}
 */
export function removeSpecks(spans, height, minSize) {
  const pieces = piecesOf(spans, height);
  const names = label(pieces, 1);
  const sizes = areas(pieces, names);
  const enough = Math.min(minSize, [...sizes.values()].reduce((most, size) => Math.max(most, size), 0));
  return spansOfPieces(pieces, height, (k) => (sizes.get(names[k]) ?? 0) >= enough);
}

/**
 * With everything inside that the mask encloses; what reaches the image's border is not enclosed.
 * @param {Spans} spans
 * @param {number} height
 * @returns {Spans}
 */
export function fillHoles(spans, height) {
  const box = boxOf(spans, height);
  const [left, top, w, h] = box;
  const around = piecesOf(subtract(rectangle(box, height), spans), height);
  const names = label(around, 0);
  /** @type {Set<number>} */
  const open = new Set();
  names.forEach((name, k) => {
    const atEdge = around.x[k] === left || around.x[k] === left + w - 1 || around.top[k] === top || around.end[k] === top + h;
    if (atEdge) open.add(name);
  });
  return union(spans, spansOfPieces(around, height, (k) => !open.has(names[k])));
}
