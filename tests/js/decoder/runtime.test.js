import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { openRuntime } from "../../../static/js/decoder/runtime.js";
import { standIn } from "../support/runtime.js";

function options(webgpuValue) {
  return {
    ort: { base: "/assets/ort/1/", wasm: standIn("wasm", 1), webgpu: standIn("webgpu", webgpuValue) },
    decoder: "data:application/octet-stream,model",
    webgpu: true,
  };
}

function browser(adapter, { isolated = true, cores = 8 } = {}) {
  const gpu = adapter === undefined ? undefined : { requestAdapter: async () => adapter };
  Object.defineProperty(globalThis, "navigator", { value: { gpu, hardwareConcurrency: cores }, configurable: true });
  globalThis.crossOriginIsolated = isolated;
}

beforeEach(() => {
  globalThis.location = { href: "http://localhost/images/1/annotate/" };
  globalThis.opened = [];
  globalThis.fed = [];
});

test("a real adapter decodes on WebGPU", async () => {
  browser({ info: { isFallbackAdapter: false } });
  assert.equal((await openRuntime(options(2))).detail, "webgpu");
});

for (const [what, adapter, value] of [
  ["no WebGPU", undefined, 2],
  ["no adapter", null, 2],
  ["a software adapter", { info: { isFallbackAdapter: true } }, 2],
  ["a first answer that is not finite", { info: {} }, NaN],
  ["a device that fails", { info: {} }, null],
]) {
  test(`${what}: WebAssembly decodes`, async (t) => {
    t.mock.method(console, "warn", () => {});
    browser(adapter);
    assert.equal((await openRuntime(options(value))).detail, "wasm ×4");
  });
}

test("without isolation, or with one core, there is one thread", async () => {
  browser(undefined, { isolated: false });
  assert.equal((await openRuntime(options(2))).detail, "wasm ×1");
  browser(undefined, { cores: 1 });
  assert.equal((await openRuntime(options(2))).detail, "wasm ×1");
});

test("a model that is not there rejects", async () => {
  browser(undefined);
  await assert.rejects(openRuntime({ ...options(2), decoder: "data:broken" }));
});

test("prompts reach the model in its shapes, its masks come back by their indices", async () => {
  browser(undefined);
  const runtime = await openRuntime(options(2));
  const maskInput = new Float32Array(65536).fill(5);
  const coords = Float32Array.of(1, 2, 3, 4, 5, 6);
  const answer = await runtime.decode(new Float32Array(256 * 4096), { coords, labels: Float32Array.of(1, 2, 3), maskInput });
  const { point_coords, point_labels, mask_input, has_mask_input, image_embeddings } = globalThis.fed.at(-1);
  assert.deepEqual([point_coords.dims, point_labels.dims], [[1, 3, 2], [1, 3]]);
  assert.deepEqual([image_embeddings.dims, mask_input.dims], [[1, 256, 64, 64], [1, 1, 256, 256]]);
  assert.deepEqual([mask_input.data[7], has_mask_input.data[0]], [5, 1]);
  assert.equal(globalThis.fed[0].has_mask_input.data[0], 0);
  assert.deepEqual(answer.logits.map((plane) => [plane.length, plane[0]]), [1, 2, 3, 4].map((v) => [65536, v]));
  assert.deepEqual([...answer.scores], [1, 1, 1, 1]);
});
