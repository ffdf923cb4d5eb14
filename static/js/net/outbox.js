/**
 * Where unsent changes survive a reload, a crash or days offline: one IndexedDB store a user.
 * Without IndexedDB (private windows of some browsers) it lives in memory and says that it is not `durable`.
 * @module net/outbox
 */
import { uuid } from "../core/uuid.js";
import { announce } from "./tabs.js";

/**
 * @typedef {object} Change
 * @property {number} [seq] order of making; given by the outbox
 * @property {string} id annotation
 * @property {number} image
 * @property {"create" | "update" | "delete"} kind
 * @property {Record<string, any>} body fields to send
 * @property {number} version that the change is based on
 * @property {import("./types.js").Annotation} full the object as it is after the change, or was before deleting
 * @property {{revision: number, label: number}} [restores] an earlier version, which the server puts back by itself
 * @property {string} [tab] the tab that will send it
 * @property {number} [claimed] when that tab took it over from another, epoch ms
 */

/**
 * @typedef {object} Outbox
 * @property {boolean} durable
 * @property {(change: Change) => Promise<Change>} add
 * @property {(change: Change) => Promise<void>} update
 * @property {(change: Change) => Promise<void>} remove
 * @property {() => Promise<Change[]>} adopt what earlier, now closed tabs could not send, in order
 * @property {number} elsewhere how many changes other open tabs had when that was last asked
 */

const STORE = "changes";
const OPEN_WITHIN = 3000;
/** A tab that has just taken something over may not be known to all others yet. */
const CLAIM_MS = 3000;

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** A page that is left right after this has resolved has lost nothing. @param {IDBTransaction} transaction @returns {Promise<void>} */
function committed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** @param {string} name @returns {Promise<IDBDatabase>} */
function openDatabase(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE, { keyPath: "seq", autoIncrement: true });
  };
  // A browser whose storage hangs must not keep the page from opening.
  const late = new Promise((_resolve, reject) => setTimeout(() => reject(new Error("IndexedDB does not answer")), OPEN_WITHIN));
  return Promise.race([done(request), /** @type {Promise<never>} */ (late)]);
}

/**
 * Runs the work while no other tab does. Without locks (pages over plain http have none) it just runs.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function alone(name, work) {
  const locks = globalThis.navigator?.locks;
  return locks ? locks.request(name, work) : work();
}

/** @returns {Outbox} */
export function memoryOutbox() {
  let seq = 0;
  return {
    durable: false,
    elsewhere: 0,
    add: async (change) => ({ ...change, seq: ++seq }),
    update: async () => {},
    remove: async () => {},
    adopt: async () => [],
  };
}

/**
 * @param {number} user
 * @returns {Promise<Outbox>}
 */
export async function openOutbox(user) {
  /** @type {IDBDatabase} */
  let database;
  try {
    database = await openDatabase(`segweb-outbox-${user}`);
  } catch {
    return memoryOutbox();
  }
  const tab = `segweb-tab-${uuid()}`;
  const living = await announce(tab, `segweb-tabs-${user}`);

  /**
   * @template T
   * @param {(store: IDBObjectStore) => IDBRequest<T>} work
   * @returns {Promise<T>}
   */
  async function write(work) {
    const transaction = database.transaction(STORE, "readwrite");
    const [answer] = await Promise.all([done(work(transaction.objectStore(STORE))), committed(transaction)]);
    return answer;
  }

  let elsewhere = 0;

  return {
    durable: true,
    get elsewhere() {
      return elsewhere;
    },
    async add(change) {
      const kept = { ...change, tab };
      const seq = /** @type {number} */ (await write((store) => store.add(kept)));
      return { ...kept, seq };
    },
    async update(change) {
      await write((store) => store.put(change));
    },
    async remove(change) {
      await write((store) => store.delete(/** @type {number} */ (change.seq)));
    },
    adopt: () => alone("segweb-adopt", async () => claim(await living())),
  };

  /**
   * Makes this tab the owner of what tabs that are gone have left, in one transaction: no two tabs ever send the same.
   * @param {Set<string>} alive
   * @returns {Promise<Change[]>}
   */
  async function claim(alive) {
    const transaction = database.transaction(STORE, "readwrite");
    const store = transaction.objectStore(STORE);
    const stored = committed(transaction);
    /** @type {Change[]} */
    const all = await done(store.getAll());
    const now = Date.now();
    const orphans = all.filter(({ tab: owner, claimed = 0 }) => owner !== tab && !alive.has(owner ?? "") && Math.abs(now - claimed) > CLAIM_MS);
    for (const change of orphans) {
      Object.assign(change, { tab, claimed: now });
      store.put(change);
    }
    await stored;
    elsewhere = all.filter(({ tab: owner }) => owner !== tab).length;
    return orphans;
  }
}
