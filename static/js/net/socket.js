/**
 * A project's event socket: comes back by itself, and tells when it is open so that the page can refetch what it missed.
 * @module net/socket
 */
import { backoff } from "./api.js";

/** @typedef {"idle" | "connecting" | "open" | "waiting" | "refused"} SocketStatus */
/** @typedef {(data: any, message: import("./types.js").SocketMessage) => void} Listener */

const PING_EVERY = 25000;
const PONG_WITHIN = 10000;
/** Close codes after which trying again is pointless: signed out, not a member, gone. */
const FINAL_CODES = new Set([4401, 4403, 4404]);

/**
 * @typedef {object} SocketOptions
 * @property {string} url absolute, or a path such as "/ws/projects/1/"
 * @property {(url: string) => WebSocket} [open] makes the socket; tests give their own
 * @property {() => number} [random]
 */

/** @typedef {ReturnType<typeof createSocket>} Socket */

/** @param {string} url */
function absolute(url) {
  const full = new URL(url, globalThis.location?.href ?? "http://localhost/");
  full.protocol = full.protocol.replace("http", "ws");
  return full.href;
}

/** @param {SocketOptions} options */
export function createSocket({ url, open = (to) => new WebSocket(to), random = Math.random }) {
  /** @type {Map<string, Set<Listener>>} */
  const listeners = new Map();
  /** @type {Set<() => void>} */
  const openListeners = new Set();
  /** @type {Set<(status: SocketStatus) => void>} */
  const statusListeners = new Set();
  /** @type {WebSocket | null} */
  let socket = null;
  /** @type {SocketStatus} */
  let status = "idle";
  let attempts = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retryTimer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let pingTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pongTimer;

  /** @param {SocketStatus} next */
  function setStatus(next) {
    if (next === status) return;
    status = next;
    for (const listener of statusListeners) listener(next);
  }

  function stopTimers() {
    clearTimeout(retryTimer);
    clearInterval(pingTimer);
    clearTimeout(pongTimer);
  }

  function connect() {
    if (status === "connecting" || status === "open") return;
    stopTimers();
    setStatus("connecting");
    const current = open(absolute(url));
    socket = current;
    // A replaced socket may still deliver its last events: they must not touch its successor.
    const ifCurrent = (/** @type {(event: any) => void} */ handle) => (/** @type {any} */ event) => {
      if (socket === current) handle(event);
    };
    current.addEventListener("open", ifCurrent(opened));
    current.addEventListener("message", ifCurrent(received));
    current.addEventListener("close", ifCurrent((event) => lost(event.code)));
  }

  function opened() {
    attempts = 0;
    setStatus("open");
    pingTimer = setInterval(ping, PING_EVERY);
    for (const listener of openListeners) listener();
  }

  function ping() {
    send({ type: "ping" });
    clearTimeout(pongTimer);
    // Sleep and dead routers leave half-open connections that never close by themselves.
    pongTimer = setTimeout(() => {
      const dead = socket;
      lost(0);
      dead?.close();
    }, PONG_WITHIN);
  }

  /** @param {MessageEvent} event */
  function received(event) {
    clearTimeout(pongTimer);
    /** @type {import("./types.js").SocketMessage} */
    let message;
    try {
      message = JSON.parse(event.data);
    } catch {
      return;
    }
    for (const type of [message.type, "*"]) {
      for (const listener of listeners.get(type) ?? []) listener(message.data, message);
    }
  }

  /** @param {number} code */
  function lost(code) {
    stopTimers();
    socket = null;
    if (FINAL_CODES.has(code)) return setStatus("refused");
    setStatus("waiting");
    retryTimer = setTimeout(connect, backoff(attempts++, { random }));
  }

  /** @param {unknown} message */
  function send(message) {
    if (socket && status === "open") socket.send(JSON.stringify(message));
  }

  function retryNow() {
    if (status !== "waiting") return;
    attempts = 0;
    connect();
  }
  globalThis.addEventListener?.("online", retryNow);

  return {
    get status() {
      return status;
    },
    connect,
    send,
    close() {
      stopTimers();
      globalThis.removeEventListener?.("online", retryNow);
      const last = socket;
      socket = null;
      last?.close();
      setStatus("idle");
    },
    /**
     * Listens to events of a type ("*" for all); returns the function that stops it.
     * @param {string} type
     * @param {Listener} listener
     */
    on(type, listener) {
      const set = listeners.get(type) ?? new Set();
      listeners.set(type, set.add(listener));
      return () => void set.delete(listener);
    },
    /**
     * Called after every opening: refetch what happened since the page was loaded, or the connection lost. Nothing that
     * happens from here on is missed.
     * @param {() => void} listener
     */
    onOpen(listener) {
      openListeners.add(listener);
      return () => void openListeners.delete(listener);
    },
    /** @param {(status: SocketStatus) => void} listener */
    onStatus(listener) {
      statusListeners.add(listener);
      return () => void statusListeners.delete(listener);
    },
  };
}
