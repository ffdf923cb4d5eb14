/**
 * The decoder of browsers that cannot decode: every question is a job on the server.
 * @module decoder/server
 */
import { createLane } from "./lane.js";

/** @typedef {import("../net/types.js").Job} Job */
/** @typedef {import("../tools/types.js").Decoder} Decoder */
/** @typedef {import("../tools/types.js").Prompts} Prompts */
/** @typedef {import("../tools/types.js").Result} Result */

/** How often a job is asked for where its event does not come, in milliseconds. */
const ASK_AFTER = [400, 800, 1600, 3000];
const GIVE_UP_AFTER = 60000;

/**
 * @typedef {object} ServerOptions
 * @property {number} imageId
 * @property {{
 *   post: (path: string, json?: any) => Promise<any>,
 *   get: (path: string) => Promise<any>,
 * }} api
 * @property {(listener: (event: {id: number | string, status: string}) => void) => () => void} onJob subscribes to the
 *   socket's job events and returns what ends that
 * @property {() => number} [now]
 */

/** @param {ServerOptions} options @returns {Decoder} */
export function createServerDecoder({ imageId, api, onJob, now = () => performance.now() }) {
  let image = imageId;
  /** @type {Map<string, () => void>} what to do when a job's event comes, by job id */
  const waiting = new Map();
  /** @type {Set<string>} jobs that ended before anybody waited for them */
  const early = new Set();
  const stop = onJob(({ id, status }) => {
    if (status !== "Completed" && status !== "Failed") return;
    const wake = waiting.get(String(id));
    if (wake) wake();
    else early.add(String(id));
  });

  /** Until the job's event, or for a while. @param {string} id @param {number} ms @returns {Promise<void>} */
  function event(id, ms) {
    if (early.has(id)) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      function done() {
        clearTimeout(timer);
        waiting.delete(id);
        resolve();
      }
      waiting.set(id, done);
    });
  }

  /** @param {Job} job @returns {Promise<Job>} */
  async function ended(job) {
    const id = String(job.id);
    const start = now();
    for (let attempt = 0; job.status === "Queued" || job.status === "Running"; attempt++) {
      if (now() - start > GIVE_UP_AFTER) throw new Error("The server did not compute the mask in time.");
      await event(id, ASK_AFTER[Math.min(attempt, ASK_AFTER.length - 1)]);
      job = await api.get(`/jobs/${id}`);
    }
    return job;
  }

  /** @param {Prompts} prompts @param {boolean} preview @returns {Promise<Result>} */
  async function decode(prompts, preview) {
    const start = now();
    early.clear();
    const job = await ended(await api.post(`/images/${image}/segment`, preview ? { ...prompts, preview } : prompts));
    if (job.status === "Failed") throw new Error(reason(job));
    /** @type {{candidate: number, score: number, rle: import("../net/types.js").Rle}[]} */
    const masks = job.result.masks;
    const candidates = masks.map(({ candidate, score, rle }) => ({ token: candidate, score, rle }));
    return { candidates, ms: now() - start };
  }

  const lane = createLane(decode);
  return {
    kind: "server",
    detail: "server",
    load(id) {
      image = id;
    },
    preview: lane.preview,
    commit: lane.commit,
    dispose() {
      stop();
      lane.clear(new Error("The decoder was closed."));
    },
  };
}

/** @param {Job} job */
function reason({ error }) {
  const message = typeof error === "string" ? error : error?.message;
  return message || "The server could not compute the mask.";
}
