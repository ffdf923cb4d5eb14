/**
 * The decoder's model in ONNX Runtime: on WebGPU where there is a real adapter, else in WebAssembly.
 * @module decoder/runtime
 */
import { EMBEDDING_SHAPE } from "./embedding.js";
import { LOGITS_SIDE } from "./frame.js";

/** @typedef {import("./session.js").DecoderPrompt} DecoderPrompt */
/** @typedef {import("./session.js").DecoderAnswer} DecoderAnswer */

/** @typedef {{ort: {wasm: string, webgpu: string, base: string}, decoder: string, webgpu: boolean}} RuntimeOptions */

/**
 * @typedef {object} Runtime
 * @property {string} detail "webgpu" or "wasm ×2"
 * @property {(features: Float32Array, prompt: DecoderPrompt) => Promise<DecoderAnswer>} decode
 * @property {() => Promise<void>} release
 */

const MAX_THREADS = 4;
const PLANE = LOGITS_SIDE * LOGITS_SIDE;
const MASK_SHAPE = [1, 1, LOGITS_SIDE, LOGITS_SIDE];

/** @param {RuntimeOptions} options @returns {Promise<Runtime>} */
export async function openRuntime(options) {
  const model = fetchModel(options.decoder);
  if (options.webgpu && (await hasAdapter())) {
    try {
      return await open(options, "webgpu", await model);
    } catch (error) {
      console.warn("WebGPU cannot decode here; WebAssembly does", error);
    }
  }
  return open(options, "wasm", await model);
}

/** Software adapters are slower than WebAssembly. */
async function hasAdapter() {
  try {
    const adapter = /** @type {any} */ (await /** @type {any} */ (navigator).gpu?.requestAdapter());
    return Boolean(adapter) && !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false);
  } catch {
    return false;
  }
}

/** @param {string} url */
async function fetchModel(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`The decoder's model could not be fetched (${response.status}).`);
  return new Uint8Array(await response.arrayBuffer());
}

/** @param {RuntimeOptions} options @param {"webgpu" | "wasm"} provider @param {Uint8Array} model @returns {Promise<Runtime>} */
async function open({ ort: files }, provider, model) {
  const ort = await import(files[provider]);
  const threads = globalThis.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency || 1, MAX_THREADS) : 1;
  ort.env.wasm.wasmPaths = new URL(files.base, location.href).href;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [provider],
    graphOptimizationLevel: "all",
    // Errors only: a warning that shapes are computed on the CPU would be in every log.
    logSeverityLevel: 3,
  });
  const runtime = {
    detail: provider === "webgpu" ? "webgpu" : `wasm ×${threads}`,
    decode: decodeWith(ort, session),
    release: () => session.release(),
  };
  await warmUp(runtime);
  return runtime;
}

/** Compiles what compiles at the first run, and finds out whether the numbers are any good. @param {Runtime} runtime */
async function warmUp(runtime) {
  const [channels, rows, columns] = EMBEDDING_SHAPE;
  const features = new Float32Array(channels * rows * columns);
  const coords = Float32Array.of(512, 512, 0, 0);
  const answer = await runtime.decode(features, { coords, labels: Float32Array.of(1, -1), maskInput: null });
  const finite = answer.logits.every((plane) => plane.every(Number.isFinite));
  if (finite && Array.from(answer.scores).every(Number.isFinite)) return;
  await runtime.release();
  throw new Error("The decoder's first answer is not finite.");
}

/** @param {any} ort @param {any} session @returns {Runtime["decode"]} */
function decodeWith(ort, session) {
  const nothing = new Float32Array(PLANE);
  return async (features, { coords, labels, maskInput }) => {
    const tensor = (/** @type {Float32Array} */ data, /** @type {readonly number[]} */ shape) =>
      new ort.Tensor("float32", data, shape);
    const output = await session.run({
      image_embeddings: tensor(features, [1, ...EMBEDDING_SHAPE]),
      point_coords: tensor(coords, [1, labels.length, 2]),
      point_labels: tensor(labels, [1, labels.length]),
      mask_input: tensor(maskInput ?? nothing, MASK_SHAPE),
      has_mask_input: tensor(Float32Array.of(maskInput ? 1 : 0), [1]),
    });
    /** @type {Float32Array} */
    const masks = output.low_res_masks.data;
    const logits = [0, 1, 2, 3].map((maskIndex) => masks.slice(maskIndex * PLANE, (maskIndex + 1) * PLANE));
    return { logits, scores: Float32Array.from(output.scores.data) };
  };
}
