/**
 * What was sent to one webhook, the newest first; asked for while it is open.
 * @module pages/webhooks/log
 */
import { h, icon } from "../../ui/element.js";
import { duration, timeElement } from "../../ui/format.js";

/** @typedef {import("../../net/types.js").Delivery} Delivery */

const CHIPS = { waiting: "", sending: "chip-info", delivered: "chip-ok", failed: "chip-danger" };
const WORDS = { waiting: "Waiting", sending: "Sending", delivered: "Delivered", failed: "Failed" };
const PAGE = 20;
const EVERY = 2000;

/** @param {{api: import("../../net/api.js").Api, hook: number, report: (what: string, error: unknown) => void, onNews: () => void}} options */
export function createLog({ api, hook, report, onNews }) {
  const rows = h("ul", { class: "log-rows", "aria-label": "Deliveries" });
  const none = h("p", { class: "muted small", hidden: true }, "Nothing was sent in the last seven days.");
  const more = h("button", { class: "button button-small", type: "button", hidden: true, onclick: () => void older() }, "Show older");
  const node = h("details", { class: "log" }, h("summary", {}, icon("chevron-down"), "Log"), rows, none, more);
  /** @type {Delivery[]} */
  let items = [];
  /** @type {string | null} */
  let next = null;
  /** Which bodies are unfolded. @type {Set<number>} */
  const unfolded = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  node.addEventListener("toggle", () => {
    clearTimeout(timer);
    if (node.open) void load();
  });

  /** @param {string | null} cursor @returns {Promise<import("../../net/types.js").Page<Delivery>>} */
  const page = (cursor) => api.get(`/webhooks/${hook}/deliveries`, { query: { limit: PAGE, cursor } });

  async function load() {
    clearTimeout(timer);
    try {
      const newest = await page(null);
      const known = new Set(newest.items.map((item) => item.id));
      const rest = items.filter((item) => !known.has(item.id));
      if (rest.length === 0) next = newest.next;
      items = [...newest.items, ...rest];
      draw();
    } catch (error) {
      report("The log could not be loaded", error);
      return;
    }
    if (node.open && node.isConnected) timer = setTimeout(() => void load(), EVERY);
  }

  async function older() {
    more.disabled = true;
    try {
      const found = await page(next);
      items = [...items, ...found.items];
      next = found.next;
      draw();
    } catch (error) {
      report("Older deliveries could not be loaded", error);
    }
    more.disabled = false;
  }

  let drawn = "";
  function draw() {
    const now = JSON.stringify([items, next]);
    if (now === drawn) return;
    drawn = now;
    onNews();
    rows.replaceChildren(...items.map(row));
    none.hidden = items.length > 0;
    more.hidden = next === null;
  }

  /** @param {Delivery} item */
  function row(item) {
    const details = h("details", { class: "log-body", open: unfolded.has(item.id) }, h("summary", {}, "Details"), h("pre", { tabindex: 0 }, JSON.stringify(item.body, null, 2)), item.response && h("p", { class: "muted small" }, "Answer"), item.response && h("pre", { tabindex: 0 }, item.response));
    details.addEventListener("toggle", () => (details.open ? unfolded.add(item.id) : unfolded.delete(item.id)));
    const busy = item.status === "sending";
    return h(
      "li",
      { class: "log-row", dataset: { status: item.status } },
      h("span", { class: `chip ${CHIPS[item.status]}` }, WORDS[item.status]),
      h("span", { class: "row-main" }, h("strong", {}, item.type), h("span", { class: "muted small" }, " · ", timeElement(item.createdTime), " · ", words(item)), item.error && h("span", { class: "log-error" }, item.error)),
      h("button", { class: "button button-small", type: "button", disabled: busy, "aria-label": `Retry ${item.type}`, onclick: () => void again(item) }, icon("retry"), "Retry"),
      details,
    );
  }

  /** @param {Delivery} item */
  async function again(item) {
    try {
      await api.post(`/deliveries/${item.id}/retry`);
    } catch (error) {
      report("It was not sent again", error);
    }
    await load();
  }

  return {
    node,
    async open() {
      node.open = true;
      await load();
    },
  };
}

/** @param {Delivery} item */
function words(item) {
  const parts = [item.attempts === 1 ? "1 attempt" : `${item.attempts} attempts`];
  if (item.statusCode) parts.push(`status ${item.statusCode}`);
  if (item.durationMs !== null) parts.push(duration(item.durationMs));
  if (item.nextTime && item.attempts > 0) parts.push(`next ${new Date(item.nextTime).toLocaleTimeString()}`);
  return parts.join(" · ");
}
