import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore } from "../../../../static/js/core/store.js";
import { spansMeet, touchesBorder } from "../../../../static/js/geometry/overlap.js";
import { rleFromMask, rleToMask } from "../../../../static/js/geometry/rle.js";
import { measureSpans, spansFromRle } from "../../../../static/js/geometry/spans.js";
import { createFlags } from "../../../../static/js/pages/annotate/flags.js";

/** @typedef {import("../../../../static/js/net/types.js").Annotation} Annotation */

const [WIDTH, HEIGHT] = [60, 40];

/** A generator whose numbers are the same each time. @param {number} seed */
function random(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** @param {string} id @param {(x: number, y: number) => boolean} inside */
function object(id, inside) {
  const mask = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++) mask[y * WIDTH + x] = Number(inside(x, y));
  const rle = rleFromMask(mask, WIDTH, HEIGHT);
  return /** @type {Annotation} */ (/** @type {unknown} */ ({ id, rle, ...measureSpans(spansFromRle(rle), HEIGHT), createdTime: 1, label: 1, attributes: {} }));
}

/** @param {Annotation} a @param {Annotation} b pixel by pixel */
function meet(a, b) {
  const [left, right] = [rleToMask(a.rle), rleToMask(b.rle)];
  return left.some((value, k) => value && right[k]);
}

function blobs(count = 40) {
  const next = random(7);
  return Array.from({ length: count }, (_, k) => {
    const [cx, cy, r, hole] = [next() * WIDTH, next() * HEIGHT, 2 + next() * 9, next() * 5];
    return object(`o${k}`, (x, y) => {
      const d = Math.hypot(x - cx, y - cy);
      return d <= r && d >= hole;
    });
  }).filter(({ area }) => area > 0);
}

/** @param {Annotation[]} list */
function flagged(list) {
  const store = createStore();
  for (const one of list) store.put(one);
  /** @type {((until: number) => void)[]} */
  const queue = [];
  let told = 0;
  const flags = createFlags({ store, image: { width: WIDTH, height: HEIGHT }, changed: () => told++, later: (run) => void queue.push(run) });
  /** @param {number} [until] */
  const work = (until = Infinity) => {
    let rounds = 0;
    for (; queue.length; rounds++) queue.shift()?.(until);
    return rounds;
  };
  return { store, flags, work, told: () => told };
}

/** @param {ReturnType<typeof flagged>} page */
function check({ store, flags }) {
  for (const a of store.list()) {
    const truth = store.list().filter((b) => b !== a && meet(a, b)).map(({ id }) => id);
    assert.deepEqual([...flags.over(a.id)].sort(), truth.sort(), a.id);
  }
}

test("spans meet where masks share a pixel", () => {
  const list = blobs();
  for (const a of list) for (const b of list) assert.equal(spansMeet(spansFromRle(a.rle), spansFromRle(b.rle)), meet(a, b), `${a.id} ${b.id}`);
  assert.ok(!spansMeet([], [0, 5]));
  assert.ok(!spansMeet([0, 5], [5, 9]) && spansMeet([0, 5], [4, 5]));
});

test("a mask at any side of the image touches its border", () => {
  const image = { width: 60, height: 40 };
  for (const box of /** @type {[number, number, number, number][]} */ ([[0, 5, 2, 2], [5, 0, 2, 2], [58, 5, 2, 2], [5, 38, 2, 2]])) assert.ok(touchesBorder(box, image));
  assert.ok(!touchesBorder([1, 1, 58, 38], image));
});

test("overlaps are those of the pixels, also found a little at a time", () => {
  const whole = flagged(blobs());
  assert.ok(!whole.flags.settled);
  assert.equal(whole.work(), 1);
  assert.ok(whole.flags.settled);
  check(whole);
  const slow = flagged(blobs());
  assert.equal(slow.work(-1), slow.store.size, "one object a time when there is no time");
  check(slow);
});

test("a change, a deletion and a new object are followed", () => {
  const page = flagged(blobs());
  page.work();
  const next = random(99);
  for (let k = 0; k < 30; k++) {
    const list = page.store.list();
    const { id } = list[Math.floor(next() * list.length)];
    if (k % 3 === 0) page.store.remove(id);
    else page.store.put(object(k % 3 === 1 ? id : `new${k}`, (x, y) => Math.hypot(x - next() * 60, y - 20) < 9));
    page.work();
    check(page);
  }
});

test("a new label or lock asks nothing anew", () => {
  const page = flagged(blobs());
  page.work();
  const before = page.told();
  page.store.put({ ...page.store.list()[0], label: 2, version: 2 });
  assert.equal(page.work(), 0);
  assert.equal(page.told(), before);
});
