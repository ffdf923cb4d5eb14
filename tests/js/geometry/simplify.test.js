import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestOnSegment, segmentDistance2, simplifyLine, simplifyRing } from "../../../static/js/geometry/simplify.js";
import { createRandom } from "../support/pixels.js";

test("every point stays within the tolerance of the line that is left, and the ends stay", () => {
  const random = createRandom(4);
  for (const tolerance of [0, 0.5, 2, 10]) {
    const line = [];
    for (let k = 0, x = 0, y = 0; k < 200; k++) line.push((x += random() * 3), (y += random() * 6 - 3));
    const kept = simplifyLine(line, tolerance);
    assert.deepEqual([kept.slice(0, 2), kept.slice(-2)], [line.slice(0, 2), line.slice(-2)]);
    for (let k = 0; k < line.length; k += 2) {
      let near = Infinity;
      for (let j = 0; j + 3 < kept.length; j += 2) {
        near = Math.min(near, segmentDistance2(line[k], line[k + 1], kept[j], kept[j + 1], kept[j + 2], kept[j + 3]));
      }
      assert.ok(Math.sqrt(near) <= tolerance + 1e-9);
    }
  }
});

test("points on straight lines go", () => {
  assert.deepEqual(simplifyLine([0, 0, 1, 0, 2, 0, 5, 0, 5, 3], 0.1), [0, 0, 5, 0, 5, 3]);
  const square = simplifyRing([5, 0, 9, 0, 9, 4, 9, 9, 0, 9, 0, 3, 0, 0], 0.1);
  assert.deepEqual([square.length, new Set(square).size], [8, 2]);
});

test("a ring never loses its third point", () => {
  assert.equal(simplifyRing([0, 0, 10, 0, 10, 1, 0, 1], 50).length, 6);
  assert.deepEqual(simplifyRing([0, 0, 4, 0, 0, 4], 50), [0, 0, 4, 0, 0, 4]);
});

test("wherever a ring begins, no point stays that is not needed", () => {
  const quad = [[10, 3], [40, 8], [37, 31], [4, 22]];
  const ring = quad.flatMap(([x, y], k) => {
    const [nx, ny] = quad[(k + 1) % 4];
    return Array.from({ length: 20 }, (_, part) => [x + ((nx - x) * part) / 20, y + ((ny - y) * part) / 20]).flat();
  });
  for (let start = 0; start < ring.length; start += 6) {
    const found = simplifyRing([...ring.slice(start), ...ring.slice(0, start)], 0.5);
    assert.equal(found.length, 8);
  }
});

test("a long line does not run out of stack", () => {
  const line = Array.from({ length: 200_000 }, (_, k) => (k % 2 ? Math.abs((k % 400) - 200) : k));
  assert.ok(simplifyLine(line, 1).length < line.length);
});

test("the nearest place on a segment", () => {
  assert.deepEqual(nearestOnSegment(5, 3, 0, 0, 10, 0), [0.5, 5, 0]);
  assert.deepEqual(nearestOnSegment(-5, 3, 0, 0, 10, 0), [0, 0, 0]);
  assert.deepEqual(nearestOnSegment(1, 1, 2, 2, 2, 2), [0, 2, 2]);
});
