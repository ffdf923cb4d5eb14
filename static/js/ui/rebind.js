/**
 * The dialog in which people give actions other keys. Each change counts at once, and is kept on the server.
 * @module ui/rebind
 */
import { h, icon } from "./element.js";
import { keycaps, written } from "./help.js";
import { actionsOf, changed, isModifier, refusal, resetRefusal } from "./key_rules.js";
import { keyName } from "./shortcuts.js";

/** @typedef {import("./shortcuts.js").Shortcut} Shortcut */
/** @typedef {import("./shortcuts.js").Bindings} Bindings */

/**
 * @param {object} options
 * @param {import("./shortcuts.js").Shortcuts} options.shortcuts
 * @param {(bindings: Bindings) => Promise<unknown>} options.save throws with words when they could not be kept
 */
export function openRebind({ shortcuts, save }) {
  const before = document.activeElement;
  const words = h("p", { class: "rebind-words", role: "status" });
  const problem = h("p", { class: "field-error rebind-problem", role: "alert" });
  const body = h("div", { class: "rebind-groups" });
  const all = h("button", { type: "button", class: "button", onclick: () => void apply({}, "Every action has its own keys again.") }, "Reset all");
  /** @type {Shortcut | null} whose key is being asked for */
  let asking = null;
  let busy = false;

  /** @param {Bindings} next @param {string} message */
  async function apply(next, message) {
    if (busy) return;
    busy = true;
    stop();
    const was = shortcuts.bindings;
    shortcuts.rebind(next);
    draw();
    try {
      await save(next);
      words.textContent = message;
    } catch (error) {
      shortcuts.rebind(was);
      draw();
      problem.textContent = `${error instanceof Error ? error.message : String(error)} The keys are as they were.`;
    } finally {
      busy = false;
    }
  }

  function stop() {
    asking = null;
    problem.textContent = "";
    words.textContent = "";
  }

  /** @param {Shortcut} shortcut */
  function ask(shortcut) {
    stop();
    asking = shortcut;
    words.textContent = `Press the key for: ${shortcut.does}. Esc leaves it as it is.`;
    draw();
  }

  /** @param {Shortcut} shortcut */
  function reset(shortcut) {
    const reason = resetRefusal(shortcuts.all(), shortcuts.bindings, shortcut);
    stop();
    if (reason) problem.textContent = reason;
    else void apply(changed(shortcuts.bindings, shortcut, null), `${shortcut.does}: ${shortcut.keys.join(" or ")}.`);
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (!asking || isModifier(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const shortcut = asking;
    if (event.key === "Escape") {
      stop();
      return draw();
    }
    const key = keyName(event);
    const reason = refusal(shortcuts.all(), shortcuts.bindings, shortcut, key);
    if (reason) problem.textContent = reason;
    else void apply(changed(shortcuts.bindings, shortcut, [key]), `${shortcut.does}: ${key}.`);
  }

  /** @param {Shortcut} shortcut @param {number} index */
  function row(shortcut, index) {
    const name = `rebind-${index}`;
    const keys = written(shortcuts, shortcut);
    const waits = shortcut === asking;
    const shown = waits ? [h("span", { class: "rebind-wait" }, "Press a key…")] : keys.flatMap((text, k) => (k ? [h("span", { class: "keys-or" }, "or"), keycaps(text)] : [keycaps(text)]));
    const key = h(
      "button",
      { type: "button", class: "rebind-key", id: name, disabled: Boolean(shortcut.fixed), "aria-pressed": String(waits), "aria-labelledby": `${name}-does ${name}`, onclick: () => (waits ? (stop(), draw()) : ask(shortcut)) },
      ...shown,
    );
    const back = h("button", { type: "button", class: "button button-quiet button-small", id: `${name}-reset`, "aria-label": `Reset ${shortcut.does}`, onclick: () => reset(shortcut) }, "Reset");
    back.hidden = !shortcuts.isChanged(shortcut);
    return h("li", { class: "rebind-row" }, h("span", { class: "rebind-does", id: `${name}-does` }, shortcut.does), back, key);
  }

  function draw() {
    const focused = document.activeElement?.id ?? "";
    let index = 0;
    /** @type {HTMLElement[]} */
    const sections = [];
    for (const [name, list] of shortcuts.groups()) {
      const actions = actionsOf(list);
      if (actions.length) sections.push(h("section", { class: "rebind-group" }, h("h3", {}, name), h("ul", {}, ...actions.map((shortcut) => row(shortcut, index++)))));
    }
    body.replaceChildren(...sections);
    all.disabled = !Object.keys(shortcuts.bindings).length;
    const again = document.getElementById(focused) ?? document.getElementById(focused.replace("-reset", ""));
    if (focused.startsWith("rebind-")) (again?.hidden ? document.getElementById(focused.replace("-reset", "")) : again)?.focus();
  }

  const close = h("button", { class: "button button-quiet button-icon button-small", type: "button", "aria-label": "Close" }, icon("close"));
  const dialog = h(
    "dialog",
    { class: "help rebind", "aria-labelledby": "rebind-title" },
    h("div", { class: "dialog-head" }, h("h2", { id: "rebind-title" }, "Change keys"), close),
    h("div", { class: "dialog-body" }, h("p", { class: "muted small" }, "Choose an action, then press its new key. Your keys go with you to every browser."), body),
    h("div", { class: "dialog-foot" }, h("div", { class: "rebind-told" }, words, problem), all),
  );
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", pressed, { capture: true });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  });
  draw();
  document.body.append(dialog);
  dialog.showModal();
  body.querySelector("button:not([disabled])")?.scrollIntoView({ block: "nearest" });
  /** @type {HTMLElement | null} */ (body.querySelector(".rebind-key:not([disabled])"))?.focus();
}
