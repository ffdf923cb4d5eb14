import assert from "node:assert/strict";
import { test } from "node:test";
import { areaOf, boxOf, difference, holds, intersect, piecesOf, rectangle, rleFromSpans, spansFromRle, spansFromRuns, spansOfPieces, subtract, union } from "../../../static/js/geometry/spans.js";
import { rleFromMask } from "../../../static/js/geometry/rle.js";
import { pixels, randomMasks, text, toSpans, toText } from "../support/pixels.js";

test("two masks are combined pixel by pixel", () => {
  const masks = [...randomMasks(120, 5)];
  for (let k = 0; k + 1 < masks.length; k++) {
    const a = masks[k];
    const other = masks[k + 1];
    const b = pixels(a.width, a.height, (x, y) => other.at(x, y));
    const [spansA, spansB] = [toSpans(a), toSpans(b)];
    for (const [result, rule] of /** @type {[number[], (p: boolean, q: boolean) => boolean][]} */ ([
      [union(spansA, spansB), (p, q) => p || q],
      [intersect(spansA, spansB), (p, q) => p && q],
      [subtract(spansA, spansB), (p, q) => p && !q],
      [difference(spansA, spansB), (p, q) => p !== q],
    ])) {
      const expected = pixels(a.width, a.height, (x, y) => rule(a.at(x, y), b.at(x, y)));
      assert.deepEqual(result, toSpans(expected));
    }
  }
});

test("area, box, points and pieces of random masks", () => {
  for (const mask of randomMasks(80, 9)) {
    const spans = toSpans(mask);
    const inside = [];
    for (let x = 0; x < mask.width; x++) for (let y = 0; y < mask.height; y++) if (mask.at(x, y)) inside.push([x, y]);
    assert.equal(areaOf(spans), inside.length);
    const xs = inside.map(([x]) => x);
    const ys = inside.map(([, y]) => y);
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    const box = inside.length ? [left, top, Math.max(...xs) - left + 1, Math.max(...ys) - top + 1] : [0, 0, 0, 0];
    assert.deepEqual(boxOf(spans, mask.height), box);
    for (let k = 0; k < mask.width * mask.height; k++) {
      assert.equal(holds(spans, k), mask.at(Math.floor(k / mask.height), k % mask.height));
    }
    assert.deepEqual(spansOfPieces(piecesOf(spans, mask.height), mask.height, () => true), spans);
  }
});

test("spans become the same counts as the pixels, and come back", () => {
  for (const mask of randomMasks(40, 3)) {
    const data = Uint8Array.from({ length: mask.width * mask.height }, (_, k) => Number(mask.at(k % mask.width, Math.floor(k / mask.width))));
    const rle = rleFromMask(data, mask.width, mask.height);
    assert.deepEqual(rleFromSpans(toSpans(mask), mask), rle);
    assert.deepEqual(spansFromRle(rle), toSpans(mask));
  }
});

test("empty runs hide and split nothing", () => {
  assert.deepEqual(spansFromRuns([0, 2, 0, 3, 1, 0, 2, 1]), [0, 5, 8, 9]);
});

test("a rectangle of the image's height is one span", () => {
  assert.deepEqual(rectangle([1, 0, 3, 5], 5), [5, 20]);
  const mask = pixels(9, 6, (x, y) => x >= 2 && x < 5 && y >= 1 && y < 4);
  assert.equal(toText(rectangle([2, 1, 3, 3], 6), mask), text(mask));
});

test("a large image takes the time of its runs, not of its pixels", () => {
  const height = 40_000;
  const a = rectangle([0, 10, 30_000, 39_000], height);
  const b = rectangle([15_000, 0, 10_000, 40_000], height);
  assert.equal(areaOf(union(a, b)), 30_000 * 39_000 + 10_000 * 1_000);
  assert.equal(areaOf(subtract(a, b)), 20_000 * 39_000);
});
