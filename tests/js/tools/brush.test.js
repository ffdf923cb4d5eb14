import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore } from "../../../static/js/core/store.js";
import { createBrushTool } from "../../../static/js/tools/brush.js";
import { createOptions } from "../../../static/js/tools/options.js";
import { click, drag, pointer } from "../support/pointer.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** @param {boolean} [erases] @param {{target?: any}} [more] */
function make(erases = false, { target } = {}) {
  const store = createStore();
  const options = createOptions();
  options.set({ size: 11 });
  /** @type {import("../../../static/js/tools/brush.js").Stroke[]} */
  const strokes = [];
  let left = 0;
  const { tool, ...rest } = createBrushTool({
    store, options,
    target: target ?? (() => ({ id: store.selected })),
    commit: (stroke) => void strokes.push(stroke),
    color: () => "#fff",
    changed() {},
    exit: () => left++,
  }, erases);
  tool.activate();
  return { store, options, strokes, tool, rest, left: () => left };
}

test("a stroke is where the pointer was, between frames too", async () => {
  const { tool, strokes } = make();
  tool.down(pointer(10.2, 10.9));
  tool.move(pointer(30, 10, { trail: [{ x: 20, y: 12, pressure: 1 }, { x: 30, y: 10, pressure: 1 }] }));
  tool.up(pointer(30, 10));
  assert.deepEqual(strokes[0].dabs, [{ x: 10.5, y: 10.5, size: 11 }, { x: 20.5, y: 12.5, size: 11 }, { x: 30.5, y: 10.5, size: 11 }]);
  assert.deepEqual([strokes[0].erase, strokes[0].id, strokes[0].shape], [false, null, "round"]);
});

test("shift goes on from where the last stroke ended; the first one begins by itself", async () => {
  const { tool, strokes } = make();
  click(tool, 5, 5, { shift: true });
  await settle();
  assert.equal(strokes[0].dabs.length, 1);
  click(tool, 50, 60, { shift: true });
  assert.deepEqual(strokes[1].dabs.map(({ x, y }) => [x, y]), [[5.5, 5.5], [50.5, 60.5]]);
});

test("the right button is the other tool, the middle one none", async () => {
  const brush = make();
  click(brush.tool, 5, 5, { button: 2 });
  await settle();
  click(brush.tool, 5, 5, { button: 1 });
  assert.deepEqual(brush.strokes.map(({ erase }) => erase), [true]);
  const eraser = make(true);
  click(eraser.tool, 5, 5);
  await settle();
  click(eraser.tool, 5, 5, { button: 2 });
  assert.deepEqual(eraser.strokes.map(({ erase }) => erase), [true, false]);
});

test("pressure narrows, and never to nothing", () => {
  const { tool, strokes } = make();
  drag(tool, [[5, 5]], { type: "pen", pressure: 0.5 });
  assert.equal(strokes[0].dabs[0].size, Math.round(11 * 0.6));
});

test("what refuses the target is not painted on", () => {
  const { tool, strokes } = make(false, { target: () => null });
  drag(tool, [[1, 1], [9, 9]]);
  assert.equal(strokes.length, 0);
});

test("escape drops the stroke, then the selection, then the tool; undo drops a stroke too", () => {
  const { tool, strokes, store, left } = make();
  store.put(/** @type {any} */ ({ id: "a", createdTime: 1, label: null, rle: { size: [9, 9], counts: "x" } }));
  store.select("a");
  for (const action of ["cancel", "undo"]) {
    tool.down(pointer(1, 1));
    assert.ok(tool.action(action));
    tool.move(pointer(5, 5));
    tool.up(pointer(5, 5));
  }
  assert.equal(strokes.length, 0);
  assert.equal(tool.action("undo"), false);
  tool.action("cancel");
  assert.equal(store.selected, null);
  assert.equal(left(), 0);
  tool.action("cancel");
  assert.equal(left(), 1);
});

test("the scene shows the stroke on the object that it began on", () => {
  const { tool, store } = make();
  store.put(/** @type {any} */ ({ id: "a", createdTime: 1, label: null, rle: { size: [9, 9], counts: "x" } }));
  store.select("a");
  tool.down(pointer(1, 1));
  store.select(null);
  const scene = tool.scene();
  assert.equal(scene?.editing, "a");
  assert.equal(scene?.edit?.annotation?.id, "a");
  assert.equal(scene?.edit?.ring?.dab.size, 11);
});

test("sizes step by one while small and by a tenth when large, within limits", () => {
  const options = createOptions();
  for (const [from, steps, to] of [[5, 1, 6], [5, -1, 4], [1, -1, 1], [100, 1, 110], [1000, 5, 1000]]) {
    options.set({ size: from });
    options.resize(steps);
    assert.equal(options.values.size, to);
  }
});

test("settings are kept, and nonsense in the storage is not taken", () => {
  /** @type {Map<string, string>} */
  const kept = new Map();
  const storage = { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value) };
  createOptions(storage).set({ size: 77, shape: "square", snap: true });
  assert.deepEqual([createOptions(storage).values.size, createOptions(storage).values.shape], [77, "square"]);
  kept.set("segweb-tools", '{"size": "x", "shape": 3, "tolerance": 1e9, "other": 1}');
  assert.deepEqual([createOptions(storage).values.size, createOptions(storage).values.tolerance, "other" in createOptions(storage).values], [24, 20, false]);
  kept.set("segweb-tools", "{");
  assert.equal(createOptions(storage).values.size, 24);
});
