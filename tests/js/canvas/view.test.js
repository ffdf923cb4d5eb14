import assert from "node:assert/strict";
import { test } from "node:test";
import { createView } from "../../../static/js/canvas/view.js";

/** @param {number} a @param {number} b */
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

function make() {
  const view = createView({ width: 4000, height: 3000 });
  view.resize(1000, 800);
  return view;
}

test("the image is fitted and centred, and stays so while the window changes", () => {
  const view = make();
  near(view.scale, Math.min((1000 - 48) / 4000, (800 - 48) / 3000));
  near(view.toCanvas(2000, 1500).x, 500);
  view.resize(500, 800);
  assert.ok(view.fitted);
  near(view.toCanvas(2000, 1500).x, 250);
});

test("zooming keeps the point under the pointer", () => {
  const view = make();
  const before = view.toImage(300, 200);
  view.zoomBy(3.7, 300, 200);
  const after = view.toImage(300, 200);
  near(before.x, after.x);
  near(before.y, after.y);
  assert.ok(!view.fitted);
});

test("after zooming, a resize keeps the middle in the middle", () => {
  const view = make();
  view.zoomBy(8, 500, 400);
  const middle = view.toImage(500, 400);
  view.resize(600, 600);
  near(view.toImage(300, 300).x, middle.x);
});

test("zoom has ends, and the image cannot be lost out of sight", () => {
  const view = make();
  for (let k = 0; k < 60; k++) view.zoomBy(2);
  assert.equal(view.scale, 64);
  for (let k = 0; k < 60; k++) view.zoomBy(0.5);
  assert.ok(view.scale > 0.01);
  view.panBy(1e6, -1e6);
  const { x0, y0, x1, y1 } = view.visible();
  assert.ok(x1 > x0 && y1 > y0);
});

test("revealing moves only what is out of sight", () => {
  const view = make();
  const [tx] = [view.tx];
  view.reveal([10, 10, 50, 50]);
  near(view.tx, tx);
  view.zoomBy(40, 500, 400);
  view.reveal([10, 10, 50, 50]);
  near(view.toCanvas(35, 35).x, 500);
});
