import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEmbedding } from "../../../static/js/decoder/embedding.js";

const HEADER = { model: "m", version: 1, shape: [256, 64, 64], dtype: "int8", image: [30, 20], input: [1024, 683] };

function file(header = HEADER, magic = "SWE1") {
  const text = JSON.stringify(header);
  const head = text.padEnd(text.length + ((4 - (text.length % 4)) % 4));
  const buffer = new ArrayBuffer(8 + head.length + 4 * 256 + 256 * 4096);
  const bytes = new Uint8Array(buffer);
  bytes.set(new TextEncoder().encode(magic));
  new DataView(buffer).setUint32(4, head.length, true);
  bytes.set(new TextEncoder().encode(head), 8);
  const scales = new Float32Array(buffer, 8 + head.length, 256);
  scales.forEach((_, channel) => (scales[channel] = channel / 8));
  const values = new Int8Array(buffer, 8 + head.length + 4 * 256);
  values.forEach((_, index) => (values[index] = (index % 255) - 127));
  return buffer;
}

test("each value is its byte times its channel's scale", () => {
  const { features, model, version, image } = parseEmbedding(file());
  assert.deepEqual([model, version, image], ["m", 1, { width: 30, height: 20 }]);
  assert.equal(features.length, 256 * 64 * 64);
  for (const index of [0, 1, 4095, 4096, 700_001, 256 * 4096 - 1]) {
    assert.equal(features[index], ((index % 255) - 127) * (Math.floor(index / 4096) / 8));
  }
});

test("what is no embedding is refused", () => {
  assert.throws(() => parseEmbedding(new ArrayBuffer(3)), /not an embedding/);
  assert.throws(() => parseEmbedding(file(HEADER, "NOPE")), /not an embedding/);
  assert.throws(() => parseEmbedding(file().slice(0, -1)), /length/);
  assert.throws(() => parseEmbedding(file({ ...HEADER, dtype: "f16" })), /type or shape/);
});
