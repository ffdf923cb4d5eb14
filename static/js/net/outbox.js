/**
 * Where unsent changes survive a reload, a crash or days offline: one IndexedDB store a user.
 * Without IndexedDB (private windows of some browsers) it lives in memory and says that it is not `durable`.
 * @module net/outbox
 */
import { uuid } from "../core/uuid.js";

/**
 * @typedef {object} Change
 * @property {number} [seq] order of making; given by the outbox
 * @property {string} id annotation
 * @property {number} image
 * @property {"create" | "update" | "delete"} kind
 * @property {Record<string, any>} body fields to send
 * @property {number} version that the change is based on
 * @property {import("./types.js").Annotation} full the object as it is after the change, or was before deleting
 * @property {string} [tab] the tab that will send it
 */

/**
 * @typedef {object} Outbox
 * @property {boolean} durable
 * @property {(change: Change) => Promise<Change>} add
 * @property {(change: Change) => Promise<void>} update
 * @property {(change: Change) => Promise<void>} remove
 * @property {() => Promise<Change[]>} adopt what earlier, now closed tabs could not send, in order
 */

const STORE = "changes";
const OPEN_WITHIN = 3000;

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
 * Names this tab as alive for as long as it is open.
 * @param {string} tab
 */
function holdTabLock(tab) {
  // The lock is released by the browser when the tab goes, however it goes.
  globalThis.navigator?.locks?.request(tab, () => new Promise(() => {})).catch(() => {});
}

async function livingTabs() {
  const state = await globalThis.navigator?.locks?.query();
  return new Set((state?.held ?? []).map((lock) => lock.name));
}

/** @returns {Outbox} */
export function memoryOutbox() {
  let seq = 0;
  return {
    durable: false,
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
  holdTabLock(tab);

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

  return {
    durable: true,
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
    async adopt() {
      const alive = await livingTabs();
      /** @type {Change[]} */
      const all = await write((store) => store.getAll());
      const orphans = all.filter((change) => change.tab !== tab && !alive.has(change.tab ?? ""));
      for (const change of orphans) {
        change.tab = tab;
        await write((store) => store.put(change));
      }
      return orphans;
    },
  };
}
