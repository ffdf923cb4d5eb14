import assert from "node:assert/strict";
import { test } from "node:test";
import { createHistory } from "../../../static/js/core/history.js";
import { createProposalsTool } from "../../../static/js/tools/proposals.js";

const tick = () => new Promise((resolve) => setImmediate(resolve));
const found = (x) => ({ rle: { size: [10, 10], counts: "" }, bbox: [x, 0, 2, 10], area: 20, color: "#123456", score: 0.9 });
const at = (x, button = 0) => ({ x, y: 5, inside: true, button });

async function make() {
  const history = createHistory();
  const saved = new Set();
  const proposals = createProposalsTool({
    shapes: { has: () => true, get: ({ bbox }) => ({ contains: (x) => x >= bbox[0] && x < bbox[0] + bbox[2] }) },
    least: () => 0,
    async take(which) {
      const ids = which.map((_, k) => `o${saved.size + k}`);
      const redo = () => ids.forEach((id) => saved.add(id));
      redo();
      history.push({ name: "Add", redo, undo: () => (ids.forEach((id) => saved.delete(id)), proposals.refresh()) });
      return ids;
    },
    exists: (id) => saved.has(id),
    history,
    color: () => "#fff",
    changed() {},
    failed: () => assert.fail("nothing failed"),
    exit() {},
  });
  proposals.tool.activate();
  await proposals.start(async () => [found(0), found(4), found(8)]);
  return { proposals, history, saved };
}

test("what was done last is undone first, whether it kept or dropped", async () => {
  const { proposals, history, saved } = await make();
  proposals.tool.down(at(1, 2));
  proposals.tool.down(at(5));
  await tick();
  assert.deepEqual([saved.size, proposals.count], [1, 1]);
  assert.equal(proposals.tool.action("undo"), false, "the page's history has it");
  history.undo();
  assert.deepEqual([saved.size, proposals.count], [0, 2]);
  history.undo();
  assert.deepEqual([saved.size, proposals.count], [0, 3]);
  history.redo();
  assert.deepEqual([saved.size, proposals.count], [0, 2]);
  history.redo();
  assert.equal(saved.size, 1);
});

test("once the proposals are gone, no step of the history brings them back", async () => {
  const { proposals, history, saved } = await make();
  proposals.tool.down(at(5));
  await tick();
  proposals.tool.down(at(1, 2));
  proposals.tool.down(at(9, 2));
  history.undo();
  proposals.tool.action("cancel");
  assert.equal(proposals.total, 0);
  assert.equal(history.canRedo, false);
  history.undo();
  assert.deepEqual([saved.size, history.canUndo], [0, false]);
});
