import assert from "node:assert/strict";
import { test } from "node:test";
import { columns, measureRuns, outlineRuns, thin } from "../../../static/js/geometry/outline.js";
import { runAt } from "../../../static/js/canvas/mask_paths.js";

/** Runs of a picture drawn in text, down the columns. @param {string[]} rows */
function runsOf(rows) {
  const [height, width] = [rows.length, rows[0].length];
  const runs = [];
  let value = "0";
  let length = 0;
  for (let k = 0; k < width * height; k++) {
    const pixel = rows[k % height][Math.floor(k / height)] === "#" ? "1" : "0";
    if (pixel !== value) {
      runs.push(length);
      length = 0;
      value = pixel;
    }
    length++;
  }
  return [...runs, length];
}

/** @param {Int32Array[]} rings @param {number} x @param {number} y */
function inside(rings, x, y) {
  let odd = false;
  for (const ring of rings) {
    for (let k = 0, j = ring.length - 2; k < ring.length; j = k, k += 2) {
      const [x0, y0, x1, y1] = [ring[j], ring[j + 1], ring[k], ring[k + 1]];
      if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) odd = !odd;
    }
  }
  return odd;
}

test("a single pixel is a square", () => {
  const rings = outlineRuns(runsOf(["....", ".#..", "...."]), 3);
  assert.equal(rings.length, 1);
  const corners = new Set(Array.from({ length: 4 }, (_, k) => `${rings[0][2 * k]},${rings[0][2 * k + 1]}`));
  assert.deepEqual(corners, new Set(["1,1", "2,1", "2,2", "1,2"]));
});

test("straight lines have no points between", () => {
  const [ring] = outlineRuns(runsOf(["####", "####"]), 2);
  assert.equal(ring.length, 8);
});

test("outlines of random masks fill back to the same pixels", () => {
  let seed = 3;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let round = 0; round < 60; round++) {
    const [width, height] = [1 + Math.floor(random() * 9), 1 + Math.floor(random() * 9)];
    const density = random();
    const rows = Array.from({ length: height }, () => Array.from({ length: width }, () => (random() < density ? "#" : ".")).join(""));
    const rings = outlineRuns(runsOf(rows), height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        assert.equal(inside(rings, x + 0.5, y + 0.5), rows[y][x] === "#", `${rows.join("\n")} at ${x},${y}`);
      }
    }
  }
});

test("a run over several columns is cut at each", () => {
  assert.deepEqual([...columns([1, 6, 2], 3)], [[0, [1, 3]], [1, [0, 3]], [2, [0, 1]]]);
});

test("bounding box and area", () => {
  assert.deepEqual(measureRuns(runsOf(["......", "..##..", "...#.."]), 3), { bbox: [2, 1, 2, 2], area: 3 });
  assert.deepEqual(measureRuns([12], 3), { bbox: [0, 0, 0, 0], area: 0 });
});

test("thinning keeps points apart", () => {
  assert.deepEqual(thin(Int32Array.from([0, 0, 1, 0, 2, 0, 5, 0]), 2), [0, 0, 2, 0, 5, 0]);
});

test("runAt finds the run that holds a position, also beside empty runs", () => {
  const ends = Uint32Array.from([0, 3, 3, 7]);
  assert.deepEqual([0, 2, 3, 6].map((position) => runAt(ends, position)), [1, 1, 3, 3]);
});
