/**
 * The one way pages talk to the HTTP API: JSON in and out, CSRF header, one error class, retries of what is safe to repeat.
 * @module net/api
 */

/** A refused or failed request. `status` 0 means that no answer came. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {{field?: string, body?: any, retryAfter?: number}} [more]
   */
  constructor(status, code, message, more = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.field = more.field;
    /** the parsed body, e.g. `current` of a 409 */
    this.body = more.body;
    /** milliseconds that the server asked to wait */
    this.retryAfter = more.retryAfter;
  }
}

const RETRIABLE = new Set([0, 408, 425, 429, 502, 503, 504]);

/**
 * Whether the same request may succeed a little later.
 * @param {unknown} error
 */
export function isRetriable(error) {
  return error instanceof ApiError && error.code !== "aborted" && RETRIABLE.has(error.status);
}

/**
 * Wait before the n-th retry (0-based): exponential with jitter, so that clients do not come back in step.
 * @param {number} attempt
 * @param {{base?: number, max?: number, random?: () => number}} [options]
 */
export function backoff(attempt, { base = 500, max = 15000, random = Math.random } = {}) {
  const ceiling = Math.min(max, base * 2 ** Math.min(attempt, 20));
  return ceiling / 2 + (random() * ceiling) / 2;
}

/**
 * @param {string} name
 * @param {string} [cookies]
 */
export function readCookie(name, cookies = globalThis.document?.cookie ?? "") {
  for (const part of cookies.split("; ")) {
    const at = part.indexOf("=");
    if (part.slice(0, at) === name) return decodeURIComponent(part.slice(at + 1));
  }
  return "";
}

/**
 * @param {Response} response
 * @returns {Promise<ApiError>}
 */
export async function errorFromResponse(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    // A proxy's HTML page or an empty body: the status alone has to speak.
  }
  const error = body?.error ?? {};
  const wait = Number(response.headers.get("Retry-After"));
  return new ApiError(
    response.status,
    error.code ?? `http_${response.status}`,
    error.message ?? fallbackMessage(response.status),
    { field: error.field, body, retryAfter: wait > 0 ? wait * 1000 : undefined },
  );
}

/** @param {number} status */
function fallbackMessage(status) {
  if (status === 401) return "You are signed out. Sign in again.";
  if (status === 403) return "You may not do this.";
  if (status === 404) return "This no longer exists.";
  if (status === 413) return "This is too large for the server.";
  if (status === 429) return "Too many requests. Wait a moment.";
  if (status === 507) return "The server has no disk space left.";
  if (status >= 500) return "The server could not answer. Try again in a moment.";
  return `The server refused this (${status}).`;
}

/**
 * @typedef {object} RequestOptions
 * @property {any} [json] body, sent as JSON
 * @property {FormData} [form] body, sent as multipart
 * @property {Record<string, string | number | boolean | null | undefined>} [query]
 * @property {AbortSignal} [signal]
 * @property {number} [retries] how often to try again when `isRetriable`; default 2 for GET, 0 otherwise
 * @property {number} [timeout] milliseconds for one try; default 30000
 * @property {RequestCache} [cache]
 */

/**
 * @typedef {object} ApiOptions
 * @property {string} [base]
 * @property {typeof globalThis.fetch} [fetch]
 * @property {(ms: number) => Promise<void>} [sleep]
 * @property {() => string} [csrf]
 */

/** @typedef {ReturnType<typeof createApi>} Api */

/** @param {ApiOptions} [options] */
export function createApi(options = {}) {
  const base = options.base ?? "/api";
  const doFetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  const csrf = options.csrf ?? (() => readCookie("csrftoken"));

  /**
   * @param {string} method
   * @param {RequestOptions} options
   * @returns {RequestInit}
   */
  function init(method, { json, form, cache }) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = csrf();
    if (json !== undefined) headers["Content-Type"] = "application/json";
    const body = json !== undefined ? JSON.stringify(json) : form;
    return { method, headers, body, cache, credentials: "same-origin" };
  }

  /**
   * @param {string} url
   * @param {RequestInit} request
   * @param {RequestOptions} options
   */
  async function once(url, request, { signal, timeout = 30000 }) {
    const control = new AbortController();
    const abort = () => control.abort();
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    const timer = setTimeout(abort, timeout);
    try {
      const response = await doFetch(url, { ...request, signal: control.signal });
      if (!response.ok) throw await errorFromResponse(response);
      return response;
    } catch (error) {
      if (error instanceof ApiError) throw error;
      if (signal?.aborted) throw new ApiError(0, "aborted", "Cancelled.");
      throw new ApiError(0, "network", "The server cannot be reached.");
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * The raw answer, once it is a 2xx.
   * @param {string} method
   * @param {string} path starts with "/", relative to the API
   * @param {RequestOptions} [options]
   */
  async function send(method, path, options = {}) {
    const url = base + path + queryString(options.query);
    const retries = options.retries ?? (method === "GET" ? 2 : 0);
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(url, init(method, options), options);
      } catch (error) {
        if (attempt >= retries || !isRetriable(error)) throw error;
        await sleep(/** @type {ApiError} */ (error).retryAfter ?? backoff(attempt));
      }
    }
  }

  /**
   * @template T
   * @param {string} method
   * @param {string} path
   * @param {RequestOptions} [options]
   * @returns {Promise<T>}
   */
  async function request(method, path, options) {
    const response = await send(method, path, options);
    if (response.status === 204) return /** @type {T} */ (null);
    return response.json();
  }

  return {
    base,
    send,
    request,
    /** @template T @param {string} path @param {RequestOptions} [options] @returns {Promise<T>} */
    get: (path, options) => request("GET", path, options),
    /** @template T @param {string} path @param {any} [json] @param {RequestOptions} [options] @returns {Promise<T>} */
    post: (path, json, options) => request("POST", path, { json, ...options }),
    /** @template T @param {string} path @param {any} json @param {RequestOptions} [options] @returns {Promise<T>} */
    patch: (path, json, options) => request("PATCH", path, { json, ...options }),
    /** @param {string} path @param {RequestOptions} [options] @returns {Promise<null>} */
    delete: (path, options) => request("DELETE", path, options),
    /** Every item of a paged list. @template T @param {string} path @param {RequestOptions["query"]} [query] @param {RequestOptions} [options] @returns {Promise<T[]>} */
    async all(path, query = {}, options = {}) {
      /** @type {T[]} */
      const items = [];
      /** @type {string | null} */
      let cursor = null;
      do {
        /** @type {import("./types.js").Page<T>} */
        const page = await request("GET", path, {
          ...options,
          query: { limit: 1000, ...query, ...(cursor ? { cursor } : {}) },
        });
        items.push(...page.items);
        cursor = page.next;
      } while (cursor);
      return items;
    },
  };
}

/** @param {RequestOptions["query"]} [query] */
function queryString(query) {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}
