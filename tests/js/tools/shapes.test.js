import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore } from "../../../static/js/core/store.js";
import { snap } from "../../../static/js/geometry/snap.js";
import { createBoxTool, pixelsBetween } from "../../../static/js/tools/box.js";
import { createCutTool } from "../../../static/js/tools/cut.js";
import { createSelectTool } from "../../../static/js/tools/select.js";
import { click, drag, pointer } from "../support/pointer.js";

const IMAGE = { width: 200, height: 100 };

/** @param {string[]} ids */
function stored(...ids) {
  const store = createStore();
  ids.forEach((id, k) => store.put(/** @type {any} */ ({ id, createdTime: k, label: null, rle: { size: [9, 9], counts: "x" } })));
  return store;
}

test("a box is the whole pixels between its corners, inside the image, one at least", () => {
  assert.deepEqual(pixelsBetween({ x: 10.4, y: 20.6 }, { x: 4.6, y: 5.2 }, IMAGE), [5, 5, 5, 16]);
  assert.deepEqual(pixelsBetween({ x: 3.2, y: 3.2 }, { x: 3.3, y: 9 }, IMAGE), [3, 3, 1, 6]);
  assert.deepEqual(pixelsBetween({ x: -50, y: 90 }, { x: 10, y: 900 }, IMAGE), [0, 90, 10, 10]);
  assert.equal(pixelsBetween({ x: -50, y: 10 }, { x: -10, y: 20 }, IMAGE), null);
});

test("boxes by dragging, by two clicks, and as squares", () => {
  /** @type {number[][]} */
  const boxes = [];
  let left = 0;
  const tool = createBoxTool({ image: IMAGE, store: stored(), add: (box) => void boxes.push(box), color: () => "#fff", changed() {}, exit: () => left++ });
  drag(tool, [[10, 10], [20, 20], [40, 30]]);
  click(tool, 60, 60);
  assert.equal(boxes.length, 1);
  click(tool, 50, 50);
  drag(tool, [[100, 10], [110, 12], [120, 15]], { shift: true });
  assert.deepEqual(boxes, [[10, 10, 30, 20], [50, 50, 10, 10], [100, 10, 20, 20]]);
  click(tool, 60, 60);
  tool.action("cancel");
  assert.equal(left, 0);
  tool.action("cancel");
  assert.equal(left, 1);
});

test("a cut goes from where the press began to where it ended, or from click to click", () => {
  /** @type {number[][]} */
  const cuts = [];
  const tool = createCutTool({ store: stored(), split: (a, b) => void cuts.push([a.x, a.y, b.x, b.y]), color: () => "#fff", changed() {}, exit() {} });
  drag(tool, [[1, 2], [50, 60]]);
  const more = /** @type {const} */ ({ type: "keyboard" });
  click(tool, 5, 5, more);
  tool.move(pointer(9, 21, more));
  assert.deepEqual(tool.scene()?.line, { x0: 5, y0: 5, x1: 9, y1: 21 });
  click(tool, 9, 21, more);
  assert.deepEqual(cuts, [[1, 2, 50, 60], [5, 5, 9, 21]]);
  assert.equal(tool.scene()?.line, null);
});

test("select: shift toggles, a drag takes what it meets, with shift in addition", () => {
  const store = stored("a", "b", "c");
  /** @type {Record<number, string[]>} */
  const hits = { 10: ["a"], 20: ["b"] };
  const tool = createSelectTool({ store, image: IMAGE, hitTest: (x) => hits[x] ?? [], within: () => ["b", "c"], refine() {}, changed() {} });
  click(tool, 10, 1);
  click(tool, 20, 1, { shift: true });
  assert.deepEqual(store.selection, ["a", "b"]);
  click(tool, 10, 1, { shift: true });
  assert.deepEqual(store.selection, ["b"]);
  click(tool, 10, 1);
  drag(tool, [[50, 50], [80, 80]], { shift: true });
  assert.deepEqual(store.selection, ["a", "b", "c"]);
  drag(tool, [[50, 50], [80, 80]]);
  assert.deepEqual(store.selection, ["b", "c"]);
  tool.action("cancel");
  assert.deepEqual(store.selection, []);
});

test("the selection loses what goes, and tells its last one as the selected", () => {
  const store = stored("a", "b");
  /** @type {(string | null)[]} */
  const told = [];
  store.on("selection", ({ id }) => told.push(id));
  store.selectAll(["a", "b", "nothing", "a"]);
  assert.deepEqual(store.selection, ["a", "b"]);
  store.remove("b");
  assert.equal(store.selected, "a");
  store.select("nothing");
  assert.equal(store.selected, "a");
  store.select(null);
  assert.deepEqual(told, ["b", "a", null]);
});

test("snapping prefers corners, and takes the nearest edge otherwise", () => {
  const square = [10, 10, 50, 10, 50, 50, 10, 50];
  assert.deepEqual(snap([square], { x: 12, y: 13 }, 8), { x: 10, y: 10 });
  assert.deepEqual(snap([square], { x: 30, y: 13 }, 8), { x: 30, y: 10 });
  assert.deepEqual(snap([square, [30, 12, 90, 12, 90, 90]], { x: 30.5, y: 10.5 }, 8), { x: 30, y: 12 });
  assert.equal(snap([square], { x: 30, y: 30 }, 8), null);
  assert.equal(snap([], { x: 30, y: 30 }, 8), null);
});
