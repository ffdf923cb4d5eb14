/**
 * Sends every change at once and loses none: changes of one object in their order, of different objects side by side,
 * kept in the outbox until acknowledged, tried again for as long as the server or the network is away.
 * @module net/sync
 */
import { sameValues } from "../core/attributes.js";
import { createEmitter } from "../core/emitter.js";
import { ApiError, backoff } from "./api.js";

/** @typedef {import("./types.js").Annotation} Annotation */
/** @typedef {import("./outbox.js").Change} Change */
/** @typedef {"saved" | "saving" | "offline" | "signed-out"} SyncState */

/**
 * @typedef {object} SyncEvents
 * @property {{state: SyncState, pending: number}} status
 * @property {{annotation: Annotation, last: boolean}} saved `last` when nothing more of this object waits
 * @property {{id: string, version: number}} deleted `version` is the last that there was
 * @property {{change: Change, error: ApiError}} rejected the change was given up
 * @property {{change: Change, current: Annotation | null}} theirs the other version was kept
 */

/**
 * @typedef {object} SyncOptions
 * @property {import("./api.js").Api} api
 * @property {import("./outbox.js").Outbox} outbox
 * @property {(change: Change, current: Annotation | null) => Promise<"mine" | "theirs">} resolve asks the person
 * @property {(attempt: number) => number} [delay]
 */

/** @typedef {ReturnType<typeof createSync>} Sync */

const MAX_IN_FLIGHT = 4;

/** Whether waiting can help: no answer, overloaded, broken for now, or signed out. @param {ApiError} error */
function isPassing(error) {
  return error.status === 0 || error.status >= 500 || [401, 408, 425, 429].includes(error.status);
}

/** @param {Annotation | null | undefined} current @param {Change} change of another kind than deleting */
function alreadyApplied(current, { full }) {
  return (
    current != null &&
    current.label === full.label &&
    current.rle.counts === full.rle.counts &&
    (current.z ?? null) === (full.z ?? null) &&
    sameValues(current.attributes ?? {}, full.attributes ?? {})
  );
}

/**
 * The last change that the server has already, with those before it, since their answers were lost with the page that
 * waited for them; -1: none.
 * @param {Change[]} queue
 * @param {number} status of the refusal
 * @param {Annotation | null | undefined} current
 */
function appliedTo(queue, status, current) {
  return queue.findLastIndex((change) => (change.kind === "delete" ? status === 404 : alreadyApplied(current, change)));
}

