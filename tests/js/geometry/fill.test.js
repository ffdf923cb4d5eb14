import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fillRings } from "../../../static/js/geometry/fill.js";
import { outlineRuns } from "../../../static/js/geometry/outline.js";
import { decodeCounts } from "../../../static/js/geometry/rle.js";
import { measureSpans, rleFromSpans } from "../../../static/js/geometry/spans.js";
import { randomMasks, toSpans } from "../support/pixels.js";

const shared = JSON.parse(await readFile(new URL("../../fixtures/polygons.json", import.meta.url), "utf8"));

for (const { name, size, rings, counts, area, bbox } of shared.cases) {
  test(`${name}: the server's mask`, () => {
    const [height, width] = size;
    const spans = fillRings(rings, { width, height });
    assert.deepEqual(rleFromSpans(spans, { width, height }), { size, counts });
    assert.deepEqual(measureSpans(spans, height), { area, bbox });
  });
}

test("a mask's own outline fills to the very same mask", () => {
  for (const mask of randomMasks(60, 91)) {
    const spans = toSpans(mask);
    const rings = outlineRuns(decodeCounts(rleFromSpans(spans, mask).counts), mask.height);
    assert.deepEqual(fillRings(rings, mask), spans);
  }
});

test("what would take the page's memory is refused", () => {
  const ring = Array.from({ length: 2000 }, (_, k) => (k % 4 === 2 ? 60_000 : k % 2 ? k : 0));
  assert.throws(() => fillRings([ring], { width: 60_000, height: 1000 }), RangeError);
});
