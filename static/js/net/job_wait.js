/**
 * Waiting for a job: its event wakes at once, and where that does not come it is asked for.
 * @module net/job_wait
 */

/** @typedef {import("./types.js").Job} Job */

/** How often a job is asked for where its event does not come, in milliseconds. */
const ASK_AFTER = [400, 800, 1600, 3000];

/**
 * @typedef {object} WaitOptions
 * @property {{get: (path: string) => Promise<any>}} api
 * @property {(listener: (event: {id: number | string, status: string}) => void) => () => void} onJob subscribes to the
 *   socket's job events and returns what ends that
 * @property {number} giveUpAfter milliseconds
 * @property {string} tooLate what to say then
 * @property {() => number} [now]
 */

/** @param {WaitOptions} options */
export function createJobWait({ api, onJob, giveUpAfter, tooLate, now = () => performance.now() }) {
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

  return {
    /** Before a job is made: what ended until now is of no interest. */
    forget: () => early.clear(),
    /** The job once it has ended. @param {Job} job @returns {Promise<Job>} */
    async ended(job) {
      const id = String(job.id);
      const start = now();
      for (let attempt = 0; job.status === "Queued" || job.status === "Running"; attempt++) {
        if (now() - start > giveUpAfter) throw new Error(tooLate);
        await event(id, ASK_AFTER[Math.min(attempt, ASK_AFTER.length - 1)]);
        job = await api.get(`/jobs/${id}`);
      }
      return job;
    },
    stop,
  };
}

/** Why a job failed, in words. @param {Job} job @param {string} otherwise */
export function reasonOf({ error }, otherwise) {
  const message = typeof error === "string" ? error : error?.message;
  return message || otherwise;
}
