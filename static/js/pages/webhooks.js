/**
 * The webhooks page: made (the secret is shown once), tried, switched, and the log of what was sent.
 * @module pages/webhooks
 */
import { confirmDialog, openDialog } from "../ui/dialog.js";
import { byId, h, icon } from "../ui/element.js";
import { timeElement } from "../ui/format.js";
import { begin, throttle } from "./common.js";
import { showSecret } from "./secret.js";
import { createChoice } from "./webhooks/choice.js";
import { createLog } from "./webhooks/log.js";

/** @typedef {import("../net/types.js").Webhook} Webhook */

const { data, api, toasts, report } = begin();
const path = `/projects/${data.project.id}/webhooks`;
const list = byId("hooks", HTMLElement);
const empty = byId("hooks-empty", HTMLElement);
const form = byId("create", HTMLFormElement);
const url = byId("hook-url", HTMLInputElement);
const problem = byId("hook-problem", HTMLElement);
const choice = createChoice("new", data.events, ["image.ready", "job.failed"]);
byId("hook-events", HTMLElement).append(choice.node);
/** @type {Map<number, ReturnType<typeof createLog>>} logs stay open while the list is drawn anew */
const logs = new Map();
/** @type {Map<number, HTMLElement>} */
const chips = new Map();

async function load() {
  try {
    /** @type {Webhook[]} */
    const hooks = await api.all(path);
    list.replaceChildren(...hooks.map(card));
    empty.hidden = hooks.length > 0;
    empty.replaceChildren(h("p", { class: "muted small" }, "This project has no webhooks yet."));
  } catch (error) {
    report("The webhooks could not be loaded", error);
  }
}

/** @param {Webhook} hook */
function card(hook) {
  const log = logs.get(hook.id) ?? createLog({ api, hook: hook.id, report, onNews: refreshStates });
  logs.set(hook.id, log);
  chips.set(hook.id, state(hook));
  return h(
    "li",
    { class: "card hook", "aria-label": hook.url },
    h("div", { class: "hook-head" }, h("code", { class: "hook-url" }, hook.url), chips.get(hook.id)),
    hook.stopped && h("p", { class: "notice-line", role: "alert" }, icon("alert"), `Switched off: ${hook.stopped}`),
    h("div", { class: "chips" }, ...hook.events.map((name) => h("span", { class: "chip" }, name))),
    h("p", { class: "muted small" }, "made ", timeElement(hook.createdTime), hook.createdBy ? ` by ${hook.createdBy}` : "", hook.failingTime && !hook.stopped && h("span", { class: "hook-failing" }, " · nothing has got through since ", timeElement(hook.failingTime))),
    h(
      "div",
      { class: "row" },
      h("button", { class: "button button-small", type: "button", disabled: !hook.active, onclick: () => test(hook, log) }, "Send a test"),
      h("button", { class: "button button-small", type: "button", onclick: () => edit(hook) }, "Edit"),
      h("button", { class: "button button-small", type: "button", onclick: () => set(hook, { active: !hook.active }) }, hook.active ? "Switch off" : "Switch on"),
      h("button", { class: "button button-small", type: "button", onclick: () => remove(hook) }, "Delete"),
    ),
    log.node,
  );
}

/** What the log tells may have changed a hook's state: only that is drawn anew, so that focus stays where it is. */
const refreshStates = throttle(async () => {
  try {
    for (const hook of /** @type {Webhook[]} */ (await api.all(path))) {
      const chip = state(hook);
      chips.get(hook.id)?.replaceWith(chip);
      chips.set(hook.id, chip);
      if (hook.stopped && !list.querySelector(".notice-line")) return await load();
    }
  } catch {
    // The next news bring another try.
  }
}, 300);

/** @param {Webhook} hook */
function state(hook) {
  if (!hook.active) return h("span", { class: `chip ${hook.stopped ? "chip-danger" : ""}` }, "Off");
  if (hook.failingTime) return h("span", { class: "chip chip-warn" }, "Failing");
  return h("span", { class: "chip chip-ok" }, "On");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  try {
    const made = await api.post(path, { url: url.value.trim(), events: choice.chosen() });
    url.value = "";
    showSecret({ place: byId("secret", HTMLElement), what: `The secret that signs what ${made.url} is sent. `, name: "secret", secret: made.secret, toasts });
  } catch (error) {
    problem.textContent = error instanceof Error ? error.message : String(error);
    url.focus();
  }
  await load();
});

/** @param {Webhook} hook @param {ReturnType<typeof createLog>} log */
async function test(hook, log) {
  try {
    await api.post(`/webhooks/${hook.id}/test`);
    await log.open();
  } catch (error) {
    report("The test could not be sent", error);
  }
}

/** @param {Webhook} hook @param {Record<string, unknown>} change */
async function set(hook, change) {
  try {
    await api.patch(`/webhooks/${hook.id}`, change);
  } catch (error) {
    report("The webhook was not changed", error);
  }
  await load();
}

/** @param {Webhook} hook */
async function edit(hook) {
  const field = h("input", { class: "input", id: "edit-url", type: "url", maxlength: 2000, autocomplete: "off", spellcheck: "false", value: hook.url });
  const events = createChoice("edit", data.events, hook.events);
  const done = await openDialog({
    title: "Edit the webhook",
    body: [h("div", { class: "field" }, h("label", { for: "edit-url" }, "Address to call"), field), events.node],
    action: "Save",
    ready: () => field.value.trim() !== "" && events.chosen().length > 0,
    run: () => api.patch(`/webhooks/${hook.id}`, { url: field.value.trim(), events: events.chosen() }),
  });
  if (done) await load();
}

/** @param {Webhook} hook */
async function remove(hook) {
  const done = await confirmDialog({
    title: "Delete the webhook?",
    text: `${hook.url} is called no more. Its log goes with it, and what still waits is not sent.`,
    action: "Delete",
    run: () => api.delete(`/webhooks/${hook.id}`),
  });
  if (!done) return;
  logs.delete(hook.id);
  await load();
}

await load();
