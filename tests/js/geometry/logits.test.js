import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { containsPoint, lowResIou, rleFromLogits, samFrame } from "../../../static/js/geometry/logits.js";
import { rleArea, rleBbox, rleContains } from "../../../static/js/geometry/rle.js";

const shared = JSON.parse(await readFile(new URL("../../fixtures/logits.json", import.meta.url), "utf8"));

/** The fixture's formulas. @type {Record<string, (i: number, j: number) => number>} */
const FORMULAS = {
  disc: (i, j) => 3600 - (i - 90) ** 2 - (j - 70) ** 2,
  ring: (i, j) => 900 - Math.abs((i - 128) ** 2 + (j - 100) ** 2 - 4000),
  noise: (i, j) => ((37 * i + 91 * j + i * j) % 257) - 200,
  nodes: (i, j) => ((i * i + 3 * j) % 3) - 1,
  outside: (i, j) => -1 - ((i + j) % 5),
  inside: (i, j) => 1 + ((i + j) % 5),
};

/** @param {string} name */
const logitsOf = (name) => Float32Array.from({ length: 65536 }, (_, at) => FORMULAS[name](at % 256, at >> 8));

for (const { formula, width, height, threshold, counts, sha256, area, bbox, points } of shared.cases) {
  const logits = logitsOf(formula);

  test(`${formula} at ${width} × ${height} above ${threshold}: the server's mask`, () => {
    const rle = rleFromLogits(logits, width, height, threshold);
    assert.deepEqual(rle.size, [height, width]);
    if (counts !== undefined) assert.equal(rle.counts, counts);
    assert.equal(createHash("sha256").update(rle.counts).digest("hex"), sha256);
    assert.equal(rleArea(rle), area);
    assert.deepEqual(rleBbox(rle), bbox);
    for (const [x, y, inside] of points) {
      assert.equal(rleContains(rle, x, y), inside === 1);
      if (threshold === 0) assert.equal(containsPoint(logits, x, y, width, height), inside === 1);
    }
  });
}

test("the image fills the frame's longest side, and no side vanishes", () => {
  assert.deepEqual(samFrame(683, 1024), { inputWidth: 683, inputHeight: 1024 });
  assert.deepEqual(samFrame(4000, 3000), { inputWidth: 1024, inputHeight: 768 });
  assert.deepEqual(samFrame(10000, 1), { inputWidth: 1024, inputHeight: 1 });
});

test("overlap of two low-resolution masks", () => {
  assert.equal(lowResIou(logitsOf("inside"), logitsOf("outside")), 0);
  assert.equal(lowResIou(logitsOf("outside"), logitsOf("outside")), 1);
  assert.equal(lowResIou(logitsOf("inside"), logitsOf("inside")), 1);
});
