import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore } from "../../../static/js/core/store.js";
import { createOptions } from "../../../static/js/tools/options.js";
import { createPolygonTool } from "../../../static/js/tools/polygon.js";
import { click, drag, pointer } from "../support/pointer.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** @param {{rings?: number[][], snap?: any, kept?: boolean}} [more] */
function make({ rings, snap = () => null, kept = true } = {}) {
  const store = createStore();
  const options = createOptions();
  /** @type {number[][]} */
  const added = [];
  /** @type {number[][][]} */
  const reshaped = [];
  let outline = rings ? { id: "a", rings } : null;
  if (rings) {
    store.put(/** @type {any} */ ({ id: "a", createdTime: 1, label: null, rle: { size: [9, 9], counts: "x" } }));
    store.select("a");
  }
  let left = 0;
  const tool = createPolygonTool({
    store, options, snap,
    scale: () => 1,
    outline: () => (store.selected ? outline : null),
    reshape(_, next) {
      reshaped.push(next);
      outline = { id: "a", rings: next };
    },
    add: async (ring) => (added.push(ring), kept),
    color: () => "#fff",
    changed() {},
    exit: () => left++,
  });
  return { tool, store, options, added, reshaped, left: () => left };
}

const CORNERS = /** @type {[number, number][]} */ ([[10, 10], [100, 10], [100, 90], [20, 80]]);

test("clicks make corners; Enter, the first corner and a double click close", async () => {
  for (const close of ["enter", "first", "double"]) {
    const { tool, added } = make();
    for (const [x, y] of CORNERS) click(tool, x, y);
    if (close === "enter") assert.ok(tool.action("finish"));
    if (close === "first") click(tool, 11, 12);
    if (close === "double") click(tool, 20, 80, { clicks: 2 });
    await settle();
    assert.deepEqual(added, [CORNERS.flat()], close);
    assert.equal(tool.scene()?.polygon?.open ?? false, false);
  }
});

test("two corners are no polygon, and what was not taken stays", async () => {
  const { tool, added } = make({ kept: false });
  for (const [x, y] of CORNERS.slice(0, 2)) click(tool, x, y);
  tool.action("finish");
  assert.equal(added.length, 0);
  click(tool, ...CORNERS[2]);
  tool.action("finish");
  await settle();
  assert.equal(tool.scene()?.polygon?.rings[0].length, 6);
});

test("undo, redo and Backspace go corner by corner; Escape drops, then leaves", () => {
  const { tool, left } = make();
  const count = () => (tool.scene()?.polygon?.rings[0]?.length ?? 0) / 2;
  for (const [x, y] of CORNERS) click(tool, x, y);
  assert.ok(tool.action("undo"));
  assert.equal(count(), 3);
  assert.ok(tool.action("redo"));
  assert.equal(count(), 4);
  assert.ok(tool.action("remove-last"));
  assert.equal(count(), 3);
  tool.action("cancel");
  assert.equal(count(), 0);
  assert.ok(!tool.action("undo") && !tool.action("remove-last"));
  assert.equal(left(), 0);
  tool.action("cancel");
  assert.equal(left(), 1);
});

test("corners of a polygon being drawn are moved, made on edges and removed", async () => {
  const { tool, added } = make();
  for (const [x, y] of CORNERS) click(tool, x, y);
  drag(tool, [[100, 10], [120, 5], [130, 0]]);
  click(tool, 100, 90, { button: 2 });
  drag(tool, [[70, 5], [80, 30]]);
  tool.action("finish");
  await settle();
  assert.deepEqual(added[0], [10, 10, 80, 30, 130, 0, 20, 80]);
});

test("a drawn line is simplified, and closes where it comes back", async () => {
  const { tool, added, options } = make();
  options.set({ tolerance: 2 });
  const path = /** @type {[number, number][]} */ ([]);
  for (let x = 10; x <= 100; x += 3) path.push([x, 10 + (x % 2)]);
  for (let y = 13; y <= 100; y += 3) path.push([100, y]);
  for (let k = 97; k >= 10; k -= 3) path.push([k, k]);
  drag(tool, path);
  await settle();
  assert.equal(added.length, 1);
  assert.ok(added[0].length <= 10, String(added[0]));
});

test("a line that does not come back waits for more corners", () => {
  const { tool, added } = make();
  drag(tool, [[10, 10], [60, 10], [100, 40]]);
  click(tool, 50, 90);
  assert.equal(added.length, 0);
  assert.ok((tool.scene()?.polygon?.rings[0].length ?? 0) >= 8);
});

test("an object's corners are moved, made and removed one action at a time", () => {
  const { tool, reshaped, store } = make({ rings: [CORNERS.flat(), [40, 40, 60, 40, 50, 60]] });
  drag(tool, [[100, 90], [110, 95]]);
  assert.deepEqual(reshaped.at(-1)?.[0], [10, 10, 100, 10, 110, 95, 20, 80]);
  drag(tool, [[50, 10], [50, 0]]);
  assert.deepEqual(reshaped.at(-1)?.[0], [10, 10, 50, 0, 100, 10, 110, 95, 20, 80]);
  click(tool, 50, 60, { button: 2 });
  assert.equal(reshaped.at(-1)?.length, 1, "a ring of two corners goes");
  tool.move(pointer(20, 80));
  assert.ok(tool.action("remove-corner"));
  assert.equal(reshaped.at(-1)?.[0].length, 8);
  click(tool, 400, 400);
  assert.equal(store.selected, null);
});

test("the keyboard picks a corner up and puts it down", () => {
  const { tool, reshaped } = make({ rings: [CORNERS.flat()] });
  const more = /** @type {const} */ ({ type: "keyboard" });
  click(tool, 100, 90, more);
  tool.move(pointer(116, 90, more));
  tool.move(pointer(116, 106, more));
  assert.equal(reshaped.length, 0);
  click(tool, 116, 106, more);
  assert.deepEqual(reshaped[0][0].slice(4, 6), [116, 106]);
});

test("with Snap or Alt, but not with both, corners go to the others' edges", () => {
  const snap = (/** @type {{x: number, y: number}} */ at) => ({ x: Math.round(at.x / 50) * 50, y: at.y });
  const { tool, options } = make({ snap });
  const xs = () => tool.scene()?.polygon?.rings[0].filter((_, k) => k % 2 === 0);
  click(tool, 44, 10);
  click(tool, 94, 20, { alt: true });
  options.set({ snap: true });
  click(tool, 144, 30);
  click(tool, 194, 40, { alt: true });
  assert.deepEqual(xs(), [44, 100, 150, 194]);
});
