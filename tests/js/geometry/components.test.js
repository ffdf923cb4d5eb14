import assert from "node:assert/strict";
import { test } from "node:test";
import { fillHoles, partsOf, removeSpecks } from "../../../static/js/geometry/components.js";
import { areaOf, union } from "../../../static/js/geometry/spans.js";
import { components, drawn, pixels, randomMasks, text, toSpans, toText } from "../support/pixels.js";

test("parts are those that touch, also at corners, largest first", () => {
  for (const mask of randomMasks(90, 21)) {
    const parts = partsOf(toSpans(mask), mask.height);
    const expected = components(mask, true).map((set) => set.length).sort((a, b) => b - a);
    assert.deepEqual(parts.map(areaOf), expected);
    assert.deepEqual(parts.reduce(union, []), toSpans(mask));
  }
});

test("parts in columns that wrap are told apart", () => {
  const mask = drawn("..# ... ##.");
  assert.equal(partsOf(toSpans(mask), 3).length, 2);
});

test("holes are what cannot be left without crossing the mask", () => {
  for (const mask of randomMasks(120, 33)) {
    const holes = components(mask, false, false).filter((set) =>
      set.every(({ x, y }) => x > 0 && y > 0 && x < mask.width - 1 && y < mask.height - 1),
    );
    const filled = new Set(holes.flat().map(({ x, y }) => `${x},${y}`));
    const expected = pixels(mask.width, mask.height, (x, y) => mask.at(x, y) || filled.has(`${x},${y}`));
    assert.equal(toText(fillHoles(toSpans(mask), mask.height), mask), text(expected));
  }
});

test("an island in a hole goes with the hole; what is open to the border stays", () => {
  const mask = drawn("####### #.....# #.#.#.# #.....# ####### ..##... .#..#..");
  const filled = drawn("####### ####### ####### ####### ####### ..##... .#..#..");
  assert.equal(toText(fillHoles(toSpans(mask), 7), mask), text(filled));
});

test("specks below the area go, larger parts stay", () => {
  for (const mask of randomMasks(90, 55)) {
    for (const least of [1, 2, 5, 1000]) {
      const sets = components(mask, true);
      const most = Math.max(0, ...sets.map((set) => set.length));
      const kept = new Set(sets.filter((set) => set.length >= Math.min(least, most)).flat().map(({ x, y }) => `${x},${y}`));
      const expected = pixels(mask.width, mask.height, (x, y) => kept.has(`${x},${y}`));
      assert.equal(toText(removeSpecks(toSpans(mask), mask.height, least), mask), text(expected));
    }
  }
});
