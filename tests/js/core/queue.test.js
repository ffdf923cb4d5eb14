import assert from "node:assert/strict";
import { test } from "node:test";
import { Cleared, createQueue } from "../../../static/js/core/queue.js";

const tick = () => new Promise((resolve) => setImmediate(resolve));

function make() {
  const running = [];
  const started = [];
  const queue = createQueue();
  const action = (name) => (isLatest) => {
    started.push(name);
    return new Promise((resolve, reject) => running.push({ resolve, reject, isLatest }));
  };
  const finish = async (value = "mask") => {
    running.shift().resolve(value);
    await tick();
  };
  const add = (name) => queue.add(action(`added ${name}`));
  const offer = (name) => queue.offer(action(`offered ${name}`));
  return { queue, add, offer, started, running, finish };
}

test("one offered action runs and one waits; those in between are answered with null", async () => {
  const { offer, started, finish } = make();
  const first = offer("a");
  const second = offer("b");
  const third = offer("c");
  assert.equal(await second, null);
  assert.deepEqual(started, ["offered a"]);
  await finish("A");
  assert.equal(await first, "A", "one behind the pointer is better than nothing");
  assert.deepEqual(started, ["offered a", "offered c"]);
  await finish("C");
  assert.equal(await third, "C");
});

test("an added action drops offers that wait and what a running one answers", async () => {
  const { add, offer, started, finish } = make();
  const running = offer("a");
  const waiting = offer("b");
  const commit = add("x");
  assert.equal(await waiting, null);
  await finish("A");
  assert.equal(await running, null);
  await finish("X");
  assert.equal(await commit, "X");
  assert.deepEqual(started, ["offered a", "added x"]);
});

test("added actions are never dropped, keep their order and go before offers", async () => {
  const { add, offer, started, finish } = make();
  const commits = [add("x"), add("y")];
  const preview = offer("a");
  commits.push(add("z"));
  assert.equal(await preview, null);
  const later = offer("b");
  for (let i = 0; i < 4; i++) await finish(i);
  assert.deepEqual(await Promise.all([...commits, later]), [0, 1, 2, 3]);
  assert.deepEqual(started, ["added x", "added y", "added z", "offered b"]);
});

test("a failure is its asker's alone", async () => {
  const { add, running, finish } = make();
  const first = add("x");
  const second = add("y");
  running.shift().reject(new Error("no"));
  await assert.rejects(first, /no/);
  await tick();
  await finish("Y");
  assert.equal(await second, "Y");
});

test("clearing refuses what waits", async () => {
  const { queue, add, finish } = make();
  const first = add("x");
  const second = add("y");
  queue.clear(new Error("closed"));
  await assert.rejects(second, /closed/);
  await finish("X");
  assert.equal(await first, "X");
});

test("clearing without a reason says so, and answers offers with null, running or not", async () => {
  const { queue, add, offer, running, finish } = make();
  const first = offer("a");
  const second = offer("b");
  const { isLatest } = running[0];
  assert.equal(isLatest(), true);
  queue.clear();
  assert.equal(isLatest(), false, "what runs can see that it was cleared");
  assert.equal(await second, null);
  await finish("A");
  assert.equal(await first, null);
  add("x");
  const dropped = add("y");
  queue.clear();
  await assert.rejects(dropped, Cleared);
  assert.equal(queue.busy, true);
  await finish();
  assert.equal(queue.busy, false);
});
