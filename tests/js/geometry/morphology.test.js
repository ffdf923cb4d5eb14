import assert from "node:assert/strict";
import { test } from "node:test";
import { grow, shrink, smooth } from "../../../static/js/geometry/morphology.js";
import { areaOf, rectangle } from "../../../static/js/geometry/spans.js";
import { drawn, pixels, randomMasks, text, toSpans, toText } from "../support/pixels.js";

/** @typedef {import("../support/pixels.js").Pixels} Pixels */

/** The values of the disc around a pixel, as far as it lies in the image. @param {Pixels} mask @param {number} x @param {number} y @param {number} n */
function disc(mask, x, y, n) {
  const values = [];
  for (let dx = -n; dx <= n; dx++) {
    for (let dy = -n; dy <= n; dy++) {
      const within = x + dx >= 0 && y + dy >= 0 && x + dx < mask.width && y + dy < mask.height;
      if (within && dx * dx + dy * dy <= n * n) values.push(mask.at(x + dx, y + dy));
    }
  }
  return values;
}

for (const [name, operation, rule] of /** @type {[string, typeof grow, (values: boolean[]) => boolean][]} */ ([
  ["grow", grow, (values) => values.includes(true)],
  ["shrink", shrink, (values) => !values.includes(false)],
  ["smooth", smooth, (values) => values.filter(Boolean).length * 2 > values.length],
])) {
  test(`${name} is what the disc around each pixel tells`, () => {
    for (const mask of randomMasks(70, 77)) {
      for (const n of [1, 2, 3, 7]) {
        const expected = pixels(mask.width, mask.height, (x, y) => rule(disc(mask, x, y, n)));
        assert.equal(toText(operation(toSpans(mask), n, mask), mask), text(expected), `n = ${n} of\n${text(mask)}`);
      }
    }
  });
}

test("by nothing, and of nothing, nothing changes", () => {
  const size = { width: 5, height: 5 };
  for (const operation of [grow, shrink, smooth]) {
    assert.deepEqual(operation([], 3, size), []);
    assert.deepEqual(operation([3, 9], 0, size), [3, 9]);
  }
});

test("an object at the border does not shrink away from it", () => {
  const mask = drawn("##... ##... ##... .....");
  assert.equal(toText(shrink(toSpans(mask), 1, mask), mask), text(drawn("#.... #.... ..... .....")));
});

test("a large mask takes a moment", () => {
  const size = { width: 6000, height: 4000 };
  const spans = rectangle([500, 500, 3000, 2000], size.height);
  assert.equal(areaOf(shrink(spans, 10, size)), 2980 * 1980);
  assert.ok(areaOf(grow(spans, 10, size)) > 3000 * 2000);
  assert.ok(Math.abs(areaOf(smooth(spans, 5, size)) - 6_000_000) < 100);
});
