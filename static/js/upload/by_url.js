/**
 * Images by their addresses: the dialog that asks for them, and the job that fetches one.
 * @module upload/by_url
 */
import { h, icon } from "../ui/element.js";
import { plural } from "../ui/format.js";
import { isWebAddress } from "./collect.js";

/** @typedef {import("../net/types.js").Job} Job */
/** @typedef {import("./queue.js").Sent} Sent */

/** Events are hints: without one the job is asked for. */
const ASK_AFTER = 2000;
const MAX_ADDRESSES = 100;

/**
 * The addresses in a text: one a line, or with spaces between.
 * @param {string} text
 * @returns {{urls: string[], wrong: string | null}} `wrong` is the first word that is no web address
 */
export function addressesIn(text) {
  const words = text.split(/\s+/).filter(Boolean);
  const wrong = words.find((word) => !isWebAddress(word)) ?? null;
  return { urls: [...new Set(words)], wrong };
}

/** What a person calls the file behind an address. @param {string} url */
export function nameOf(url) {
  const { hostname, pathname } = new URL(url);
  const last = pathname.split("/").filter(Boolean).at(-1) ?? hostname;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/**
 * @param {object} options
 * @param {import("../net/api.js").Api} options.api
 * @param {import("../net/socket.js").Socket} options.socket
 * @param {number} options.project
 * @returns {(url: string, options: {signal: AbortSignal}) => Promise<Sent>}
 */
export function createFetcher({ api, socket, project }) {
  return async (url, { signal }) => {
    /** @type {{items: Job[]}} */
    const { items } = await api.post(`/projects/${project}/fetches`, { urls: [url] });
    const job = await ended(items[0], signal);
    if (job.status === "Failed") return { refused: reasonOf(job) };
    return { image: await api.get(`/images/${job.result.image}`), duplicate: job.result.duplicate };
  };

  /** @param {Job} job @param {AbortSignal} signal @returns {Promise<Job>} */
  async function ended(job, signal) {
    while (job.status === "Queued" || job.status === "Running") {
      await event(Number(job.id), signal);
      signal.throwIfAborted();
      job = await api.get(`/jobs/${job.id}`);
    }
    return job;
  }

  /** @param {number} id @param {AbortSignal} signal @returns {Promise<void>} */
  function event(id, signal) {
    return new Promise((resolve) => {
      const off = socket.on("job.updated", (event) => {
        if (event.id === id && event.status !== "Queued" && event.status !== "Running") done();
      });
      const timer = setTimeout(done, ASK_AFTER);
      signal.addEventListener("abort", done, { once: true });
      function done() {
        off();
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }
}

/** @param {Job} job */
function reasonOf({ error }) {
  return (typeof error === "string" ? error : error?.message) || "It could not be fetched.";
}

/** Asks for addresses. @param {{add: (urls: string[]) => void}} options */
export function askForAddresses({ add }) {
  const before = document.activeElement;
  const field = h("textarea", { class: "input", id: "urls", rows: 5, spellcheck: "false", autocomplete: "off", placeholder: "https://example.org/photo.jpg", "aria-describedby": "urls-help urls-error" });
  const error = h("p", { class: "field-error", id: "urls-error", role: "alert", hidden: true });
  const close = () => dialog.close();
  const form = h(
    "form",
    { method: "dialog", onsubmit: submit },
    h("div", { class: "dialog-head" }, h("h2", { id: "by-url-title" }, "Add images by URL"), h("button", { class: "button button-quiet button-icon button-small", type: "button", "aria-label": "Close", onclick: close }, icon("close"))),
    h("div", { class: "dialog-body" }, h("label", { for: "urls" }, "Addresses, one a line"), field, h("p", { class: "muted small", id: "urls-help" }, "The server fetches them from the public internet; http and https."), error),
    h("div", { class: "dialog-foot" }, h("button", { class: "button", type: "button", onclick: close }, "Cancel"), h("button", { class: "button button-primary", type: "submit" }, "Add")),
  );
  const dialog = h("dialog", { "aria-labelledby": "by-url-title" }, form);

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    const { urls, wrong } = addressesIn(field.value);
    const problem = problemOf(urls, wrong);
    error.textContent = problem;
    error.hidden = !problem;
    field.setAttribute("aria-invalid", String(Boolean(problem)));
    if (problem) return field.focus();
    dialog.close();
    add(urls);
  }

  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  field.focus();
}

/** @param {string[]} urls @param {string | null} wrong */
function problemOf(urls, wrong) {
  if (wrong) return `“${wrong.slice(0, 80)}” is no web address. Give addresses that start with http:// or https://.`;
  if (!urls.length) return "Paste at least one address.";
  if (urls.length > MAX_ADDRESSES) return `${plural(urls.length, "address", "addresses")} are too many at once; at most ${MAX_ADDRESSES}.`;
  return "";
}
