/**
 * Which tabs of one browser are open: each holds a lock that the browser releases when the tab goes, however it goes.
 * Pages over plain http have no locks: there each tab answers on a channel when another asks.
 * @module net/tabs
 */

/** How long tabs have to answer. */
const ANSWER_MS = 250;

/**
 * Names this tab as open.
 * @param {string} tab
 * @param {string} channel
 * @returns {Promise<() => Promise<Set<string>>>} asks for the names of the open tabs
 */
export function announce(tab, channel) {
  return globalThis.navigator?.locks ? byLocks(tab) : Promise.resolve(byChannel(tab, channel));
}

/** @param {string} tab */
async function byLocks(tab) {
  const { locks } = navigator;
  // Only a lock that is held already keeps others from taking over what this tab is about to send.
  await new Promise((/** @type {(value?: any) => void} */ held) => {
    locks.request(tab, () => (held(), new Promise(() => {}))).catch(held);
  });
  return async () => new Set(((await locks.query()).held ?? []).map((lock) => lock.name ?? ""));
}

/** @param {string} tab @param {string} name */
function byChannel(tab, name) {
  if (!globalThis.BroadcastChannel) return async () => new Set([tab]);
  const channel = new BroadcastChannel(name);
  /** @type {Set<string>} */
  let answers = new Set();
  channel.addEventListener("message", ({ data }) => {
    if (data.asked) channel.postMessage({ here: tab });
    else answers.add(data.here);
  });
  return async () => {
    answers = new Set([tab]);
    channel.postMessage({ asked: tab });
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    return answers;
  };
}
