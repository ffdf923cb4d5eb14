import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEmbedding } from "../../../static/js/decoder/embedding.js";
import { embeddingFile as file, HEADER } from "../support/embedding.js";

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
