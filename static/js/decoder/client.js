/**
 * The page's side of decoding in the browser: a worker that holds the model, and who may ask it when.
 * @module decoder/client
 */
import { createQueue } from "../core/queue.js";

/** @typedef {import("../tools/types.js").Decoder} Decoder */
/** @typedef {import("../tools/types.js").Prompts} Prompts */
/** @typedef {import("../tools/types.js").Result} Result */

/**
 * @typedef {object} Manifest where the browser's files lie, as `/assets/manifest.json` has it
 * @property {{version: string, wasm: string, webgpu: string, base: string}} ort
 * @property {Record<string, {decoder: string, bytes: number}>} models
 */

/**
 * @typedef {object} BrowserOptions
 * @property {Manifest} manifest
 * @property {string} model
 * @property {boolean} [webgpu] false keeps to WebAssembly
 * @property {() => Worker} [open] makes the worker; tests give their own
 */

/**
 * A decoder that can stop working later, when its worker dies; the page then goes on with the server's.
 * @typedef {Decoder & {onFailed: (listener: (error: Error) => void) => () => void}} BrowserDecoder
 */

const openWorker = () => new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "decoder" });

/**
 * Resolves once the model is loaded and has answered; rejects where this browser cannot decode.
 * @param {BrowserOptions} options
 * @returns {Promise<BrowserDecoder>}
 */
export async function createBrowserDecoder({ manifest, model, webgpu = true, open = openWorker }) {
  const files = manifest?.models?.[model];
  if (!files) throw new Error(`There is no decoder for browsers of the model "${model}".`);
  if (typeof WebAssembly === "undefined") throw new Error("This browser has no WebAssembly.");
  const calls = createCalls(open());
  try {
    const { detail } = await calls.call("init", { ort: manifest.ort, decoder: files.decoder, models: served(manifest, files), webgpu });
    return decoderOf(calls, detail);
  } catch (error) {
    calls.end(new Error("The decoder could not be loaded."));
    throw error;
  }
}

/** The models whose embeddings these files decode: precisions differ in the encoder alone. @param {Manifest} manifest @param {{decoder: string}} files */
function served({ models }, { decoder }) {
  return Object.keys(models).filter((name) => models[name].decoder === decoder);
}

/** @param {Calls} calls @param {string} detail @returns {BrowserDecoder} */
function decoderOf(calls, detail) {
  let label = detail;
  const queue = createQueue();

  /** @param {Prompts} prompts @param {boolean} preview @returns {Promise<Result>} */
  async function decode(prompts, preview) {
    const start = performance.now();
    const answer = await calls.call("decode", { prompts, preview });
    label = answer.detail;
    return { candidates: answer.candidates, cached: answer.cached, ms: performance.now() - start };
  }

  return {
    kind: "browser",
    get detail() {
      return label;
    },
    async load(imageId, embedding, { width, height }) {
      await calls.call("load", { imageId, embedding, width, height });
    },
    async loadCrop(crop, embedding) {
      await calls.call("load", { embedding, crop });
    },
    preview: (prompts) => queue.offer(() => decode(prompts, true)),
    commit: (prompts) => queue.add(() => decode(prompts, false)),
    onFailed: calls.onFailed,
    dispose() {
      const error = new Error("The decoder was closed.");
      queue.clear(error);
      calls.end(error);
    },
  };
}

/** @typedef {ReturnType<typeof createCalls>} Calls */

/** Questions and answers over a worker's messages. @param {Worker} worker */
function createCalls(worker) {
  /** @type {Map<number, {resolve: (answer: any) => void, reject: (error: Error) => void}>} */
  const open = new Map();
  /** @type {Set<(error: Error) => void>} */
  const listeners = new Set();
  /** @type {Error | null} */
  let ended = null;
  let last = 0;

  /** @param {Error} error */
  function end(error) {
    ended ??= error;
    worker.terminate();
    for (const { reject } of open.values()) reject(error);
    open.clear();
  }

  /** @param {Error} error */
  function fail(error) {
    if (ended) return;
    end(error);
    for (const listener of [...listeners]) listener(error);
  }

  worker.onmessage = ({ data }) => {
    const call = open.get(data.id);
    open.delete(data.id);
    if (!data.error) return call?.resolve(data.answer);
    const error = new Error(data.error);
    call?.reject(error);
    // A worker that could not answer a good question once will not answer the next one either.
    if (data.fatal) fail(error);
  };
  worker.onerror = (event) => {
    event.preventDefault?.();
    fail(new Error(`The decoder's worker stopped: ${event.message || "it could not be loaded"}.`));
  };
  worker.onmessageerror = () => fail(new Error("The decoder's worker sent what cannot be read."));

  return {
    /** @param {string} type @param {Record<string, any>} fields @returns {Promise<any>} */
    call(type, fields) {
      if (ended) return Promise.reject(ended);
      const id = ++last;
      return new Promise((resolve, reject) => {
        open.set(id, { resolve, reject });
        worker.postMessage({ id, type, ...fields });
      });
    },
    /** @param {(error: Error) => void} listener @returns {() => void} */
    onFailed(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    end,
  };
}
