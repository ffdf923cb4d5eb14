/**
 * The decoder's worker: holds the model and a few images' embeddings, answers one message after the other.
 *
 * init {ort, decoder, models, webgpu} → {detail}, models being those whose embeddings the decoder reads · load {imageId, embedding, width, height} → {} · load {crop, embedding} → {} for a
 * part of that image, which prompts with it as their `region` are decoded in · decode {prompts, preview} →
 * {candidates, cached, detail}, cached where the model was not asked. Every answer is {id, answer} or {id, error, fatal}.
 * @module decoder/worker
 */
import { parseEmbedding } from "./embedding.js";
import { openRuntime } from "./runtime.js";
import { createPromptSession } from "./session.js";
import { inside } from "../geometry/crop_window.js";

/** @typedef {import("./runtime.js").Runtime} Runtime */
/** @typedef {{width: number, height: number}} Size */
/** @typedef {{features: Float32Array, size: Size, session: import("./session.js").PromptSession}} Loaded */
/** @typedef {import("../geometry/crop_window.js").CropWindow} CropWindow */

/** Asked for a part that was forgotten: the decoder itself is as good as before. */
class MissingCrop extends Error {}

/** Each holds 4 MB of features, and the one in use the answers to its prompts. */
const MAX_IMAGES = 4;
const MAX_CROPS = 4;

/** @type {Runtime | null} */
let runtime = null;
/** @type {import("./runtime.js").RuntimeOptions | null} */
let options = null;
/** @type {string[]} */
let models = [];
/** So often was the model asked. */
let runs = 0;
/** @type {Map<number, {features: Float32Array, width: number, height: number}>} the most recently used last */
const images = new Map();
/** @type {Loaded | null} */
let current = null;
/** @type {Map<string, Loaded>} parts of the image that is in use, the most recently used last */
const crops = new Map();
/** @type {Loaded | null} where the last prompts were decoded: the others' answers are not kept */
let last = null;

/** @param {Float32Array} features @returns {import("./session.js").Decode} */
function decodeOf(features) {
  return async (prompt) => {
    if (!runtime || !options) throw new Error("The decoder is not loaded.");
    runs++;
    try {
      return await runtime.decode(features, prompt);
    } catch (error) {
      if (!runtime.detail.startsWith("webgpu")) throw error;
      // A graphics device can be lost at any time.
      console.warn("WebGPU stopped; WebAssembly goes on", error);
      runtime = await openRuntime({ ...options, webgpu: false });
      return runtime.decode(features, prompt);
    }
  };
}

/** @param {import("./runtime.js").RuntimeOptions & {models: string[]}} given */
async function init({ models: served, ...given }) {
  options = given;
  models = served;
  runtime = await openRuntime(given);
  return { detail: runtime.detail };
}

/** What another model's encoder made, this decoder would turn into wrong masks. @param {ArrayBuffer} embedding */
function featuresOf(embedding) {
  const { features, model } = parseEmbedding(embedding);
  if (!models.includes(model)) throw new Error(`The embedding is of another model (${model}).`);
  return features;
}

/** @param {Float32Array} features @param {Size} size @returns {Loaded} */
function loaded(features, size) {
  return { features, size, session: createPromptSession(size, decodeOf(features)) };
}

/** @template K, V @param {Map<K, V>} map @param {K} key @param {V} value @param {number} max */
function keep(map, key, value, max) {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= max) break;
    map.delete(oldest);
  }
}

/** @param {{imageId: number, embedding: ArrayBuffer | null, width: number, height: number, crop?: CropWindow}} given */
function load({ imageId, embedding, width, height, crop }) {
  if (crop && embedding) {
    const [, , w, h] = crop;
    keep(crops, String(crop), loaded(featuresOf(embedding), { width: w, height: h }), MAX_CROPS);
    return {};
  }
  const image = embedding
    ? { features: featuresOf(embedding), width, height }
    : images.get(imageId);
  if (!image) throw new Error("The image's embedding is not here.");
  keep(images, imageId, image, MAX_IMAGES);
  current = loaded(image.features, image);
  crops.clear();
  return {};
}

/** Where the prompts are decoded. @param {CropWindow | null | undefined} crop */
function frameOf(crop) {
  const frame = crop ? crops.get(String(crop)) : current;
  if (crop && frame) keep(crops, String(crop), frame, MAX_CROPS);
  if (last && frame && last !== frame) last.session = createPromptSession(last.size, decodeOf(last.features));
  last = frame ?? last;
  return frame;
}

/** @param {{prompts: import("../net/types.js").Prompts, preview: boolean}} given */
async function decode({ prompts, preview }) {
  if (!current || !runtime) throw new Error("No image is loaded.");
  const { region: crop } = prompts;
  const frame = frameOf(crop);
  if (!frame) throw new MissingCrop("The crop's embedding is not here.");
  const before = runs;
  const found = await frame.session.run(crop ? inside(crop, prompts) : prompts, { preview });
  // The session keeps its own logits: what leaves is a copy, handed over as it is.
  const candidates = found.map((candidate) => ({ ...candidate, logits: candidate.logits.slice() }));
  return { candidates, cached: runs === before, detail: runtime.detail };
}

/** @type {Record<string, (given: any) => any>} */
const handlers = { init, load, decode };
/** @type {Promise<void>} */
let queue = Promise.resolve();

/** @param {{id: number, type: string}} message */
async function handle({ id, type, ...given }) {
  try {
    const answer = await handlers[type](given);
    const buffers = answer.candidates?.map((/** @type {{logits: Float32Array}} */ { logits }) => logits.buffer) ?? [];
    globalThis.postMessage({ id, answer }, { transfer: buffers });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    globalThis.postMessage({ id, error: message, fatal: type === "decode" && !(error instanceof MissingCrop) });
  }
}

globalThis.addEventListener("message", ({ data }) => {
  queue = queue.then(() => handle(data));
});
