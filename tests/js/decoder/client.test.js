import assert from "node:assert/strict";
import { test } from "node:test";
import { createBrowserDecoder } from "../../../static/js/decoder/client.js";

const MANIFEST = {
  ort: { version: "1", base: "/assets/ort/1/", wasm: "/assets/ort/1/a.mjs", webgpu: "/assets/ort/1/b.mjs" },
  models: {
    mobile_sam: { decoder: "/assets/models/m/decoder.onnx", bytes: 1 },
    "mobile_sam-int8": { decoder: "/assets/models/m/decoder.onnx", bytes: 1 },
    other: { decoder: "/assets/models/o/decoder.onnx", bytes: 1 },
  },
};
const ONE = { points: [{ x: 1, y: 2, label: 1 }], box: null };
const tick = () => new Promise((resolve) => setImmediate(resolve));

class FakeWorker {
  sent = [];
  terminated = false;
  postMessage(message) {
    this.sent.push(message);
  }
  terminate() {
    this.terminated = true;
  }
  answer(answer) {
    this.onmessage({ data: { id: this.sent.at(-1).id, answer } });
  }
  refuse(error, fatal) {
    this.onmessage({ data: { id: this.sent.at(-1).id, error, fatal } });
  }
}

async function make() {
  const worker = new FakeWorker();
  const opening = createBrowserDecoder({ manifest: MANIFEST, model: "mobile_sam", open: () => worker });
  await tick();
  worker.answer({ detail: "wasm ×2" });
  return { worker, decoder: await opening };
}

test("it is there once the worker has answered, and says what it decodes with", async () => {
  const { worker, decoder } = await make();
  assert.equal(worker.sent[0].type, "init");
  assert.equal(worker.sent[0].decoder, "/assets/models/m/decoder.onnx");
  assert.deepEqual(worker.sent[0].models, ["mobile_sam", "mobile_sam-int8"], "those that have the same decoder");
  assert.deepEqual([decoder.kind, decoder.detail], ["browser", "wasm ×2"]);
});

test("a model without files for browsers is refused without a worker", async () => {
  const open = () => assert.fail("no worker is needed");
  await assert.rejects(createBrowserDecoder({ manifest: MANIFEST, model: "fake", open }), /"fake"/);
  await assert.rejects(createBrowserDecoder({ manifest: {}, model: "mobile_sam", open }));
});

test("a worker that cannot load the model is ended", async () => {
  const worker = new FakeWorker();
  const opening = createBrowserDecoder({ manifest: MANIFEST, model: "mobile_sam", open: () => worker });
  await tick();
  worker.refuse("out of memory", false);
  await assert.rejects(opening, /out of memory/);
  assert.equal(worker.terminated, true);
});

test("a worker whose script does not load rejects too", async () => {
  const worker = new FakeWorker();
  const opening = createBrowserDecoder({ manifest: MANIFEST, model: "mobile_sam", open: () => worker });
  await tick();
  worker.onerror({ message: "" });
  await assert.rejects(opening, /could not be loaded/);
});

test("images are loaded and prompts decoded; a change of provider shows", async () => {
  const { worker, decoder } = await make();
  const loading = decoder.load(7, new ArrayBuffer(8), { width: 30, height: 20 });
  const { type, imageId, width, height } = worker.sent.at(-1);
  assert.deepEqual([type, imageId, width, height], ["load", 7, 30, 20]);
  worker.answer({});
  await loading;
  const asked = decoder.commit(ONE);
  await tick();
  assert.deepEqual(worker.sent.at(-1).prompts, ONE);
  worker.answer({ candidates: [{ maskIndex: 2 }], cached: true, detail: "wasm ×1" });
  const result = await asked;
  assert.equal(result.candidates[0].maskIndex, 2);
  assert.equal(typeof result.ms, "number");
  assert.equal(result.cached, true);
  assert.equal(decoder.detail, "wasm ×1");
});

test("a bad embedding refuses the load and leaves the decoder as it was", async () => {
  const { worker, decoder } = await make();
  const loading = decoder.load(7, new ArrayBuffer(8), { width: 30, height: 20 });
  worker.refuse("This is not an embedding.", false);
  await assert.rejects(loading, /not an embedding/);
  assert.equal(worker.terminated, false);
});

test("a decode that fails is told once, and everything after it is refused", async () => {
  const { worker, decoder } = await make();
  const told = [];
  decoder.onFailed((error) => told.push(error.message));
  const first = decoder.commit(ONE);
  const second = decoder.commit(ONE);
  await tick();
  worker.refuse("memory access out of bounds", true);
  await assert.rejects(first, /out of bounds/);
  await assert.rejects(second, /out of bounds/);
  await assert.rejects(decoder.commit(ONE), /out of bounds/);
  assert.deepEqual(told, ["memory access out of bounds"]);
  assert.equal(worker.terminated, true);
});

test("disposing ends the worker and refuses what was asked, without calling it a failure", async () => {
  const { worker, decoder } = await make();
  decoder.onFailed(() => assert.fail("nothing failed"));
  const asked = decoder.commit(ONE);
  await tick();
  decoder.dispose();
  await assert.rejects(asked, /closed/);
  assert.equal(worker.terminated, true);
});
