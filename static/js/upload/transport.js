/**
 * Sends one file and tells how far it got. XMLHttpRequest, because fetch cannot report what was sent.
 * @module upload/transport
 */
import { ApiError, readCookie } from "../net/api.js";

/** @typedef {import("./queue.js").Send} Send */
/** @typedef {import("./queue.js").Sent} Sent */

/** Without a byte or an answer for so long, the connection counts as lost. */
const SILENCE = 90_000;

/**
 * @param {string} url
 * @returns {Send}
 */
export function createTransport(url) {
  return async (file, { name, signal, onProgress }) => {
    try {
      return await post(url, file, name, signal, onProgress);
    } catch (error) {
      if (error instanceof ApiError && error.status === 0 && !(await readable(file))) {
        throw new ApiError(400, "unreadable", "The file can no longer be read from this computer.");
      }
      throw error;
    }
  };
}

/** A file that was moved or changed since it was picked fails like a lost connection. @param {File} file */
async function readable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} url
 * @param {File} file
 * @param {string} name
 * @param {AbortSignal} signal
 * @param {(bytes: number) => void} onProgress
 * @returns {Promise<Sent>}
 */
function post(url, file, name, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const lost = () => reject(new ApiError(0, "network", "The server cannot be reached."));
    const abort = () => request.abort();
    const watch = silenceWatch(() => {
      request.abort();
      lost();
    });
    request.upload.onprogress = (event) => {
      watch.restart();
      onProgress(event.loaded);
    };
    request.onerror = lost;
    request.onabort = () => reject(new ApiError(0, "aborted", "Cancelled."));
    request.onload = () => {
      try {
        resolve(readAnswer(request));
      } catch (error) {
        reject(error);
      }
    };
    request.onloadend = () => {
      watch.stop();
      signal.removeEventListener("abort", abort);
    };
    signal.addEventListener("abort", abort);
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", readCookie("csrftoken"));
    request.setRequestHeader("Accept", "application/json");
    const form = new FormData();
    form.append("files", file, name);
    request.send(form);
  });
}

/** @param {() => void} onSilence */
function silenceWatch(onSilence) {
  let timer = setTimeout(onSilence, SILENCE);
  return {
    restart() {
      clearTimeout(timer);
      timer = setTimeout(onSilence, SILENCE);
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * @param {{status: number, responseText: string, getResponseHeader: (name: string) => string | null}} request
 * @returns {Sent}
 */
export function readAnswer(request) {
  /** @type {any} */
  let body = null;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    // A proxy's page: the status has to speak.
  }
  if (request.status === 200 || request.status === 201) {
    const [item] = body?.items ?? [];
    if (item) return { image: item, duplicate: Boolean(item.duplicate) };
    return { refused: body?.errors?.[0]?.message ?? "The server did not take it." };
  }
  const error = body?.error ?? {};
  if (request.status === 413 || request.status === 415 || request.status === 422) {
    return { refused: error.message ?? "The server did not take it." };
  }
  const wait = Number(request.getResponseHeader("Retry-After")) * 1000;
  throw new ApiError(request.status, error.code ?? `http_${request.status}`, error.message ?? words(request.status), { body, retryAfter: wait > 0 ? wait : undefined });
}

/** @param {number} status */
function words(status) {
  if (status === 401 || status === 403) return "You are signed out. Sign in again, then send it again.";
  if (status === 404) return "The project no longer exists.";
  if (status === 503) return "The server is busy.";
  if (status === 507) return "The server has no disk space left.";
  return `The server could not take it (${status}).`;
}
