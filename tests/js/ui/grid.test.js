import assert from "node:assert/strict";
import { test } from "node:test";
import { measure, visibleRange } from "../../../static/js/ui/grid.js";

test("columns fill the width and keep their least one", () => {
  const box = measure({ width: 1000, minWidth: 190, gap: 10, extra: 60, ratio: 0.75 });
  assert.equal(box.columns, 5);
  assert.equal(box.cellWidth, 192);
  assert.equal(box.cellHeight, 204);
  assert.equal(box.rowHeight, 214);
  assert.equal(measure({ width: 100, minWidth: 190, gap: 10, extra: 0, ratio: 1 }).columns, 1);
  assert.equal(measure({ width: 0, minWidth: 190, gap: 10, extra: 0, ratio: 1 }).cellWidth, 1);
});

test("a list is a grid of one column with rows of one height", () => {
  const box = measure({ width: 400, minWidth: 190, gap: 0, extra: 0, ratio: 1, columns: 1, rowHeight: 58 });
  assert.deepEqual(box, { columns: 1, cellWidth: 400, cellHeight: 58, rowHeight: 58 });
});

test("only what is in sight, and a little more, is shown", () => {
  const view = { height: 600, rowHeight: 200, columns: 5, total: 10_000, over: 1 };
  assert.deepEqual(visibleRange({ ...view, top: 0 }), { first: 0, last: 20 });
  assert.deepEqual(visibleRange({ ...view, top: -300 }), { first: 0, last: 15 });
  assert.deepEqual(visibleRange({ ...view, top: 2000 }), { first: 45, last: 70 });
  assert.deepEqual(visibleRange({ ...view, top: 399_900 }), { first: 9990, last: 10_000 });
  assert.deepEqual(visibleRange({ ...view, top: 900_000 }), { first: 10_000, last: 10_000 });
  assert.deepEqual(visibleRange({ ...view, top: 0, total: 3 }), { first: 0, last: 3 });
});
