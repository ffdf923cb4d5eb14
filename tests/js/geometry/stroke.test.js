import assert from "node:assert/strict";
import { test } from "node:test";
import { dabAt, strokeSpans } from "../../../static/js/geometry/stroke.js";
import { areaOf, difference, holds } from "../../../static/js/geometry/spans.js";
import { segmentDistance2 } from "../../../static/js/geometry/simplify.js";
import { createRandom, drawn, pixels, text, toSpans, toText } from "../support/pixels.js";

const SIZE = { width: 60, height: 45 };

test("a brush of one pixel paints the pixel under the pointer", () => {
  for (const [x, y] of [[3.01, 4.99], [0, 0], [59.9, 44.9]]) {
    const spans = strokeSpans([dabAt(x, y, 1)], "round", SIZE);
    assert.deepEqual(spans, [Math.floor(x) * 45 + Math.floor(y), Math.floor(x) * 45 + Math.floor(y) + 1]);
  }
});

test("small brushes are what they are called", () => {
  const size = { width: 7, height: 6 };
  const stamp = (/** @type {number} */ d, /** @type {"round" | "square"} */ shape) => toText(strokeSpans([dabAt(3.2, 3.4, d)], shape, size), size);
  assert.equal(stamp(2, "round"), text(drawn("....... ....... ..##... ..##... ....... .......")));
  assert.equal(stamp(3, "square"), text(drawn("....... ....... ..###.. ..###.. ..###.. .......")));
  assert.equal(stamp(5, "round"), text(drawn("....... ..###.. .#####. .#####. .#####. ..###..")));
  assert.equal(stamp(4, "square"), text(drawn("....... .####.. .####.. .####.. .####.. .......")));
});

test("a round stroke is what lies no further from its way than half its width", () => {
  const random = createRandom(8);
  for (let round = 0; round < 60; round++) {
    const size = 1 + Math.floor(random() * 14);
    const dabs = Array.from({ length: 1 + Math.floor(random() * 5) }, () => dabAt(random() * 70 - 5, random() * 55 - 5, size));
    const far = (/** @type {number} */ x, /** @type {number} */ y) =>
      Math.min(...dabs.map((dab, k) => {
        const before = dabs[Math.max(0, k - 1)];
        return Math.sqrt(segmentDistance2(x + 0.5, y + 0.5, before.x, before.y, dab.x, dab.y)) - size / 2;
      }));
    const expected = pixels(SIZE.width, SIZE.height, (x, y) => far(x, y) <= 0);
    const wrong = difference(strokeSpans(dabs, "round", SIZE), toSpans(expected));
    for (let k = 0; k < wrong.length; k += 2) {
      // Where the edge runs through a pixel's very centre, rounding decides.
      for (let at = wrong[k]; at < wrong[k + 1]; at++) assert.ok(Math.abs(far(Math.floor(at / 45), at % 45)) < 1e-9);
    }
  }
});

test("a stroke of growing width covers all discs on its way", () => {
  const dabs = [{ x: 10.5, y: 10.5, size: 3 }, { x: 40, y: 30, size: 16 }];
  const spans = strokeSpans(dabs, "round", SIZE);
  for (let part = 0; part <= 1; part += 0.05) {
    const [x, y, r] = [10.5 + 29.5 * part, 10.5 + 19.5 * part, 1.5 + 6.5 * part];
    for (let column = 0; column < 60; column++) {
      for (let row = 0; row < 45; row++) {
        if (Math.hypot(column + 0.5 - x, row + 0.5 - y) < r - 1e-9) assert.ok(holds(spans, column * 45 + row));
      }
    }
  }
  assert.ok(areaOf(spans) < 37 * 11 + 250);
});

test("a square stroke is what squares on its way cover", () => {
  const random = createRandom(12);
  for (let round = 0; round < 30; round++) {
    const size = 1 + Math.floor(random() * 9);
    const [a, b] = [dabAt(random() * 60, random() * 45, size), dabAt(random() * 60, random() * 45, size)];
    const spans = strokeSpans([a, b], "square", SIZE);
    const half = size / 2;
    const expected = pixels(SIZE.width, SIZE.height, (x, y) => {
      // The way's shares at which the square reaches the pixel's centre, in each direction.
      let [from, to] = [0, 1];
      for (const [start, end, at] of [[a.x, b.x, x + 0.5], [a.y, b.y, y + 0.5]]) {
        if (start === end && Math.abs(at - start) > half) return false;
        if (start === end) continue;
        const shares = [(at - half - start) / (end - start), (at + half - start) / (end - start)].sort((p, q) => p - q);
        [from, to] = [Math.max(from, shares[0]), Math.min(to, shares[1])];
      }
      return from <= to + 1e-9;
    });
    const wrong = areaOf(difference(spans, toSpans(expected)));
    assert.ok(wrong <= 2, `${wrong} pixels`);
  }
});

test("a stroke beyond the image is cut off, one far away is nothing", () => {
  assert.deepEqual(strokeSpans([dabAt(-50, -50, 20)], "round", SIZE), []);
  assert.equal(areaOf(strokeSpans([dabAt(0, 0, 10)], "square", SIZE)), 25);
});
