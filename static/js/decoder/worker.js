/**
 * The decoder's worker: holds the model and a few images' embeddings, answers one message after the other.
 *
 * init {ort, decoder, webgpu} → {detail} · load {imageId, embedding, width, height} → {} · decode {prompts, preview} →
 * {candidates, detail}. Every answer is {id, answer} or {id, error, fatal}.
 * @module decoder/worker
 */
import { parseEmbedding } from "./embedding.js";
import { openRuntime } from "./runtime.js";
import { createReplay } from "./session.js";

/** @typedef {import("./runtime.js").Runtime} Runtime */
/** @typedef {{features: Float32Array, replay: import("./session.js").Replay}} Loaded */

/** Each holds 4 MB of features, and the one in use the answers to its prompts. */
const MOST_IMAGES = 4;

/** @type {Runtime | null} */
let runtime = null;
/** @type {import("./runtime.js").RuntimeOptions | null} */
let options = null;
/** @type {Map<number, {features: Float32Array, width: number, height: number}>} the most recently used last */
const images = new Map();
/** @type {Loaded | null} */
let current = null;

/** @param {Float32Array} features @returns {import("./session.js").Decode} */
function decodeOf(features) {
  return async (prompt) => {
    if (!runtime || !options) throw new Error("The decoder is not loaded.");
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

/** @param {import("./runtime.js").RuntimeOptions} given */
async function init(given) {
  options = given;
  runtime = await openRuntime(given);
  return { detail: runtime.detail };
}

/** @param {{imageId: number, embedding: ArrayBuffer | null, width: number, height: number}} given */
function load({ imageId, embedding, width, height }) {
  const image = embedding
    ? { features: parseEmbedding(embedding).features, width, height }
    : images.get(imageId);
  if (!image) throw new Error("The image's embedding is not here.");
  images.delete(imageId);
  images.set(imageId, image);
  for (const oldest of images.keys()) {
    if (images.size <= MOST_IMAGES) break;
    images.delete(oldest);
  }
  current = { features: image.features, replay: createReplay(image, decodeOf(image.features)) };
  return {};
}

/** @param {{prompts: import("../net/types.js").Prompts, preview: boolean}} given */
async function decode({ prompts, preview }) {
  if (!current || !runtime) throw new Error("No image is loaded.");
  const found = await current.replay.run(prompts, { preview });
  // The replay keeps its own logits: what leaves is a copy, handed over as it is.
  const candidates = found.map((candidate) => ({ ...candidate, logits: candidate.logits.slice() }));
  return { candidates, detail: runtime.detail };
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
    globalThis.postMessage({ id, error: message, fatal: type === "decode" });
  }
}

globalThis.addEventListener("message", ({ data }) => {
  queue = queue.then(() => handle(data));
});
