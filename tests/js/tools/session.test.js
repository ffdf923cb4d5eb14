import assert from "node:assert/strict";
import { test } from "node:test";
import { boxBetween, createSession, nextMaskIndex } from "../../../static/js/tools/session.js";

const A = { x: 1, y: 2, label: /** @type {const} */ (1) };
const B = { x: 3, y: 4, label: /** @type {const} */ (0) };
const BOX = { x0: 0, y0: 0, x1: 9, y1: 9 };

test("prompts are the steps in order, with the person's choices", () => {
  const session = createSession();
  session.addPoint(A);
  session.choose(3);
  session.addPoint(B);
  assert.deepEqual(session.prompts(), { points: [{ ...A, candidate: 3 }, B], box: null });
  assert.deepEqual(session.prompts({ x: 5, y: 5, label: 1 }).points.length, 3);
  assert.equal(session.steps.length, 2);
});

test("undo and redo go one prompt at a time and keep a step's choice", () => {
  const session = createSession();
  session.addPoint(A);
  session.choose(2);
  session.addPoint(B);
  assert.ok(session.undo());
  assert.deepEqual(session.prompts().points, [{ ...A, candidate: 2 }]);
  assert.ok(session.redo());
  assert.equal(session.prompts().points.length, 2);
  assert.ok(session.undo());
  assert.ok(session.undo());
  assert.ok(!session.undo());
  assert.ok(session.isEmpty);
});

test("a box comes first and keeps the points, but not choices made without it", () => {
  const session = createSession();
  session.addPoint(A);
  session.choose(1);
  session.setBox(BOX);
  assert.deepEqual(session.prompts(), { points: [A], box: BOX });
  session.setBox({ ...BOX, x1: 5 });
  assert.equal(session.steps.length, 2);
  session.undo();
  assert.deepEqual(session.prompts().box, BOX);
  session.undo();
  assert.deepEqual(session.prompts(), { points: [{ ...A, candidate: 1 }], box: null });
});

test("a new prompt forgets what was undone", () => {
  const session = createSession();
  session.addPoint(A);
  session.undo();
  session.addPoint(B);
  assert.ok(!session.canRedo);
});

test("saved prompts load as steps that can be undone", () => {
  const session = createSession();
  const prompts = { points: [{ ...A, candidate: 1 }, B], box: { ...BOX, candidate: 2 } };
  session.load(prompts);
  assert.deepEqual(session.prompts(), { ...prompts, region: null }, "they were decoded on the whole image, and are again");
  session.undo();
  session.undo();
  assert.deepEqual(session.prompts(), { points: [], box: prompts.box, region: null });
});

test("an object keeps the crop of its first prompt; the next one has none yet", () => {
  const session = createSession();
  session.addPoint(A);
  assert.deepEqual(session.prompts(), { points: [A], box: null }, "where it is decoded is not known yet");
  session.setCrop([0, 0, 512, 512]);
  assert.deepEqual(session.prompts(B), { points: [A, B], box: null, region: [0, 0, 512, 512] });
  session.undo();
  assert.deepEqual(session.prompts(B), { points: [B], box: null });
  session.addPoint(B);
  assert.deepEqual(session.prompts(), { points: [B], box: null });
});

test("undo goes back to the frame that the prompts before were decoded in, and redo to the one after", () => {
  const session = createSession();
  session.addPoint(A);
  session.setCrop([0, 0, 512, 512]);
  session.addPoint(B);
  session.setCrop(null);
  session.undo();
  assert.deepEqual(session.prompts(), { points: [A], box: null, region: [0, 0, 512, 512] });
  session.redo();
  assert.deepEqual(session.prompts(), { points: [A, B], box: null, region: null });
  session.load({ points: [A, B], box: null, region: [64, 0, 256, 256] });
  session.undo();
  assert.deepEqual(session.prompts(), { points: [A], box: null, region: [64, 0, 256, 256] });
});

test("boxes are ordered, stay inside the image, and have a size", () => {
  const image = { width: 100, height: 50 };
  assert.deepEqual(boxBetween({ x: 120, y: 40 }, { x: 10, y: -5 }, image), { x0: 10, y0: 0, x1: 100, y1: 40 });
  assert.equal(boxBetween({ x: 10, y: 10 }, { x: 10.5, y: 40 }, image), null);
});

test("the next candidate goes round by mask index, whatever the order of the results", () => {
  const candidates = [{ maskIndex: 3 }, { maskIndex: 1 }, { maskIndex: 2 }];
  assert.equal(nextMaskIndex(candidates, 3, 1), 1);
  assert.equal(nextMaskIndex(candidates, 1, 1), 2);
  assert.equal(nextMaskIndex(candidates, 1, -1), 3);
});
