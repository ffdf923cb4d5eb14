import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegionsTool } from "../../../static/js/tools/regions.js";

const tick = () => new Promise((resolve) => setImmediate(resolve));
const ghost = (x, w) => ({ rle: { size: [10, 10], counts: "" }, bbox: [x, 0, w, 10], area: w * 10, color: "#123456" });
const at = (x, inside = true) => ({ x, y: 5, inside, button: 0 });

function make({ ghosts = [ghost(0, 10), ghost(2, 3)], fail = false } = {}) {
  const log = { asked: [], failed: 0, exits: 0 };
  const saved = new Set();
  const answers = [];
  const regions = createRegionsTool({
    shapes: { has: () => true, get: ({ bbox }) => ({ contains: (x) => x >= bbox[0] && x < bbox[0] + bbox[2] }) },
    find(options) {
      log.asked.push(options);
      return new Promise((resolve, reject) => answers.push(fail ? () => reject(new Error("no")) : () => resolve(ghosts)));
    },
    options: () => ({ clusterThreshold: 1, smoothingThreshold: null, colourSpace: 5 }),
    take: async () => {
      const id = `o${saved.size}`;
      saved.add(id);
      return id;
    },
    exists: (id) => saved.has(id),
    color: () => "#fff",
    changed() {},
    failed: () => log.failed++,
    exit: () => log.exits++,
  });
  return { regions, log, saved, answer: async (n = 0) => (answers.splice(n, 1)[0](), await tick()) };
}

test("the tool asks when it is taken up, and offers what comes", async () => {
  const { regions, log, answer } = make();
  regions.tool.activate();
  assert.equal(regions.state, "running");
  assert.equal(regions.tool.scene().ghosts, null);
  await answer();
  assert.equal(regions.state, "ready");
  assert.equal(regions.count, 2);
  assert.equal(log.asked.length, 1);
});

test("a click takes the smallest; undoing brings it back", async () => {
  const { regions, saved, answer } = make();
  regions.tool.activate();
  await answer();
  regions.tool.move(at(3));
  assert.equal(regions.tool.scene().ghosts.hovered.area, 30);
  assert.equal(regions.tool.cursor(), "pointer");
  regions.tool.down(at(3));
  await tick();
  assert.equal(regions.count, 1);
  assert.equal(regions.tool.scene().ghosts.hovered.area, 100);
  saved.clear();
  regions.refresh();
  assert.equal(regions.count, 2);
});

test("enter takes what lies under the pointer, and outside nothing does", async () => {
  const { regions, saved, answer } = make();
  regions.tool.activate();
  await answer();
  regions.tool.move(at(3, false));
  assert.equal(regions.tool.action("finish"), false);
  regions.tool.move(at(9));
  assert.equal(regions.tool.action("finish"), true);
  await tick();
  assert.equal(saved.size, 1);
});

test("only the newest question counts", async () => {
  const { regions, answer } = make();
  regions.tool.activate();
  void regions.start();
  await answer(0);
  assert.equal(regions.state, "running");
  await answer(0);
  assert.equal(regions.state, "ready");
});

test("escape stops, drops and leaves, in this order", async () => {
  const { regions, log, answer } = make();
  regions.tool.activate();
  regions.tool.action("cancel");
  assert.equal(regions.state, "idle");
  await answer();
  assert.equal(regions.count, 0);
  void regions.start();
  await answer();
  assert.equal(regions.count, 2);
  regions.tool.action("cancel");
  assert.equal(regions.count, 0);
  assert.equal(log.exits, 0);
  regions.tool.action("cancel");
  assert.equal(log.exits, 1);
});

test("a failure is told and leaves nothing", async () => {
  const { regions, log, answer } = make({ fail: true });
  regions.tool.activate();
  await answer();
  assert.deepEqual([regions.state, regions.count, log.failed], ["failed", 0, 1]);
});
