import assert from "node:assert/strict";
import { test } from "node:test";
import { createLane } from "../../../static/js/decoder/lane.js";

const tick = () => new Promise((resolve) => setImmediate(resolve));

function make() {
  const running = [];
  const started = [];
  const lane = createLane((prompts, preview) => {
    started.push(`${preview ? "preview" : "commit"} ${prompts}`);
    return new Promise((resolve, reject) => running.push({ resolve, reject }));
  });
  const finish = async (value = "mask") => {
    running.shift().resolve(value);
    await tick();
  };
  return { lane, started, running, finish };
}

test("one preview runs and one waits; those in between are answered with null", async () => {
  const { lane, started, finish } = make();
  const first = lane.preview("a");
  const second = lane.preview("b");
  const third = lane.preview("c");
  assert.equal(await second, null);
  assert.deepEqual(started, ["preview a"]);
  await finish("A");
  assert.equal(await first, "A", "one behind the pointer is better than nothing");
  assert.deepEqual(started, ["preview a", "preview c"]);
  await finish("C");
  assert.equal(await third, "C");
});

test("a commit drops waiting previews and what a running one answers", async () => {
  const { lane, started, finish } = make();
  const running = lane.preview("a");
  const waiting = lane.preview("b");
  const commit = lane.commit("x");
  assert.equal(await waiting, null);
  await finish("A");
  assert.equal(await running, null);
  await finish("X");
  assert.equal(await commit, "X");
  assert.deepEqual(started, ["preview a", "commit x"]);
});

test("commits are never dropped, keep their order and go before previews", async () => {
  const { lane, started, finish } = make();
  const commits = [lane.commit("x"), lane.commit("y")];
  const preview = lane.preview("a");
  commits.push(lane.commit("z"));
  assert.equal(await preview, null);
  const later = lane.preview("b");
  for (let i = 0; i < 4; i++) await finish(i);
  assert.deepEqual(await Promise.all([...commits, later]), [0, 1, 2, 3]);
  assert.deepEqual(started, ["commit x", "commit y", "commit z", "preview b"]);
});

test("a failed decode is its asker's alone", async () => {
  const { lane, running, finish } = make();
  const first = lane.commit("x");
  const second = lane.commit("y");
  running.shift().reject(new Error("no"));
  await assert.rejects(first, /no/);
  await tick();
  await finish("Y");
  assert.equal(await second, "Y");
});

test("clearing refuses waiting commits", async () => {
  const { lane, finish } = make();
  const first = lane.commit("x");
  const second = lane.commit("y");
  lane.clear(new Error("closed"));
  await assert.rejects(second, /closed/);
  await finish("X");
  assert.equal(await first, "X");
});
