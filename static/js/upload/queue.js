/**
 * What happens to each file that somebody drops: waiting, being sent, prepared by the server, ready, or why not.
 * A few are in flight at once; a lost connection or a busy server only delays them. Knows no DOM.
 * @module upload/queue
 */
import { backoff, isRetriable } from "../net/api.js";

/** @typedef {import("../net/types.js").ImageInfo} ImageInfo */
/** @typedef {"queued" | "sending" | "waiting" | "preparing" | "ready" | "duplicate" | "refused" | "failed" | "cancelled"} UploadState */

/**
 * @typedef {object} Upload
 * @property {number} id
 * @property {File | null} file null for one that the server fetches
 * @property {string} [url] where the server fetches it
 * @property {string} name
 * @property {number} size
 * @property {number} sent bytes
 * @property {UploadState} state
 * @property {string} message why it was refused or failed, or a remark
 * @property {number | null} image
 * @property {number} progress of the preparation, 0 to 1
 */

/**
 * @typedef {object} Sent
 * @property {ImageInfo} [image]
 * @property {boolean} [duplicate]
 * @property {string} [refused] the reason
 */

/** @typedef {(file: File, options: {name: string, signal: AbortSignal, onProgress: (bytes: number) => void}) => Promise<Sent>} Send */

/**
 * @typedef {object} UploadOptions
 * @property {Send} send
 * @property {(url: string, options: {signal: AbortSignal}) => Promise<Sent>} [fetchUrl]
 * @property {number} [parallel]
 * @property {number} [maxBytes] larger files are refused here, without sending them
 * @property {number} [attempts] how often one file is sent before it has failed
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} [sleep]
 * @property {(upload: Upload) => void} [onChange]
 * @property {(image: ImageInfo, duplicate: boolean) => void} [onAccepted]
 */

/** @typedef {ReturnType<typeof createUploads>} Uploads */

/** @type {ReadonlySet<UploadState>} */
export const DONE = new Set(/** @type {UploadState[]} */ (["ready", "duplicate", "refused", "failed", "cancelled"]));
/** @type {ReadonlySet<UploadState>} */
export const UNSENT = new Set(/** @type {UploadState[]} */ (["queued", "sending", "waiting"]));

const KEPT_NEWS = 2000;

