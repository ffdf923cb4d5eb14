import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore } from "../../../static/js/core/store.js";
import { rectangle, rleFromSpans, spansFromRle } from "../../../static/js/geometry/spans.js";
import { createMagicTool } from "../../../static/js/tools/magic.js";
import { click, drag } from "../support/pointer.js";
import { toText } from "../support/pixels.js";

const IMAGE = { width: 12, height: 4 };
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

function make() {
  const store = createStore();
  const rle = rleFromSpans(rectangle([0, 0, 4, 4], 4), IMAGE);
  store.put(/** @type {any} */ ({ id: "a", createdTime: 1, label: null, rle, bbox: [0, 0, 4, 4], area: 16 }));
  store.select("a");
  /** The mask of a click is the pixel's column, its neighbours with the second candidate. @param {any} prompts */
  const commit = async (prompts) => {
    const x = prompts.box ? prompts.box.x0 : Math.floor(prompts.points[0].x);
    const w = prompts.box ? prompts.box.x1 - prompts.box.x0 : 1;
    const candidate = (/** @type {number} */ maskIndex, /** @type {number} */ more) => ({ maskIndex, score: 1, rle: rleFromSpans(rectangle([x, 0, w + more, 4], 4), IMAGE) });
    return { candidates: [candidate(1, 0), candidate(2, 1)], ms: 0 };
  };
  const decoder = /** @type {any} */ ({ commit, preview: async () => null });
  /** @type {string[]} */
  const kept = [];
  let left = 0;
  const tool = createMagicTool({
    image: IMAGE, store,
    decoder: () => decoder,
    rleOf: (candidate) => /** @type {any} */ (candidate.rle),
    accept: (id, change) => kept.push(id + "\n" + toText(change(spansFromRle(/** @type {any} */ (store.get(id)).rle)), IMAGE).split("\n")[0]),
    color: () => "#fff",
    changed() {},
    failed: (error) => assert.fail(String(error)),
    exit: () => left++,
    finished() {},
  });
  tool.activate();
  const shown = () => toText(spansFromRle(/** @type {any} */ (tool.scene()?.mask?.rle)), IMAGE).split("\n")[0];
  return { tool, store, kept, shown, left: () => left };
}

test("clicks add, right clicks cut, boxes add as well, and Enter keeps all in one change", async () => {
  const { tool, kept, shown } = make();
  assert.equal(shown(), "####........");
  click(tool, 6.5, 1);
  click(tool, 1.5, 1, { button: 2 });
  drag(tool, [[8, 0], [9, 1], [10, 3]].map(([x, y]) => /** @type {[number, number]} */ ([x, y])));
  await settle();
  assert.equal(kept.length, 0);
  tool.action("finish");
  await settle();
  assert.equal(kept[0].slice(0, 2), "a\n");
  assert.ok(kept[0].startsWith("a\n#.##..#."), kept[0]);
});

test("each click is undone and done again by itself, and M takes another candidate of the last", async () => {
  const { tool, shown } = make();
  click(tool, 6.5, 1);
  click(tool, 9.5, 1);
  await settle();
  tool.action("next-candidate");
  await settle();
  assert.equal(shown(), "####..#..##.");
  assert.ok(tool.action("undo"));
  assert.equal(shown(), "####..#.....");
  assert.ok(tool.action("redo"));
  assert.equal(shown(), "####..#..##.");
  tool.action("undo");
  tool.action("undo");
  assert.equal(shown(), "####........");
  assert.equal(tool.action("undo"), false);
});

test("what another person makes of the object is built upon", async () => {
  const { tool, store, shown } = make();
  click(tool, 6.5, 1);
  await settle();
  const rle = rleFromSpans(rectangle([0, 0, 2, 4], 4), IMAGE);
  store.put(/** @type {any} */ ({ ...store.get("a"), rle }), "remote");
  assert.equal(shown(), "##....#.....");
});

test("Escape drops the clicks, then leaves", async () => {
  const { tool, kept, shown, left } = make();
  click(tool, 6.5, 1);
  await settle();
  tool.action("cancel");
  assert.equal(shown(), "####........");
  assert.equal(left(), 0);
  tool.action("cancel");
  assert.equal(left(), 1);
  assert.equal(kept.length, 0);
});
