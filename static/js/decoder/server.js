/**
 * The decoder of browsers that cannot decode: every question is a job on the server.
 * @module decoder/server
 */
import { createQueue } from "../core/queue.js";
import { createJobWait, reasonOf } from "../net/job_wait.js";

/** @typedef {import("../tools/types.js").Decoder} Decoder */
/** @typedef {import("../tools/types.js").Prompts} Prompts */
/** @typedef {import("../tools/types.js").Result} Result */

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
  const jobs = createJobWait({ api, onJob, now, giveUpAfter: GIVE_UP_AFTER, tooLate: "The server did not compute the mask in time." });

  /** @param {Prompts} prompts @param {boolean} preview @returns {Promise<Result>} */
  async function decode(prompts, preview) {
    const start = now();
    jobs.forget();
    const job = await jobs.ended(await api.post(`/images/${image}/segment`, preview ? { ...prompts, preview } : prompts));
    if (job.status === "Failed") throw new Error(reasonOf(job, "The server could not compute the mask."));
    /** @type {{masks: {candidate: number, score: number, rle: import("../net/types.js").Rle}[], model: string}} */
    const { masks, model } = job.result;
    const candidates = masks.map(({ candidate, score, rle }) => ({ maskIndex: candidate, score, rle, model }));
    return { candidates, ms: now() - start };
  }

  const queue = createQueue();
  return {
    kind: "server",
    detail: "server",
    load(id) {
      image = id;
    },
    preview: (prompts) => queue.offer(() => decode(prompts, true)),
    commit: (prompts) => queue.add(() => decode(prompts, false)),
    dispose() {
      jobs.stop();
      queue.clear(new Error("The decoder was closed."));
    },
  };
}
