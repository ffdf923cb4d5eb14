import assert from "node:assert/strict";
import { test } from "node:test";
import { stateOf } from "../../../static/js/pages/project/cards.js";
import { target } from "../../../static/js/pages/project/grid_keys.js";

const grid = { columns: 5, total: 23, page: 2 };

test("arrows go to the neighbours and stop at the ends", () => {
  assert.equal(target("ArrowRight", 4, grid), 5);
  assert.equal(target("ArrowDown", 4, grid), 9);
  assert.equal(target("ArrowUp", 3, grid), 0);
  assert.equal(target("PageDown", 4, grid), 14);
  assert.equal(target("ArrowDown", 21, grid), 22);
  assert.equal(target("Home", 9, grid), 0);
  assert.equal(target("End", 9, grid), 22);
  assert.equal(target("a", 9, grid), null);
});

test("a state is told in words", () => {
  const image = { state: "ready", embedding: "ready", annotations: 0, error: null };
  const text = (more, progress) => stateOf({ ...image, ...more }, progress).text;
  assert.equal(text({}), "Ready");
  assert.equal(text({ annotations: 1 }), "1 object");
  assert.equal(text({ state: "preparing", embedding: "queued" }), "Preparing");
  assert.equal(text({ embedding: "running", annotations: 3 }, 0.42), "Preparing 42 %");
  assert.equal(text({ state: "refused" }), "Refused");
  assert.equal(text({ embedding: "failed" }), "No smart masks");
  assert.equal(stateOf({ ...image, state: "refused", error: { code: "x", message: "Torn." } }, undefined).title, "Torn.");
});
