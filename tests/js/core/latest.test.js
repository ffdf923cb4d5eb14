import assert from "node:assert/strict";
import { test } from "node:test";
import { createLatest } from "../../../static/js/core/latest.js";

test("a newer question makes the answers to those before it stale", () => {
  const questions = createLatest();
  const first = questions.next();
  assert.equal(first(), true);
  const second = questions.next();
  assert.deepEqual([first(), second()], [false, true]);
});

test("who asks nothing new hears of it when somebody does", () => {
  const questions = createLatest();
  const waiting = questions.current();
  assert.deepEqual([waiting(), questions.current()()], [true, true]);
  const newer = questions.next();
  assert.deepEqual([waiting(), newer()], [false, true]);
});

test("what was cancelled stays so", () => {
  const questions = createLatest();
  const first = questions.next();
  questions.cancel();
  assert.equal(first(), false);
  assert.equal(questions.next()(), true);
  assert.equal(first(), false);
});
