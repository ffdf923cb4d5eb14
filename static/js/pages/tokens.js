/**
 * The API tokens page: made (shown once), listed, revoked.
 * @module pages/tokens
 */
import { ApiError } from "../net/api.js";
import { confirmDialog } from "../ui/dialog.js";
import { byId, h } from "../ui/element.js";
import { timeElement } from "../ui/format.js";
import { begin } from "./common.js";
import { showSecret } from "./secret.js";
import { expiresTime, expiryState } from "./token_expiry.js";

/** @typedef {import("../net/types.js").Token} Token */

const CHIPS = { none: "", good: "", soon: "chip-warn", expired: "chip-danger" };
const ALL = 5;

const { api, toasts, report } = begin();
const list = byId("tokens", HTMLUListElement);
const empty = byId("tokens-empty", HTMLElement);
const place = byId("secret", HTMLElement);
const form = byId("create", HTMLFormElement);
const name = byId("token-name", HTMLInputElement);
const expiry = byId("token-expiry", HTMLSelectElement);
const date = byId("token-date", HTMLInputElement);
const dateField = byId("token-date-field", HTMLElement);
const scopes = byId("token-scopes", HTMLFieldSetElement);
const problem = byId("token-problem", HTMLElement);

async function load() {
  try {
    /** @type {Token[]} */
    const tokens = await api.all("/tokens");
    list.replaceChildren(...tokens.map(row));
    empty.hidden = tokens.length > 0;
    empty.replaceChildren(h("p", { class: "muted small" }, "You have no tokens. Browsers need none; programs and scripts do."));
  } catch (error) {
    report("The tokens could not be loaded", error);
  }
}

/** @param {Token} token */
function row(token) {
  return h(
    "li",
    {},
    h(
      "span",
      { class: "row-main" },
      h("span", { class: "row-name" }, token.name),
      h("br"),
      h("span", { class: "muted small" }, h("code", {}, `${token.prefix}…`), " · made ", timeElement(token.createdTime), " · last used ", timeElement(token.lastUsedTime)),
      h("br"),
      h("span", { class: "muted small" }, "May ", token.scopes.length === ALL ? "do everything" : token.scopes.join(", ")),
    ),
    h(
      "span",
      { class: "row-end" },
      end(token),
      h("button", { class: "button button-small", type: "button", "aria-label": `Revoke ${token.name}`, onclick: () => revoke(token) }, "Revoke"),
    ),
  );
}

/** When it ends, the exact moment on hover. @param {Token} token */
function end({ expiresTime: time }) {
  const { kind, text } = expiryState(time);
  return h("span", { class: CHIPS[kind] ? `chip ${CHIPS[kind]}` : "muted small", title: time === null ? null : new Date(time).toLocaleString() }, text);
}

expiry.addEventListener("change", () => {
  // The focus stays: arrow keys and typed letters pass through this choice on their way to others.
  dateField.hidden = expiry.value !== "date";
});

const wanted = () => [...scopes.querySelectorAll("input")].filter((box) => box.checked).map((box) => box.value);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  try {
    const expires = expiresTime(expiry.value, date.value);
    const made = await api.post("/tokens", { name: name.value.trim(), scopes: wanted(), expiresTime: expires });
    name.value = "";
    const what = `The token “${made.name}”. `;
    showSecret({ place, what, name: "token", secret: made.token, toasts, once: "it is shown this once and kept nowhere" });
  } catch (error) {
    problem.textContent = error instanceof Error ? error.message : String(error);
    (error instanceof ApiError ? name : date).focus();
  }
  await load();
});

/** @param {Token} token */
async function revoke(token) {
  const done = await confirmDialog({
    title: `Revoke “${token.name}”?`,
    text: "Programs that use it are refused from now on.",
    action: "Revoke",
    run: () => api.delete(`/tokens/${token.id}`),
  });
  if (!done) return;
  place.replaceChildren();
  await load();
}

await load();
