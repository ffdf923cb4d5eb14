import assert from "node:assert/strict";
import { test } from "node:test";
import { createLoop } from "../../../static/js/tools/loop.js";

/** @typedef {import("../../../static/js/tools/types.js").Result} Result */
/** @typedef {import("../../../static/js/tools/types.js").Prompts} Prompts */

const at = (/** @type {number} */ x, /** @type {0 | 1} */ label = 1) => ({ x, y: 0, label });
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A decoder that answers when the test says so; the best score names the number of points. */
function slowDecoder() {
  /** @type {{kind: string, prompts: Prompts, answer: () => void, fail: () => void}[]} */
  const calls = [];
  /** @param {string} kind */
  const ask = (kind) => (/** @type {Prompts} */ prompts) =>
    /** @type {Promise<Result>} */ (
      new Promise((resolve, reject) => {
        const score = prompts.points.length + (prompts.box ? 100 : 0);
        const candidates = [2, 1, 3].map((token) => ({ token, score: score + token / 10 }));
        calls.push({ kind, prompts, answer: () => resolve({ candidates, ms: 1 }), fail: () => reject(new Error("no")) });
      })
    );
  /** @type {import("../../../static/js/tools/types.js").Decoder} */
  const decoder = { kind: "browser", detail: "", load() {}, preview: ask("preview"), commit: ask("commit"), dispose() {} };
  return { decoder, calls };
}

function make() {
  const { decoder, calls } = slowDecoder();
  /** @type {unknown[]} */
  const failures = [];
  const loop = createLoop({ decoder: () => decoder, changed() {}, failed: (error) => failures.push(error) });
  /** Answers the oldest unanswered call. @param {"answer" | "fail"} [how] */
  async function next(how = "answer") {
    calls.shift()?.[how]();
    await settle();
  }
  return { loop, calls, failures, next };
}

test("hovering is never more than one decode behind, and the last place wins", async () => {
  const { loop, calls, next } = make();
  for (let x = 0; x < 10; x++) loop.hover(at(x), x);
  assert.equal(calls.length, 1);
  await next();
  assert.equal(calls.length, 1);
  assert.equal(calls[0].prompts.points[0].x, 9);
  await next();
  assert.equal(calls.length, 0);
  assert.deepEqual([loop.hovered?.point.x, loop.hovered?.time], [9, 9]);
});

test("clicks made while a decode runs are taken in their order, none is lost", async () => {
  const { loop, calls, next } = make();
  loop.point(at(1));
  loop.point(at(2, 0));
  loop.point(at(3));
  assert.equal(calls.length, 1);
  assert.equal(loop.waiting.length, 2);
  await next();
  await next();
  assert.deepEqual(calls[0].prompts.points.map(({ x, label }) => [x, label]), [[1, 1], [2, 0], [3, 1]]);
  await next();
  assert.equal(loop.chosen()?.score, 3.2);
  assert.equal(loop.waiting.length, 0);
});

test("an object takes 64 points; the next one is refused and changes nothing", async () => {
  const { loop, calls, failures, next } = make();
  for (let x = 0; x < 66; x++) loop.point(at(x));
  for (let n = 0; n < 64; n++) await next();
  await settle();
  assert.equal(calls.length, 0);
  assert.equal(failures.length, 2);
  assert.equal(loop.steps.length, 64);
  assert.equal(loop.waiting.length, 0);
  loop.hover(at(1), 1);
  assert.equal(calls.length, 0);
  loop.undo(() => {});
  await next();
  loop.point(at(99));
  await next();
  assert.equal(loop.steps.length, 64);
  assert.equal(failures.length, 2);
});

test("M chooses for the step it follows; Enter waits for what came before it", async () => {
  const { loop, next } = make();
  /** @type {import("../../../static/js/tools/loop.js").Finished[]} */
  const kept = [];
  loop.point(at(1));
  loop.cycle(1);
  loop.finish((finished) => kept.push(finished) > 0);
  assert.equal(kept.length, 0);
  await next();
  assert.equal(kept.length, 1);
  assert.equal(kept[0].candidate.token, 3);
  assert.deepEqual(kept[0].prompts, { points: [{ ...at(1), candidate: 3 }], box: null });
  assert.ok(loop.isEmpty);
});

test("Enter without a mask keeps nothing; a refused one keeps the prompts", async () => {
  const { loop, next } = make();
  let asked = 0;
  loop.finish(() => ++asked > 0);
  await settle();
  assert.equal(asked, 0);
  loop.point(at(1));
  loop.finish(() => false);
  await next();
  assert.ok(!loop.isEmpty);
});

test("Esc drops the prompts, the queue and the late answer", async () => {
  const { loop, calls, next } = make();
  loop.point(at(1));
  loop.point(at(2));
  loop.drop();
  assert.ok(loop.isEmpty);
  await next();
  assert.equal(loop.chosen(), null);
  assert.equal(calls.length, 0);
  loop.point(at(5));
  await settle();
  assert.deepEqual(calls[0].prompts.points.map(({ x }) => x), [5]);
});

test("undo takes one prompt back and decodes what remains", async () => {
  const { loop, calls, next } = make();
  loop.point(at(1));
  loop.point(at(2));
  await next();
  await next();
  loop.undo();
  await settle();
  assert.equal(calls[0].prompts.points.length, 1);
  await next();
  assert.equal(loop.chosen()?.score, 1.2);
  loop.undo();
  await settle();
  assert.equal(loop.chosen(), null);
  loop.redo();
  await next();
  assert.equal(loop.chosen()?.score, 1.2);
});

test("a prompt that fails is taken back and told of, the others stay", async () => {
  const { loop, failures, next } = make();
  loop.point(at(1));
  await next();
  loop.point(at(2));
  await next("fail");
  assert.equal(failures.length, 1);
  assert.equal(loop.steps.length, 1);
  assert.equal(loop.chosen()?.score, 1.2);
});

test("a saved object is reopened with its prompts and finished as itself", async () => {
  const { loop, calls, next } = make();
  loop.reopen("abc", { points: [at(1), at(2)], box: null });
  await settle();
  assert.equal(calls[0].prompts.points.length, 2);
  await next();
  let editing = null;
  loop.finish((finished) => ((editing = finished.editing), true));
  await settle();
  assert.equal(editing, "abc");
  assert.equal(loop.editing, null);
});

test("the hovered mask shows at once when exactly it is clicked", async () => {
  const { loop, next } = make();
  loop.hover(at(4), 1);
  await next();
  loop.point(at(4));
  assert.equal(loop.chosen()?.score, 1.2);
  assert.equal(loop.hovered, null);
});

test("an undo asked for right after Enter means the object that Enter kept", async () => {
  const { loop, next } = make();
  let before = 0;
  loop.point(at(1));
  loop.finish(() => true);
  loop.undo(() => before++);
  assert.equal(before, 0);
  await next();
  assert.equal(before, 1);
});
