import assert from "node:assert/strict";
import { test } from "node:test";
import { createPromptController } from "../../../static/js/tools/prompt_controller.js";

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
        const candidates = [2, 1, 3].map((maskIndex) => ({ maskIndex, score: score + maskIndex / 10 }));
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
  const controller = createPromptController({ decoder: () => decoder, changed() {}, failed: (error) => failures.push(error) });
  /** Answers the oldest unanswered call. @param {"answer" | "fail"} [how] */
  async function next(how = "answer") {
    calls.shift()?.[how]();
    await settle();
  }
  return { controller, calls, failures, next };
}

test("hovering is never more than one decode behind, and the last place wins", async () => {
  const { controller, calls, next } = make();
  for (let x = 0; x < 10; x++) controller.hover(at(x), x);
  assert.equal(calls.length, 1);
  await next();
  assert.equal(calls.length, 1);
  assert.equal(calls[0].prompts.points[0].x, 9);
  await next();
  assert.equal(calls.length, 0);
  assert.deepEqual([controller.hovered?.point.x, controller.hovered?.time], [9, 9]);
});

test("clicks made while a decode runs are taken in their order, none is lost", async () => {
  const { controller, calls, next } = make();
  controller.point(at(1));
  controller.point(at(2, 0));
  controller.point(at(3));
  assert.equal(calls.length, 1);
  assert.equal(controller.waiting.length, 2);
  await next();
  await next();
  assert.deepEqual(calls[0].prompts.points.map(({ x, label }) => [x, label]), [[1, 1], [2, 0], [3, 1]]);
  await next();
  assert.equal(controller.chosen()?.score, 3.2);
  assert.equal(controller.waiting.length, 0);
});

test("an object takes 64 points; the next one is refused and changes nothing", async () => {
  const { controller, calls, failures, next } = make();
  for (let x = 0; x < 66; x++) controller.point(at(x));
  for (let n = 0; n < 64; n++) await next();
  await settle();
  assert.equal(calls.length, 0);
  assert.equal(failures.length, 2);
  assert.equal(controller.steps.length, 64);
  assert.equal(controller.waiting.length, 0);
  controller.hover(at(1), 1);
  assert.equal(calls.length, 0);
  controller.undo(() => {});
  await next();
  controller.point(at(99));
  await next();
  assert.equal(controller.steps.length, 64);
  assert.equal(failures.length, 2);
});

test("M chooses for the step it follows; Enter waits for what came before it", async () => {
  const { controller, next } = make();
  /** @type {import("../../../static/js/tools/prompt_controller.js").Finished[]} */
  const kept = [];
  controller.point(at(1));
  controller.cycle(1);
  controller.finish((finished) => kept.push(finished) > 0);
  assert.equal(kept.length, 0);
  await next();
  assert.equal(kept.length, 1);
  assert.equal(kept[0].candidate.maskIndex, 3);
  assert.deepEqual(kept[0].prompts, { points: [{ ...at(1), candidate: 3 }], box: null });
  assert.ok(controller.isEmpty);
});

test("Enter without a mask keeps nothing; a refused one keeps the prompts", async () => {
  const { controller, next } = make();
  let asked = 0;
  controller.finish(() => ++asked > 0);
  await settle();
  assert.equal(asked, 0);
  controller.point(at(1));
  controller.finish(() => false);
  await next();
  assert.ok(!controller.isEmpty);
});

test("Esc drops the prompts, the queue and the late answer", async () => {
  const { controller, calls, next } = make();
  controller.point(at(1));
  controller.point(at(2));
  controller.drop();
  assert.ok(controller.isEmpty);
  await next();
  assert.equal(controller.chosen(), null);
  assert.equal(calls.length, 0);
  controller.point(at(5));
  await settle();
  assert.deepEqual(calls[0].prompts.points.map(({ x }) => x), [5]);
});

test("undo takes one prompt back and decodes what remains", async () => {
  const { controller, calls, next } = make();
  controller.point(at(1));
  controller.point(at(2));
  await next();
  await next();
  controller.undo();
  await settle();
  assert.equal(calls[0].prompts.points.length, 1);
  await next();
  assert.equal(controller.chosen()?.score, 1.2);
  controller.undo();
  await settle();
  assert.equal(controller.chosen(), null);
  controller.redo();
  await next();
  assert.equal(controller.chosen()?.score, 1.2);
});

test("a prompt that fails is taken back and told of, the others stay", async () => {
  const { controller, failures, next } = make();
  controller.point(at(1));
  await next();
  controller.point(at(2));
  await next("fail");
  assert.equal(failures.length, 1);
  assert.equal(controller.steps.length, 1);
  assert.equal(controller.chosen()?.score, 1.2);
});

test("a saved object is reopened with its prompts and finished as itself", async () => {
  const { controller, calls, next } = make();
  controller.reopen("abc", { points: [at(1), at(2)], box: null });
  await settle();
  assert.equal(calls[0].prompts.points.length, 2);
  await next();
  let editing = null;
  controller.finish((finished) => ((editing = finished.editing), true));
  await settle();
  assert.equal(editing, "abc");
  assert.equal(controller.editing, null);
});

test("the hovered mask shows at once when exactly it is clicked", async () => {
  const { controller, next } = make();
  controller.hover(at(4), 1);
  await next();
  controller.point(at(4));
  assert.equal(controller.chosen()?.score, 1.2);
  assert.equal(controller.hovered, null);
});

test("an undo asked for right after Enter means the object that Enter kept", async () => {
  const { controller, next } = make();
  let before = 0;
  controller.point(at(1));
  controller.finish(() => true);
  controller.undo(() => before++);
  assert.equal(before, 0);
  await next();
  assert.equal(before, 1);
});
