/**
 * One action at a time. Those that were added run in their order; of those that were offered at most one waits behind them,
 * and the latest wins.
 * @module core/queue
 */
import { createLatest } from "./latest.js";

/**
 * @template T
 * @typedef {(isLatest: import("./latest.js").IsLatest) => T | Promise<T>} Action isLatest: whether the queue was not cleared since
 */

/**
 * @typedef {object} Entry
 * @property {Action<any>} action
 * @property {boolean} offered
 * @property {(result: any) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/** Why an action did not run: nothing failed, the queue was cleared before its turn. */
export class Cleared extends Error {}

export function createQueue() {
  const clearings = createLatest();
  /** @type {Entry[]} */
  const added = [];
  /** @type {Entry | null} */
  let offered = null;
  let busy = false;

  function dropOffered() {
    offered?.resolve(null);
    offered = null;
  }

  function takeNext() {
    const next = added.shift() ?? offered;
    if (next === offered) offered = null;
    return next;
  }

  async function work() {
    if (busy) return;
    busy = true;
    for (let entry = takeNext(); entry; entry = takeNext()) await run(entry);
    busy = false;
  }

  /** @param {Entry} entry */
  async function run(entry) {
    const isLatest = clearings.current();
    try {
      const result = await entry.action(isLatest);
      // A newer offer may wait, but to be one behind is better than nothing; an added action ends what was offered.
      entry.resolve(entry.offered && (added.length || !isLatest()) ? null : result);
    } catch (error) {
      entry.reject(error);
    }
  }

  return {
    /** @template T @param {Action<T>} action @returns {Promise<T>} */
    add(action) {
      dropOffered();
      return new Promise((resolve, reject) => {
        added.push({ action, offered: false, resolve, reject });
        void work();
      });
    },
    /** @template T @param {Action<T>} action @returns {Promise<T | null>} null when something newer took its place */
    offer(action) {
      dropOffered();
      return new Promise((resolve, reject) => {
        offered = { action, offered: true, resolve, reject };
        void work();
      });
    },
    /** Drops what waits. What runs goes on. @param {unknown} [error] for those that wait for what was added */
    clear(error = new Cleared("The queue was cleared.")) {
      clearings.cancel();
      dropOffered();
      for (const entry of added.splice(0)) entry.reject(error);
    },
    get busy() {
      return busy;
    },
  };
}
