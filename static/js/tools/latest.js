/**
 * Latest wins: at most one run at a time and one waiting, whatever is asked for in between is dropped.
 * @module tools/latest
 */

/**
 * @template A, R
 * @param {(request: A) => Promise<R>} run
 * @param {(result: R, request: A) => void} deliver not called for requests that were cancelled meanwhile
 * @param {(error: unknown) => void} [fail]
 */
export function createLatest(run, deliver, fail = () => {}) {
  /** @type {{request: A} | null} */
  let next = null;
  let busy = false;
  let generation = 0;

  async function work() {
    busy = true;
    while (next) {
      const { request } = next;
      const mine = generation;
      next = null;
      try {
        const result = await run(request);
        if (mine === generation) deliver(result, request);
      } catch (error) {
        if (mine === generation) fail(error);
      }
    }
    busy = false;
  }

  return {
    /** @param {A} request */
    request(request) {
      next = { request };
      if (!busy) void work();
    },
    /** Forgets what waits, and whatever a running one will answer. */
    cancel() {
      next = null;
      generation++;
    },
    get busy() {
      return busy;
    },
  };
}

/**
 * Actions one after the other in the order they were asked for; `clear` drops those that have not begun.
 */
export function createSequence() {
  /** @type {(() => void | Promise<void>)[]} */
  let actions = [];
  let busy = false;
  /** @type {(error: unknown) => void} */
  let onError = () => {};

  async function work() {
    busy = true;
    for (let action = actions.shift(); action; action = actions.shift()) {
      try {
        await action();
      } catch (error) {
        onError(error);
      }
    }
    busy = false;
  }

  return {
    /** @param {() => void | Promise<void>} action */
    add(action) {
      actions.push(action);
      if (!busy) void work();
    },
    clear() {
      actions = [];
    },
    get busy() {
      return busy;
    },
    /** @param {(error: unknown) => void} handler */
    onError(handler) {
      onError = handler;
    },
  };
}