/** @param {UploadOptions} options */
export function createUploads(options) {
  const { send, parallel = 4, maxBytes = Infinity, attempts = 8 } = options;
  const sleep = options.sleep ?? pause;
  /** @type {Upload[]} */
  let uploads = [];
  /** @type {Map<number, AbortController>} */
  const running = new Map();
  /** @type {Map<number, Upload>} uploads by the image they became */
  const byImage = new Map();
  /** @type {Map<number, Record<string, any>>} events of images whose upload has not answered yet */
  const early = new Map();
  let made = 0;

  /** @param {Upload} upload @param {Partial<Upload>} change */
  function set(upload, change) {
    Object.assign(upload, change);
    options.onChange?.(upload);
  }

  /** @param {Iterable<File>} files */
  function add(files) {
    for (const file of files) {
      /** @type {Upload} */
      const upload = { id: ++made, file, name: file.name, size: file.size, sent: 0, state: "queued", message: "", image: null, progress: 0 };
      uploads.push(upload);
      if (file.size > maxBytes) set(upload, { state: "refused", message: `Larger than the ${Math.floor(maxBytes / 1e6)} MB that one image may have.` });
      else options.onChange?.(upload);
    }
    pump();
  }

  /** @param {{url: string, name: string}[]} addresses */
  function addUrls(addresses) {
    for (const { url, name } of addresses) {
      /** @type {Upload} */
      const upload = { id: ++made, file: null, url, name, size: 0, sent: 0, state: "queued", message: "", image: null, progress: 0 };
      uploads.push(upload);
      options.onChange?.(upload);
    }
    pump();
  }

  function pump() {
    for (const upload of uploads) {
      if (running.size >= parallel) return;
      if (upload.state === "queued") void start(upload);
    }
  }

  /** @param {Upload} upload */
  async function start(upload) {
    const control = new AbortController();
    running.set(upload.id, control);
    try {
      settle(upload, await sendUntilAnswered(upload, control.signal));
    } catch (error) {
      const cancelled = control.signal.aborted;
      set(upload, cancelled ? { state: "cancelled", sent: 0, message: "" } : { state: "failed", sent: 0, message: messageOf(error) });
    } finally {
      running.delete(upload.id);
      pump();
    }
  }

  /** @param {Upload} upload @param {AbortSignal} signal @returns {Promise<Sent>} */
  async function sendUntilAnswered(upload, signal) {
    for (let attempt = 0; ; attempt++) {
      set(upload, { state: "sending", sent: 0, message: "" });
      try {
        return await sendOnce(upload, signal);
      } catch (error) {
        if (signal.aborted || attempt + 1 >= attempts || !isRetriable(error)) throw error;
        set(upload, { state: "waiting", sent: 0, message: `${messageOf(error)} Trying again by itself.` });
        const asked = /** @type {{retryAfter?: number}} */ (error).retryAfter;
        await sleep(asked ?? backoff(attempt), signal);
      }
    }
  }

  /** @param {Upload} upload @param {AbortSignal} signal @returns {Promise<Sent>} */
  async function sendOnce(upload, signal) {
    if (upload.file) return send(upload.file, { name: upload.name, signal, onProgress: (bytes) => set(upload, { sent: Math.min(bytes, upload.size) }) });
    if (upload.url && options.fetchUrl) return options.fetchUrl(upload.url, { signal });
    throw new Error("There is nothing to send.");
  }

  /** @param {Upload} upload @param {Sent} answer */
  function settle(upload, { image, duplicate = false, refused }) {
    if (!image) return set(upload, { state: "refused", sent: upload.size, message: refused ?? "The server did not take it." });
    set(upload, { state: duplicate ? "duplicate" : "preparing", sent: upload.size, image: image.id, message: "" });
    options.onAccepted?.(image, duplicate);
    if (duplicate) return;
    byImage.set(image.id, upload);
    imageUpdated({ id: image.id, state: image.state, embedding: image.embedding, error: image.error });
    const event = early.get(image.id);
    early.delete(image.id);
    if (event) imageUpdated(event);
  }

  /** News of an image, from the socket or a refetch. @param {Record<string, any>} event */
  function imageUpdated(event) {
    const upload = byImage.get(event.id);
    if (!upload) return remember(event);
    if (upload.state !== "preparing") return;
    if (event.state === "refused") set(upload, { state: "refused", message: event.error?.message ?? "The image could not be read." });
    else if (event.embedding === "ready") set(upload, { state: "ready", message: "" });
    else if (event.embedding === "failed") set(upload, { state: "ready", message: "Its smart masks could not be prepared; they are made when it is opened." });
    if (DONE.has(upload.state)) byImage.delete(event.id);
  }

  /** @param {Record<string, any>} event */
  function remember(event) {
    if (running.size === 0) return;
    early.set(event.id, { ...early.get(event.id), ...event });
    const [oldest] = early.keys();
    if (early.size > KEPT_NEWS) early.delete(oldest);
  }

  /** @param {Record<string, any>} job */
  function jobUpdated(job) {
    const upload = byImage.get(job.image);
    if (!upload || upload.state !== "preparing") return;
    // Preparing has two jobs: reading the file, then computing the embedding, which takes longer.
    if (job.kind === "prepare") set(upload, { progress: 0.25 * (job.progress ?? 0) });
    else if (job.kind === "embed") set(upload, { progress: 0.25 + 0.75 * (job.progress ?? 0) });
  }

  /** @param {number} id */
  function imageDeleted(id) {
    const upload = byImage.get(id);
    byImage.delete(id);
    if (upload) set(upload, { state: "cancelled", message: "The image was deleted." });
  }

  /** @param {number} id */
  function cancel(id) {
    const upload = uploads.find((one) => one.id === id);
    if (!upload || !UNSENT.has(upload.state)) return;
    const control = running.get(id);
    if (control) control.abort();
    else set(upload, { state: "cancelled" });
  }

  /** @param {number} id */
  function retry(id) {
    const upload = uploads.find((one) => one.id === id);
    if (!upload || (upload.state !== "failed" && upload.state !== "cancelled") || upload.image) return;
    set(upload, { state: "queued", message: "" });
    pump();
  }

  return {
    add,
    addUrls,
    cancel,
    retry,
    imageUpdated,
    imageDeleted,
    jobUpdated,
    get list() {
      return uploads;
    },
    cancelAll() {
      // The waiting ones first: an aborted one would otherwise start the next.
      for (const upload of uploads) if (upload.state === "queued") set(upload, { state: "cancelled" });
      for (const id of [...running.keys()]) cancel(id);
    },
    retryAll() {
      for (const upload of [...uploads]) if (upload.state === "failed") retry(upload.id);
    },
    clearDone() {
      uploads = uploads.filter((upload) => !DONE.has(upload.state));
    },
    /** Images whose preparation is still awaited. */
    awaited: () => [...byImage.keys()],
    summary: () => summarise(uploads),
  };
}

/** @param {Upload[]} uploads */
function summarise(uploads) {
  /** @type {Record<UploadState, number>} */
  const counts = { queued: 0, sending: 0, waiting: 0, preparing: 0, ready: 0, duplicate: 0, refused: 0, failed: 0, cancelled: 0 };
  let size = 0;
  let sent = 0;
  for (const upload of uploads) {
    counts[upload.state]++;
    if (upload.state === "cancelled") continue;
    size += upload.size;
    sent += DONE.has(upload.state) ? upload.size : upload.sent;
  }
  const unsent = counts.queued + counts.sending + counts.waiting;
  return { total: uploads.length, counts, unsent, active: unsent + counts.preparing, size, sent };
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new Error("Cancelled."));
    });
  });
}
