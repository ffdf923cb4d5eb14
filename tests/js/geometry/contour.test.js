import assert from "node:assert/strict";
import { test } from "node:test";
import { contourLogits } from "../../../static/js/geometry/contour.js";

const SIZE = 32;

/** @param {(u: number, v: number) => number} value */
function field(value) {
  return Float32Array.from({ length: SIZE * SIZE }, (_, k) => value(k % SIZE, Math.floor(k / SIZE)));
}

/** Even-odd test of all rings. @param {Float32Array[]} rings @param {number} x @param {number} y */
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

/** Bilinear with clamped coordinates: what the mask is made by. @param {Float32Array} logits @param {number} u @param {number} v */
function sample(logits, u, v) {
  const [cu, cv] = [u, v].map((value) => Math.min(Math.max(value, 0), SIZE - 1));
  const [i, j] = [Math.min(Math.floor(cu), SIZE - 2), Math.min(Math.floor(cv), SIZE - 2)];
  const [s, t] = [cu - i, cv - j];
  const at = j * SIZE + i;
  const top = logits[at] * (1 - s) + logits[at + 1] * s;
  const bottom = logits[at + SIZE] * (1 - s) + logits[at + SIZE + 1] * s;
  return top * (1 - t) + bottom * t;
}

test("nothing positive, no ring", () => {
  assert.deepEqual(contourLogits(field(() => -1), { size: SIZE }), []);
});

test("everything positive covers the whole field and its clamped border", () => {
  const rings = contourLogits(field(() => 1), { size: SIZE });
  for (const [x, y] of [[-0.5, -0.5], [SIZE - 0.5, SIZE - 0.5], [SIZE / 2, 0]]) assert.ok(inside(rings, x, y));
});

test("a circle's ring has its radius, and a hole has a ring of its own", () => {
  const disc = contourLogits(field((u, v) => 10 - Math.hypot(u - 16, v - 16)), { size: SIZE });
  assert.equal(disc.length, 1);
  for (let k = 0; k < disc[0].length; k += 2) {
    assert.ok(Math.abs(Math.hypot(disc[0][k] - 16, disc[0][k + 1] - 16) - 10) < 0.05);
  }
  const ring = contourLogits(field((u, v) => 3 - Math.abs(Math.hypot(u - 16, v - 16) - 9)), { size: SIZE });
  assert.equal(ring.length, 2);
  assert.ok(!inside(ring, 16, 16));
  assert.ok(inside(ring, 16, 7.2));
});

test("the rings bound the very points whose bilinear sample is positive", () => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const logits = field(() => random() - 0.5);
  const rings = contourLogits(logits, { size: SIZE, detail: 8 });
  let wrong = 0;
  const tries = 4000;
  for (let k = 0; k < tries; k++) {
    const [u, v] = [random() * SIZE - 0.5, random() * SIZE - 0.5];
    const value = sample(logits, u, v);
    // Between the drawn chords and the true curve lies a sliver.
    if (Math.abs(value) > 0.01 && value > 0 !== inside(rings, u, v)) wrong++;
  }
  assert.ok(wrong / tries < 0.002, `${wrong} of ${tries}`);
});

test("a second call starts from a clean slate", () => {
  const first = contourLogits(field((u) => 5 - u), { size: SIZE });
  contourLogits(field((_u, v) => v - 20), { size: SIZE });
  assert.deepEqual(contourLogits(field((u) => 5 - u), { size: SIZE }), first);
});
