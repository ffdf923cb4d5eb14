import assert from "node:assert/strict";
import { test } from "node:test";
import { createViewSettings, PLAIN } from "../../../static/js/canvas/view_settings.js";
import { applyCurve, toneCurve } from "../../../static/js/canvas/tone.js";
import { createView } from "../../../static/js/canvas/view.js";

function memory(text = "") {
  /** @type {Record<string, string>} */
  const kept = text ? { "segweb-look": text } : {};
  return { getItem: (/** @type {string} */ key) => kept[key] ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => void (kept[key] = value) };
}

test("what is set is kept, and only what makes sense", () => {
  const storage = memory();
  const settings = createViewSettings(() => storage);
  assert.deepEqual(settings.values, PLAIN);
  settings.set({ brightness: 400, gamma: Number.NaN, outline: true, rotation: 1, .../** @type {any} */ ({ tags: 1, other: 3 }) });
  assert.deepEqual(settings.values, { ...PLAIN, brightness: 100, outline: true, rotation: 1 });
  assert.equal(settings.tint, 0);
  assert.deepEqual(createViewSettings(() => storage).values, settings.values);
  assert.equal(JSON.parse(storage.getItem("segweb-look") ?? "").turns, 1, "the script that runs before the page reads it");
  settings.reset();
  assert.deepEqual(createViewSettings(() => storage).values, PLAIN);
});

test("what cannot be read, and a browser that keeps nothing, are no obstacle", () => {
  assert.deepEqual(createViewSettings(() => memory("{")).values, PLAIN);
  assert.deepEqual(createViewSettings(() => memory('{"turns": 2.6, "grid": "no"}')).values, { ...PLAIN, rotation: 3 });
  const settings = createViewSettings(() => {
    throw new Error("switched off");
  });
  settings.set({ tags: true });
  assert.equal(settings.values.tags, true);
});

test("tone leaves a picture alone, or bends every level by one curve", () => {
  const plain = { brightness: 0, contrast: 0, gamma: 1 };
  assert.equal(toneCurve(plain), null);
  const lifted = /** @type {Uint8ClampedArray} */ (toneCurve({ ...plain, brightness: 20 }));
  assert.deepEqual([lifted[0], lifted[100], lifted[255]], [51, 151, 255]);
  const steep = /** @type {Uint8ClampedArray} */ (toneCurve({ ...plain, contrast: 100 }));
  assert.deepEqual([steep[0], steep[128], steep[255]], [0, 130, 255]);
  const bent = /** @type {Uint8ClampedArray} */ (toneCurve({ ...plain, gamma: 2 }));
  assert.deepEqual([bent[0], bent[64], bent[255]], [0, 128, 255]);
  const data = new Uint8ClampedArray([0, 100, 255, 77]);
  applyCurve(data, lifted);
  assert.deepEqual([...data], [51, 151, 255, 77]);
});

/** @param {{x: number, y: number}} a @param {{x: number, y: number}} b */
const near = (a, b) => assert.ok(Math.hypot(a.x - b.x, a.y - b.y) < 1e-6, `${a.x}, ${a.y} is not ${b.x}, ${b.y}`);

test("a turned view maps there and back, and by its matrix", () => {
  for (const rotation of [0, 1, 2, 3]) {
    const view = createView({ width: 400, height: 300 });
    view.resize(1000, 800);
    view.rotateTo(rotation);
    view.zoomBy(2.5, 300, 300);
    view.panBy(20, -30);
    const [xx, yx, xy, yy] = view.rotationMatrix;
    for (const [x, y] of [[0, 0], [400, 0], [0, 300], [123, 45]]) {
      const at = view.toCanvas(x, y);
      near(view.toImage(at.x, at.y), { x, y });
      near(at, { x: view.scale * (xx * x + xy * y) + view.tx, y: view.scale * (yx * x + yy * y) + view.ty });
    }
    assert.equal(xx * yy - xy * yx, 1, "a turn, not a mirror");
  }
});

test("a turned image is fitted as it lies, and its corners stay on the canvas", () => {
  const view = createView({ width: 400, height: 100 });
  view.resize(448, 848);
  assert.equal(view.scale, 1);
  view.rotateTo(1);
  assert.equal(view.scale, 2);
  for (const [x, y] of [[0, 0], [400, 100]]) {
    const at = view.toCanvas(x, y);
    assert.ok(at.x >= 24 && at.x <= 424 && at.y >= 24 && at.y <= 824);
  }
  assert.deepEqual(view.visible(), { x0: 0, y0: 0, x1: 400, y1: 100 });
  view.rotateTo(-1);
  assert.equal(view.rotation, 3);
});

test("turning keeps the middle, revealing and restoring bring a place there", () => {
  const view = createView({ width: 4000, height: 3000 });
  view.resize(800, 600);
  view.zoomBy(20, 100, 100);
  const middle = view.middle();
  for (const rotation of [1, 2, 3, 0]) {
    view.rotateTo(rotation);
    near(view.middle(), middle);
  }
  view.rotateTo(1);
  view.reveal([3000, 2000, 100, 100]);
  near(view.middle(), { x: 3050, y: 2050 });
  const other = createView({ width: 4000, height: 3000 });
  other.rotateTo(1);
  other.resize(800, 600);
  other.restore({ scale: view.scale, ...view.middle() });
  near(other.toCanvas(3000, 2000), view.toCanvas(3000, 2000));
  assert.ok(!other.fitted);
});
