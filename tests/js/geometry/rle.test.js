import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  decodeCounts,
  encodeCounts,
  rleArea,
  rleBbox,
  rleContains,
  rleFromMask,
  rleToMask,
} from "../../../static/js/geometry/rle.js";

const shared = JSON.parse(await readFile(new URL("../../fixtures/rle.json", import.meta.url), "utf8"));

for (const { name, size, counts, area, bbox, inside, rows } of shared.cases) {
  const [height, width] = size;
  const rle = { size, counts };
  const mask = Uint8Array.from(rows.join(""), Number);

  test(`${name}: pixels to counts and back`, () => {
    assert.deepEqual(rleFromMask(mask, width, height), rle);
    assert.deepEqual(rleToMask(rle), mask);
    assert.equal(encodeCounts(decodeCounts(counts)), counts);
  });

  test(`${name}: area and box`, () => {
    assert.equal(rleArea(rle), area);
    assert.deepEqual(rleBbox(rle), bbox);
  });

  test(`${name}: what lies at a point`, () => {
    for (const [x, y] of inside) assert.ok(rleContains(rle, x, y));
    for (let at = 0; at < mask.length; at++) {
      assert.equal(rleContains(rle, (at % width) + 0.9, Math.floor(at / width)), mask[at] === 1);
    }
    for (const [x, y] of [[-0.1, 0], [0, -0.1], [width, 0], [0, height]]) assert.ok(!rleContains(rle, x, y));
  });

  test(`${name}: the pixels of a region`, () => {
    const region = [Math.floor(width / 3), Math.floor(height / 4), Math.ceil(width / 2), Math.ceil(height / 2)];
    const [x, y, w, h] = region;
    const cut = rows.slice(y, y + h).map((row) => row.slice(x, x + w));
    assert.deepEqual(rleToMask(rle, region), Uint8Array.from(cut.join(""), Number));
  });
}

test("runs longer than 32 bits keep their length", () => {
  const runs = [2 ** 40, 3, 5, 2 ** 35 + 1, 7, 2];
  assert.deepEqual(decodeCounts(encodeCounts(runs)), runs);
});

for (const [what, counts] of [
  ["nothing", ""],
  ["a foreign character", "0 1"],
  ["a character beyond ASCII", "0é"],
  ["an unfinished number", "0P"],
  ["a negative run", "0O"],
  ["a number without end", "P".repeat(400) + "1"],
]) {
  test(`refuses ${what}`, () => assert.throws(() => decodeCounts(counts), RangeError));
}
