import assert from "node:assert/strict";
import { test } from "node:test";
import { createPyramidLayer } from "../../../static/js/canvas/pyramid_layer.js";
import { createView } from "../../../static/js/canvas/view.js";

const IMAGE = { width: 8000, height: 6000 };
const PREVIEW = 2048 / 8000;
const tick = () => new Promise((resolve) => setImmediate(resolve));

function levels() {
  const made = [];
  for (let level = 0; ; level++) {
    const [width, height] = [Math.ceil(8000 / 2 ** level), Math.ceil(6000 / 2 ** level)];
    const [columns, rows] = [Math.ceil(width / 512), Math.ceil(height / 512)];
    made.push({ level, width, height, columns, rows });
    if (columns * rows === 1) return made;
  }
}

function make({ finest = 0 } = {}) {
  const view = createView(IMAGE);
  view.resize(1000, 800);
  /** @type {{key: string, resolve: (bitmap: any) => void, reject: (error: Error) => void, signal: AbortSignal}[]} */
  const asked = [];
  const state = { time: 0, repaints: 0, failures: 0, closed: 0 };
  const layer = createPyramidLayer({
    image: IMAGE,
    pyramid: { version: "v", tile: 512, levels: levels().slice(finest) },
    preview: PREVIEW,
    fetchTile: ({ level, column, row }, signal) =>
      new Promise((resolve, reject) => asked.push({ key: `${level} ${column} ${row}`, resolve, reject, signal })),
    repaint: () => void state.repaints++,
    failed: () => void state.failures++,
    now: () => state.time,
  });
  /** As a view that has come to rest. */
  const update = () => {
    layer.update(view, view.scale);
    return layer.update(view, view.scale);
  };
  const answer = async () => {
    while (asked.some(({ signal }) => !signal.aborted)) {
      for (const { resolve } of asked.splice(0)) resolve({ close: () => void state.closed++ });
      await tick();
    }
  };
  return { view, layer, asked, state, update, answer };
}

/** @param {ReturnType<typeof createView>} view @param {number} scale @param {number} x @param {number} y */
function moveTo(view, scale, x, y) {
  view.zoomBy(scale / view.scale);
  const { width, height } = view.size;
  const at = view.toCanvas(x, y);
  view.panBy(width / 2 - at.x, height / 2 - at.y);
}

test("nothing is asked for while the preview shows as much", () => {
  const { update, asked } = make();
  assert.equal(update(), false);
  assert.deepEqual(asked, []);
});

test("only tiles in sight are asked for, at the level of the zoom, the middle first", async () => {
  const { view, update, asked, answer } = make();
  moveTo(view, 1, 4000, 3000);
  update();
  assert.equal(asked.length, 6, "a few at a time");
  const first = asked[0].key;
  assert.ok(["0 7 5", "0 7 6"].includes(first), first);
  const seen = new Set();
  while (asked.length) {
    for (const { key, resolve } of asked.splice(0)) {
      seen.add(key);
      resolve({ close() {} });
    }
    await tick();
  }
  const expected = [];
  for (let column = 6; column <= 8; column++) for (let row = 5; row <= 6; row++) expected.push(`0 ${column} ${row}`);
  assert.deepEqual([...seen].sort(), expected.sort());
  assert.equal(update(), true, "the preview is covered");
  moveTo(view, 0.5, 4000, 3000);
  update();
  assert.ok(asked.every(({ key }) => key.startsWith("1 ")), "half the zoom, the next level");
  await answer();
});

test("while the zoom changes nothing is asked for", () => {
  const { view, layer, asked } = make();
  for (const scale of [0.4, 0.5, 0.7, 0.9]) {
    moveTo(view, scale, 4000, 3000);
    layer.update(view, view.scale);
  }
  assert.deepEqual(asked, []);
  layer.update(view, view.scale);
  assert.equal(asked.length, 6);
  layer.close();
});

test("what left the sight is abandoned", async () => {
  const { view, update, asked } = make();
  moveTo(view, 1, 1000, 1000);
  update();
  const before = asked.splice(0);
  moveTo(view, 1, 6000, 4000);
  update();
  assert.ok(before.every(({ signal }) => signal.aborted));
  assert.equal(asked.length, 6);
  assert.ok(asked.every(({ signal }) => !signal.aborted));
});

test("what comes after it was abandoned is thrown away", async () => {
  const { view, layer, update, asked, state } = make();
  moveTo(view, 1, 1000, 1000);
  update();
  const before = asked.splice(0);
  moveTo(view, 1, 6000, 4000);
  update();
  for (const { resolve } of before) resolve({ close: () => void state.closed++ });
  await tick();
  assert.equal(layer.size, 0);
  assert.equal(state.closed, before.length);
});

test("a bounded number of tiles is kept, and those in sight always", async () => {
  const { view, layer, update, answer, state } = make();
  for (let y = 500; y < 6000; y += 700) {
    for (let x = 500; x < 8000; x += 900) {
      moveTo(view, 1, x, y);
      update();
      await answer();
      assert.equal(update(), true);
      assert.ok(layer.size <= 128);
    }
  }
  assert.equal(layer.size, 128);
  assert.ok(state.closed > 50);
  layer.close();
  assert.equal(layer.size, 0);
});

test("a tile that failed is told of and tried again a little later", async () => {
  const { view, update, asked, state, answer } = make();
  moveTo(view, 1, 4000, 3000);
  update();
  asked.shift()?.reject(new Error("lost"));
  await tick();
  assert.equal(state.failures, 1);
  await answer();
  assert.equal(update(), false);
  assert.deepEqual(asked, [], "not at once");
  state.time = 4000;
  update();
  assert.equal(asked.length, 1);
});

test("tiles lie on whole pixels, edge to edge, whatever the view's offset", async () => {
  const { view, layer, update, answer } = make();
  moveTo(view, 0.731, 7300.3, 5500.7);
  update();
  await answer();
  assert.equal(update(), true);
  /** @type {number[][]} */
  const rects = [];
  let transform = [];
  const context = /** @type {any} */ ({
    save() {},
    restore() {},
    getTransform: () => ({ a: view.scale, b: 0, c: 0, d: view.scale, e: view.tx, f: view.ty }),
    setTransform: (/** @type {number[]} */ ...values) => (transform = values),
    drawImage(/** @type {any} */ _bitmap, /** @type {number[]} */ ...[, , sw, sh]) {
      const [a, b, c, d, e, f] = transform;
      assert.deepEqual([b, c], [0, 0]);
      rects.push([e, f, e + a, f + d, sw, sh]);
    },
  });
  layer.draw(context);
  assert.ok(rects.length >= 4);
  assert.ok(rects.flat().slice(0, 4).every(Number.isInteger));
  const right = Math.round(view.toCanvas(8000, 0).x);
  assert.equal(Math.max(...rects.map(([, , x1]) => x1)), right, "the last tile ends with the image");
  const starts = new Set(rects.map(([x0]) => x0));
  for (const [, , x1] of rects) assert.ok(x1 === right || starts.has(x1), "no gap between neighbours");
  // Column 15 of level 0 has 320 pixels.
  assert.ok(rects.some(([, , , , sw]) => sw === 8000 - 15 * 512));
});

test("a pyramid without the finest level shows the best there is", async () => {
  const { view, update, asked } = make({ finest: 1 });
  moveTo(view, 2, 4000, 3000);
  update();
  assert.ok(asked.length > 0);
  assert.ok(asked.every(({ key }) => key.startsWith("1 ")));
});
