/**
 * Masks as plain pixels, to hold the spans against: slow, and obviously right.
 */
import { spansFromRuns } from "../../../static/js/geometry/spans.js";
import { decodeCounts, rleFromMask } from "../../../static/js/geometry/rle.js";

/** @typedef {{width: number, height: number, at: (x: number, y: number) => boolean}} Pixels */

/** A generator of numbers from 0 to 1 that is the same at each run. @param {number} seed */
export function createRandom(seed) {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

/** @param {number} width @param {number} height @param {(x: number, y: number) => boolean} inside @returns {Pixels} */
export function pixels(width, height, inside) {
  const data = Uint8Array.from({ length: width * height }, (_, k) => Number(inside(k % width, Math.floor(k / width))));
  return { width, height, at: (x, y) => x >= 0 && y >= 0 && x < width && y < height && data[y * width + x] === 1 };
}

/** Lines of text, # inside. @param {string} text */
export function drawn(text) {
  const rows = text.trim().split(/\s+/);
  return pixels(rows[0].length, rows.length, (x, y) => rows[y][x] === "#");
}

/** @param {Pixels} mask */
export function toSpans(mask) {
  const data = Uint8Array.from({ length: mask.width * mask.height }, (_, k) => Number(mask.at(k % mask.width, Math.floor(k / mask.width))));
  return spansFromRuns(decodeCounts(rleFromMask(data, mask.width, mask.height).counts));
}

/** @param {number[]} spans @param {{width: number, height: number}} size */
export function toText(spans, { width, height }) {
  const rows = Array.from({ length: height }, () => Array.from({ length: width }, () => "."));
  for (let k = 0; k < spans.length; k += 2) {
    for (let at = spans[k]; at < spans[k + 1]; at++) rows[at % height][Math.floor(at / height)] = "#";
  }
  return rows.map((row) => row.join("")).join("\n");
}

/** @param {Pixels} mask */
export function text(mask) {
  return toText(toSpans(mask), mask);
}

/** Masks from sparse to dense, also blobs. @param {number} count @param {number} seed @param {number} [most] */
export function* randomMasks(count, seed, most = 22) {
  const random = createRandom(seed);
  for (let round = 0; round < count; round++) {
    const [width, height] = [1 + Math.floor(random() * most), 1 + Math.floor(random() * most)];
    const share = random();
    const spots = Array.from({ length: 4 }, () => ({ x: random() * width, y: random() * height, r: random() * most * 0.3 }));
    const noise = Array.from({ length: width * height }, () => random() < share);
    const blob = round % 3 === 0;
    yield pixels(width, height, (x, y) => {
      if (!blob) return noise[y * width + x];
      return spots.some((spot) => Math.hypot(x - spot.x, y - spot.y) < spot.r) !== (noise[y * width + x] && share < 0.1);
    });
  }
}

/** The connected sets of pixels for which `inside` holds. @param {Pixels} mask @param {boolean} corners @param {boolean} inside */
export function components(mask, corners, inside = true) {
  const seen = new Set();
  /** @type {{x: number, y: number}[][]} */
  const found = [];
  for (let y = 0; y < mask.height; y++) {
    for (let x = 0; x < mask.width; x++) {
      if (mask.at(x, y) !== inside || seen.has(`${x},${y}`)) continue;
      const set = [{ x, y }];
      seen.add(`${x},${y}`);
      for (const here of set) {
        for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, 1], [1, -1], [-1, -1]].slice(0, corners ? 8 : 4)) {
          const next = { x: here.x + dx, y: here.y + dy };
          if (next.x < 0 || next.y < 0 || next.x >= mask.width || next.y >= mask.height) continue;
          if (mask.at(next.x, next.y) !== inside || seen.has(`${next.x},${next.y}`)) continue;
          seen.add(`${next.x},${next.y}`);
          set.push(next);
        }
      }
      found.push(set);
    }
  }
  return found;
}
