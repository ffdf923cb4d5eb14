import assert from "node:assert/strict";
import { test } from "node:test";
import { createHistory } from "../../../static/js/core/history.js";
import { createSuggestionsTool } from "../../../static/js/tools/suggestions.js";

const tick = () => new Promise((resolve) => setImmediate(resolve));
/** @param {number} x @param {number} width @param {number | null} [score] */
const found = (x, width, score = 0.9) => ({ rle: { size: [10, 10], counts: "" }, bbox: [x, 0, width, 10], area: width * 10, color: "#123456", score });
const at = (x, more = {}) => ({ x, y: 5, inside: true, button: 0, ...more });
const paths = { has: () => true, get: ({ bbox }) => ({ contains: (x) => x >= bbox[0] && x < bbox[0] + bbox[2] }) };

/** Single ones can be dropped; accepting is one step of the history. */
async function droppable() {
  const history = createHistory();
  const saved = new Set();
  const suggestions = createSuggestionsTool({
    id: "proposals",
    paths,
    async accept(which) {
      const ids = which.map((_, k) => `o${saved.size + k}`);
      const redo = () => ids.forEach((id) => saved.add(id));
      redo();
      history.push({ name: "Add", redo, undo: () => (ids.forEach((id) => saved.delete(id)), suggestions.refresh()) });
      return ids;
    },
    exists: (id) => saved.has(id),
    history,
    color: () => "#fff",
    changed() {},
    failed: () => assert.fail("nothing failed"),
    exit() {},
  });
  suggestions.tool.activate();
  await suggestions.start(async () => [found(0, 2), found(4, 2), found(8, 2)]);
  return { suggestions, history, saved };
}

test("what was done last is undone first, whether it kept or dropped", async () => {
  const { suggestions, history, saved } = await droppable();
  suggestions.tool.down(at(1, { button: 2 }));
  suggestions.tool.down(at(5));
  await tick();
  assert.deepEqual([saved.size, suggestions.count], [1, 1]);
  assert.equal(suggestions.tool.action("undo"), false, "the page's history has it");
  history.undo();
  assert.deepEqual([saved.size, suggestions.count], [0, 2]);
  history.undo();
  assert.deepEqual([saved.size, suggestions.count], [0, 3]);
  history.redo();
  assert.deepEqual([saved.size, suggestions.count], [0, 2]);
  history.redo();
  assert.equal(saved.size, 1);
});

test("once the suggestions are gone, no step of the history brings them back", async () => {
  const { suggestions, history, saved } = await droppable();
  suggestions.tool.down(at(5));
  await tick();
  suggestions.tool.down(at(1, { button: 2 }));
  suggestions.tool.down(at(9, { button: 2 }));
  history.undo();
  suggestions.tool.action("cancel");
  assert.equal(suggestions.total, 0);
  assert.equal(history.canRedo, false);
  history.undo();
  assert.deepEqual([saved.size, history.canUndo], [0, false]);
});

/** Searches as soon as it is taken up; what was found before stays until the next search has ended. */
function searching({ fail = false } = {}) {
  const log = { asked: 0, failed: 0, exits: 0 };
  const saved = new Set();
  const answers = [];
  const search = () => {
    log.asked++;
    return new Promise((resolve, reject) => answers.push(fail ? () => reject(new Error("no")) : () => resolve([found(0, 10, null), found(2, 3, null)])));
  };
  const suggestions = createSuggestionsTool({
    id: "regions",
    paths,
    keeps: true,
    activated: () => void suggestions.start(search),
    accept: async () => {
      const id = `o${saved.size}`;
      saved.add(id);
      return [id];
    },
    exists: (id) => saved.has(id),
    color: () => "#fff",
    changed() {},
    failed: () => log.failed++,
    exit: () => log.exits++,
  });
  return { suggestions, log, saved, again: () => void suggestions.start(search), answer: async (n = 0) => (answers.splice(n, 1)[0](), await tick()) };
}

test("the tool asks when it is taken up, and offers what comes", async () => {
  const { suggestions, log, answer } = searching();
  suggestions.tool.activate();
  assert.equal(suggestions.state, "running");
  assert.equal(suggestions.tool.scene().suggestions, null);
  await answer();
  assert.equal(suggestions.state, "ready");
  assert.equal(suggestions.count, 2);
  assert.equal(log.asked, 1);
});

test("a click takes the smallest; undoing brings it back", async () => {
  const { suggestions, saved, answer } = searching();
  suggestions.tool.activate();
  await answer();
  suggestions.tool.move(at(3));
  assert.equal(suggestions.tool.scene().suggestions.hovered.area, 30);
  assert.equal(suggestions.tool.cursor(), "pointer");
  suggestions.tool.down(at(3));
  await tick();
  assert.equal(suggestions.count, 1);
  assert.equal(suggestions.tool.scene().suggestions.hovered.area, 100);
  saved.clear();
  suggestions.refresh();
  assert.equal(suggestions.count, 2);
});

test("enter takes what lies under the pointer, and outside nothing does", async () => {
  const { suggestions, saved, answer } = searching();
  suggestions.tool.activate();
  await answer();
  suggestions.tool.move(at(3, { inside: false }));
  assert.equal(suggestions.tool.action("finish"), false);
  suggestions.tool.move(at(9));
  assert.equal(suggestions.tool.action("finish"), true);
  await tick();
  assert.equal(saved.size, 1);
});

test("only the newest question counts", async () => {
  const { suggestions, again, answer } = searching();
  suggestions.tool.activate();
  again();
  await answer(0);
  assert.equal(suggestions.state, "running");
  await answer(0);
  assert.equal(suggestions.state, "ready");
});

test("what was found before stays until the next answer", async () => {
  const { suggestions, again, answer } = searching();
  suggestions.tool.activate();
  await answer();
  again();
  assert.deepEqual([suggestions.state, suggestions.count], ["running", 2]);
  await answer();
  assert.deepEqual([suggestions.state, suggestions.count], ["ready", 2]);
});

test("without a history nothing is dropped by itself", async () => {
  const { suggestions, saved, answer } = searching();
  suggestions.tool.activate();
  await answer();
  suggestions.tool.down(at(3, { button: 2 }));
  await tick();
  assert.deepEqual([suggestions.count, saved.size], [2, 0]);
});

test("escape stops, drops and leaves, in this order", async () => {
  const { suggestions, log, again, answer } = searching();
  suggestions.tool.activate();
  suggestions.tool.action("cancel");
  assert.equal(suggestions.state, "idle");
  await answer();
  assert.equal(suggestions.count, 0);
  again();
  await answer();
  assert.equal(suggestions.count, 2);
  suggestions.tool.action("cancel");
  assert.equal(suggestions.count, 0);
  assert.equal(log.exits, 0);
  suggestions.tool.action("cancel");
  assert.equal(log.exits, 1);
});

test("a failure is told and leaves nothing", async () => {
  const { suggestions, log, answer } = searching({ fail: true });
  suggestions.tool.activate();
  await answer();
  assert.deepEqual([suggestions.state, suggestions.count, log.failed], ["failed", 0, 1]);
});
