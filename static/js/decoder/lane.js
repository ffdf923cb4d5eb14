/**
 * One decode at a time: commits in their order and never dropped, at most one preview waiting behind them.
 * @module decoder/lane
 */

/** @typedef {import("../tools/types.js").Prompts} Prompts */
/** @typedef {import("../tools/types.js").Result} Result */

/**
 * @typedef {object} Request
 * @property {Prompts} prompts
 * @property {boolean} preview
 * @property {(result: any) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/** @param {(prompts: Prompts, preview: boolean) => Promise<Result>} decode */
export function createLane(decode) {
  /** @type {Request[]} */
  const commits = [];
  /** @type {Request | null} */
  let waiting = null;
  /** @type {Request | null} */
  let running = null;

  function dropPreview() {
    waiting?.resolve(null);
    waiting = null;
  }

  async function work() {
    if (running) return;
    running = commits.shift() ?? waiting;
    if (running === waiting) waiting = null;
    if (!running) return;
    const { prompts, preview, resolve, reject } = running;
    try {
      const result = await decode(prompts, preview);
      // A newer preview may wait, but one decode behind the pointer is better than nothing to see; a click ends hovering.
      resolve(preview && commits.length ? null : result);
    } catch (error) {
      reject(error);
    } finally {
      running = null;
    }
    void work();
  }

  return {
    /** @param {Prompts} prompts @returns {Promise<Result | null>} null when something newer replaced it */
    preview(prompts) {
      dropPreview();
      return new Promise((resolve, reject) => {
        waiting = { prompts, preview: true, resolve, reject };
        void work();
      });
    },
    /** @param {Prompts} prompts @returns {Promise<Result>} */
    commit(prompts) {
      dropPreview();
      return new Promise((resolve, reject) => {
        commits.push({ prompts, preview: false, resolve, reject });
        void work();
      });
    },
    /** Refuses what waits. @param {unknown} error */
    clear(error) {
      dropPreview();
      for (const request of commits.splice(0)) request.reject(error);
    },
  };
}