/** @param {SyncOptions} options */
export function createSync({ api, outbox, resolve, delay = (attempt) => backoff(attempt) }) {
  /** @type {ReturnType<typeof createEmitter<SyncEvents>>} */
  const events = createEmitter();
  /** @type {Map<string, Change[]>} changes of each object, the first one being sent */
  const queues = new Map();
  /** @type {Map<string, number>} */
  const acknowledged = new Map();
  let clock = 0;
  let pending = 0;
  let inFlight = 0;
  let failures = 0;
  /** @type {SyncState} */
  let trouble = "saved";
  /** @type {(() => void)[]} */
  const waiting = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let gateTimer;
  /** @type {WeakMap<Change, Promise<void>>} */
  const writes = new WeakMap();
  /** @type {Promise<unknown>} */
  let written = Promise.resolve();
  /** @type {Promise<unknown>} */
  let disk = Promise.resolve();

  /** Works on the stored copy, once it is written; in the order asked for. @param {Change} change @param {"update" | "remove"} action */
  function onDisk(change, action) {
    const own = writes.get(change);
    disk = disk.then(() => own).then(() => outbox[action](change)).catch(() => {});
    return disk;
  }

  function report() {
    const state = pending === 0 ? "saved" : trouble === "saved" ? "saving" : trouble;
    events.emit("status", { state, pending });
  }

  /** @param {number} ms @param {SyncState} state */
  function closeGate(ms, state) {
    trouble = state;
    clearTimeout(gateTimer);
    gateTimer = setTimeout(openGate, ms);
    report();
  }

  function openGate() {
    clearTimeout(gateTimer);
    gateTimer = undefined;
    wake();
  }

  function wake() {
    while (gateTimer === undefined && inFlight < MAX_IN_FLIGHT && waiting.length) {
      inFlight++;
      waiting.shift()?.();
    }
  }

  function freeSlot() {
    return new Promise((/** @type {(value?: any) => void} */ go) => {
      waiting.push(go);
      wake();
    });
  }

  /** @param {Change} change @returns {Promise<Annotation | null>} */
  function transmit(change) {
    const path = `/annotations/${change.id}`;
    if (change.restores) return api.post(`/annotations/${change.id}/restore`, { version: change.version, ...change.restores });
    if (change.kind === "create") return api.post(`/images/${change.image}/annotations`, change.body);
    if (change.kind === "update") return api.patch(path, { ...change.body, version: change.version });
    return api.delete(path, { query: { version: change.version } });
  }

  /** @param {Change} change @returns {Promise<Annotation | ApiError | null>} */
  async function attempt(change) {
    await freeSlot();
    try {
      return await transmit(change);
    } catch (error) {
      if (error instanceof ApiError) return error;
      throw error;
    } finally {
      inFlight--;
      wake();
    }
  }

  /** @param {string} id @param {Change[]} queue */
  async function drain(id, queue) {
    while (queue.length) {
      const change = queue[0];
      const answer = await attempt(change);
      if (!(answer instanceof ApiError)) accept(change, answer, queue);
      else if (isPassing(answer)) postpone(answer);
      else await refuse(change, answer, queue);
    }
    queues.delete(id);
  }

  /** @param {ApiError} error */
  function postpone(error) {
    const wait = error.retryAfter ?? delay(failures++);
    closeGate(wait, error.status === 401 ? "signed-out" : "offline");
  }

  /** Whatever it answered, the server is there. */
  function reached() {
    failures = 0;
    trouble = "saved";
  }

  /** @param {Change[]} queue @param {number} count */
  function drop(queue, count) {
    for (const change of queue.splice(0, count)) {
      pending--;
      void onDisk(change, "remove");
    }
    report();
  }

  /** @param {Change} change @param {Annotation | null} answer @param {Change[]} queue */
  function accept(change, answer, queue) {
    reached();
    acknowledged.set(change.id, ++clock);
    if (answer) queue.slice(1).forEach((later) => rebase(later, answer.version));
    const last = queue.length === 1;
    if (answer) events.emit("saved", { annotation: answer, last });
    else events.emit("deleted", { id: change.id, version: change.version });
    drop(queue, 1);
  }

  /**
   * What follows is based on what was just saved, also for a page that finds it in the outbox: it is written there
   * before the change that was saved leaves it.
   * @param {Change} later
   * @param {number} version
   */
  function rebase(later, version) {
    later.version = version;
    void onDisk(later, "update");
  }

  /** @param {Change} change @param {ApiError} error @param {Change[]} queue */
  async function refuse(change, error, queue) {
    reached();
    report();
    const gone = error.status === 404;
    /** @type {Annotation | null | undefined} */
    const current = gone ? null : error.body?.current;
    const known = appliedTo(queue, error.status, current);
    if (known >= 0) {
      drop(queue, known);
      return accept(queue[0], current ?? null, queue);
    }
    if (error.status !== 409 && !(gone && change.kind === "update")) {
      drop(queue, queue.length);
      return events.emit("rejected", { change, error });
    }
    await settle(change, current ?? null, queue);
  }

  /** @param {Change} change @param {Annotation | null} current @param {Change[]} queue */
  async function settle(change, current, queue) {
    if ((await resolve(change, current)) === "theirs") {
      drop(queue, queue.length);
      acknowledged.set(change.id, ++clock);
      return events.emit("theirs", { change, current });
    }
    if (change.kind !== "delete") keepMine(change, current);
    if (current) change.version = current.version;
    void onDisk(change, "update");
  }

  /**
   * All of the object as it was shown is sent, not only what was changed in it: the other version may differ elsewhere.
   * @param {Change} change
   * @param {Annotation | null} current
   */
  function keepMine(change, current) {
    const { id, ...fields } = creationBody(change.full);
    change.kind = current ? "update" : "create";
    change.restores = undefined;
    change.body = current ? fields : { id, ...fields };
  }

  /** @param {Change} change */
  function enqueue(change) {
    pending++;
    const queue = queues.get(change.id) ?? [];
    queue.push(change);
    if (!queues.has(change.id)) {
      queues.set(change.id, queue);
      void drain(change.id, queue);
    }
    report();
  }

  return {
    on: events.on,
    get pending() {
      return pending;
    },
    get durable() {
      return outbox.durable;
    },
    /** @param {string} id */
    isPending: (id) => queues.has(id),
    /** A point in time to compare acknowledgements with. */
    mark: () => clock,
    /** @param {string} id @param {number} mark */
    acknowledgedAfter: (id, mark) => (acknowledged.get(id) ?? 0) > mark,
    /**
     * Takes a change on: it is sent now, and kept until the server has it.
     * @param {Change} change
     */
    submit(change) {
      const kept = { ...change };
      // Sending does not wait for the disk; the outbox entry gets its number whenever it is written.
      const write = outbox.add(change).then(
        (stored) => void Object.assign(kept, { seq: stored.seq, tab: stored.tab }),
        () => {},
      );
      writes.set(kept, write);
      written = Promise.all([written, write]);
      enqueue(kept);
    },
    /** Resolves when everything unsent would survive closing the page. */
    settled: () => written,
    /** How many changes other open tabs have yet to send. */
    get elsewhere() {
      return outbox.elsewhere;
    },
    /** Sends what earlier pages left; returns those changes. */
    async adopt() {
      const orphans = await outbox.adopt().catch(() => []);
      for (const change of orphans) enqueue(change);
      return orphans;
    },
    /** Tries again now, e.g. when the browser says that it is online. */
    retry() {
      failures = 0;
      openGate();
    },
  };
}

/** What a POST carries. @param {Annotation} annotation */
export function creationBody({ id, label, rle, prompts, attributes, candidate, score, model, source, z = null }) {
  return { id, label, rle, prompts, attributes, candidate, score, model, source, z };
}
