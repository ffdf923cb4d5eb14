import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { contains, inside, cropWindowFor } from "../../../static/js/geometry/crop_window.js";
import { decodeCounts } from "../../../static/js/geometry/rle.js";
import { rleFromLogits } from "../../../static/js/geometry/logits.js";

const cases = JSON.parse(readFileSync(new URL("../../fixtures/closeups.json", import.meta.url), "utf8"));

test("the crop for a view is the one that the fixtures tell, and the server takes", () => {
  for (const { image: [width, height], view: [x0, y0, x1, y1], region: crop } of cases) {
    assert.deepEqual(cropWindowFor({ x0, y0, x1, y1 }, { width, height }), crop);
  }
});

test("a crop shows nearly all of the view, and is not much larger", () => {
  for (const { image: [width, height], view: [x0, y0, x1, y1], region: crop } of cases) {
    if (!crop) continue;
    const [x, y, w, h] = crop;
    const [dx, dy] = [(x1 - x0) * 0.05, (y1 - y0) * 0.05];
    assert.ok(x <= x0 + dx && y <= y0 + dy && x + w >= x1 - dx && y + h >= y1 - dy);
    assert.ok(x >= 0 && y >= 0 && x + w <= width && y + h <= height);
    assert.ok(Math.max(w, h) <= Math.max(256, 2 * Math.max(x1 - x0, y1 - y0)));
  }
});

test("a small move keeps the crop, so that it is shared", () => {
  const image = { width: 10000, height: 8000 };
  const crops = new Set();
  for (let x = 3000; x < 3100; x += 10) crops.add(String(cropWindowFor({ x0: x, y0: 3000, x1: x + 700, y1: 3500 }, image)));
  assert.ok(crops.size <= 2, [...crops].join(" "));
});

test("nothing where the whole image shows as much", () => {
  const view = { x0: 0, y0: 0, x1: 1900, y1: 1400 };
  assert.equal(cropWindowFor(view, { width: 2000, height: 1500 }), null);
});

test("prompts are told in the crop's pixels when they lie in it", () => {
  /** @type {[number, number, number, number]} */
  const crop = [100, 200, 512, 512];
  /** @type {import("../../../static/js/net/types.js").Prompts} */
  const prompts = { points: [{ x: 110, y: 220, label: 1, candidate: 2 }], box: { x0: 100, y0: 200, x1: 612, y1: 712 } };
  assert.ok(contains(crop, prompts));
  assert.deepEqual(inside(crop, prompts), {
    points: [{ x: 10, y: 20, label: 1, candidate: 2 }],
    box: { x0: 0, y0: 0, x1: 512, y1: 512 },
  });
  assert.ok(!contains(crop, { points: [{ x: 99, y: 220, label: 1 }], box: null }));
  assert.ok(!contains(crop, { points: [], box: { x0: 110, y0: 220, x1: 613, y1: 300 } }));
});

/** @param {import("../../../static/js/geometry/rle.js").Rle} rle */
function positions({ counts }) {
  const found = new Set();
  let at = 0;
  let ink = false;
  for (const run of decodeCounts(counts)) {
    if (ink) for (let k = at; k < at + run; k++) found.add(k);
    at += run;
    ink = !ink;
  }
  return found;
}

test("a mask over a part lies in the image where the part does", () => {
  const logits = Float32Array.from({ length: 256 * 256 }, (_, k) => 60 - Math.hypot((k % 256) - 90, Math.floor(k / 256) - 70) + 20 * Math.sin(k / 700));
  for (const [x, y, w, h, width, height] of [[3, 5, 40, 30, 60, 50], [0, 0, 40, 30, 40, 30], [20, 20, 40, 30, 60, 50], [10, 0, 40, 50, 60, 50]]) {
    const own = positions(rleFromLogits(logits, w, h));
    const expected = new Set([...own].map((at) => (Math.floor(at / h) + x) * height + (at % h) + y));
    const placed = rleFromLogits(logits, width, height, 0, [x, y, w, h]);
    assert.deepEqual(placed.size, [height, width]);
    assert.deepEqual(positions(placed), expected);
    assert.ok(expected.size > 20);
  }
});
