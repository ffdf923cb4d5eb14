import assert from "node:assert/strict";
import { test } from "node:test";
import { placeSpans } from "../../../static/js/geometry/place.js";
import { pixelsOf } from "../support/place.js";

const FROM = { width: 9, height: 7 };

/** Every third pixel or so, the same each time. */
function speckled() {
  const set = new Set();
  for (let x = 0; x < FROM.width; x++) for (let y = 0; y < FROM.height; y++) if ((x * 7 + y * 3) % 5 < 3) set.add(`${x} ${y}`);
  return set;
}

/** @param {Set<string>} set @param {number} height */
function spansOf(set, height) {
  const starts = [...set].map((text) => text.split(" ").map(Number)).map(([x, y]) => x * height + y).sort((a, b) => a - b);
  /** @type {number[]} */
  const spans = [];
  for (const at of starts) {
    if (spans.at(-1) === at) spans[spans.length - 1] = at + 1;
    else spans.push(at, at + 1);
  }
  return spans;
}

test("a mask comes to another image pixel by pixel, moved and cut off", () => {
  const set = speckled();
  for (const size of [FROM, { width: 9, height: 4 }, { width: 5, height: 7 }, { width: 20, height: 20 }, { width: 4, height: 30 }]) {
    for (const [dx, dy] of [[0, 0], [2, 1], [-3, -2], [0, 5], [30, 0], [-8, 6]]) {
      const expected = new Set(
        [...set].map((text) => text.split(" ").map(Number)).map(([x, y]) => [x + dx, y + dy]).filter(([x, y]) => x >= 0 && y >= 0 && x < size.width && y < size.height).map(([x, y]) => `${x} ${y}`),
      );
      const { spans, cut } = placeSpans(spansOf(set, FROM.height), FROM.height, size, { dx, dy });
      assert.deepEqual(pixelsOf(spans, size.height), expected);
      assert.equal(cut, expected.size < set.size);
      for (let k = 1; k < spans.length; k++) assert.ok(spans[k] > spans[k - 1], "spans rise strictly");
    }
  }
});

test("a span over several columns is put together again", () => {
  const { spans, cut } = placeSpans([0, 63], 7, { width: 9, height: 7 });
  assert.deepEqual([spans, cut], [[0, 63], false]);
  assert.deepEqual(placeSpans([0, 63], 7, { width: 2, height: 7 }).spans, [0, 14]);
  assert.deepEqual(placeSpans([], 7, FROM), { spans: [], cut: false });
});
