import assert from "node:assert/strict";
import { before, test } from "node:test";
import { embeddingFile, HEADER } from "../support/embedding.js";
import { standIn } from "../support/runtime.js";

const CROP = [0, 0, 16, 16];
const SIZE = { width: 30, height: 20 };
/** @type {(event: {data: any}) => void} */
let tell;
/** @type {(answer: any) => void} */
let heard;

/** @param {string} type @param {any} [fields] */
const ask = (type, fields = {}) => new Promise((resolve) => ((heard = resolve), tell({ data: { id: 1, type, ...fields } })));
/** @param {string} model */
const embedding = (model) => embeddingFile({ ...HEADER, model });

before(async () => {
  Object.assign(globalThis, {
    location: { href: "http://localhost/images/1/annotate/" },
    opened: [],
    fed: [],
    postMessage: (/** @type {any} */ answer) => heard(answer),
    addEventListener: (/** @type {string} */ _type, /** @type {any} */ listener) => (tell = listener),
  });
  await import("../../../static/js/decoder/worker.js");
  const ort = { base: "/assets/ort/1/", wasm: standIn("wasm", 1), webgpu: "" };
  const { answer } = await ask("init", { ort, decoder: "data:,model", models: ["m", "m-int8"], webgpu: false });
  assert.match(answer.detail, /^wasm/);
});

test("embeddings of the models that share the decoder are taken", async () => {
  for (const model of ["m", "m-int8"]) {
    assert.deepEqual((await ask("load", { imageId: 1, embedding: embedding(model), ...SIZE })).answer, {});
    assert.deepEqual((await ask("load", { crop: CROP, embedding: embedding(model) })).answer, {});
  }
});

test("another model's embedding is refused, for the image and for a part of it; what was there goes on", async () => {
  await ask("load", { imageId: 1, embedding: embedding("m"), ...SIZE });
  for (const fields of [{ imageId: 2, ...SIZE }, { crop: CROP }]) {
    const { error, fatal } = await ask("load", { ...fields, embedding: embedding("vit_h") });
    assert.match(error, /another model.*vit_h/);
    assert.equal(fatal, false);
  }
  const prompts = { points: [{ x: 3, y: 4, label: 1 }], box: null };
  assert.equal((await ask("decode", { prompts, preview: false })).answer.candidates.length, 3);
  assert.match((await ask("decode", { prompts: { ...prompts, region: CROP }, preview: false })).error, /not here/);
});

test("it says when an answer was kept from before", async () => {
  await ask("load", { imageId: 1, embedding: embedding("m"), ...SIZE });
  const points = [1, 2].map((x) => ({ x, y: 4, label: 1 }));
  /** @param {any[]} points @param {boolean} preview */
  const cached = async (points, preview) => (await ask("decode", { prompts: { points, box: null }, preview })).answer.cached;
  assert.equal(await cached([points[0]], true), false);
  assert.equal(await cached([points[0]], true), true, "pointed at again");
  assert.equal(await cached([points[0]], false), true, "and clicked");
  assert.equal(await cached(points, false), false);
  assert.equal(await cached([points[0]], false), true, "taken back");
});
