/**
 * The sheet of keys, made from the shortcuts that are really bound.
 * @module ui/help
 */
import { h, icon } from "./element.js";
import { idOf, keyName } from "./shortcuts.js";

/** @param {string} keys */
export function keycaps(keys) {
  // A lone "+" is a key, not a joint.
  const parts = keys === "+" ? ["+"] : keys.split(/\+(?=.)/);
  return h("span", { class: "keys" }, ...parts.map((part) => h("kbd", {}, part)));
}

/** How an action's keys are written. @param {import("./shortcuts.js").Shortcuts} shortcuts @param {import("./shortcuts.js").Shortcut} shortcut */
export function written(shortcuts, shortcut) {
  return shortcuts.isChanged(shortcut) ? shortcuts.keysOf(shortcut) : (shortcut.shown ?? shortcut.keys);
}

/** @param {import("./shortcuts.js").Shortcuts} shortcuts @param {import("./shortcuts.js").Shortcut} shortcut */
function row(shortcuts, shortcut) {
  const keys = written(shortcuts, shortcut).map(keycaps);
  const joined = keys.flatMap((node, index) => (index ? [h("span", { class: "keys-or" }, "or"), node] : [node]));
  return h("div", { class: "help-row" }, h("dt", {}, ...joined), h("dd", {}, shortcut.does));
}

/**
 * @param {import("./shortcuts.js").Shortcuts} shortcuts
 * @param {() => void} [change] opens the dialog in which keys are changed
 */
export function openHelp(shortcuts, change) {
  const groups = [...shortcuts.groups()].map(([name, list]) =>
    h("section", { class: "help-group" }, h("h3", {}, name), h("dl", {}, ...list.map((shortcut) => row(shortcuts, shortcut)))),
  );
  const before = document.activeElement;
  const close = h("button", { class: "button button-quiet button-icon button-small", type: "button", "aria-label": "Close" }, icon("close"));
  const foot = h("div", { class: "dialog-foot" }, h("button", { class: "button", type: "button", onclick: () => (dialog.close(), change?.()) }, "Change keys…"));
  const dialog = h(
    "dialog",
    { class: "help", "aria-labelledby": "help-title" },
    h("div", { class: "dialog-head" }, h("h2", { id: "help-title" }, "Keys and mouse"), close),
    // What scrolls has no columns itself: browsers fill those to its height and put the rest beside them, out of sight.
    h("div", { class: "dialog-body", tabindex: "0", role: "group", "aria-labelledby": "help-title" }, h("div", { class: "help-groups" }, ...groups)),
    change ? foot : null,
  );
  close.addEventListener("click", () => dialog.close());
  // A click on the backdrop has the dialog itself as its target.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (isHelp(shortcuts, event)) {
      event.preventDefault();
      dialog.close();
    }
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** The key that opened the sheet closes it. @param {import("./shortcuts.js").Shortcuts} shortcuts @param {KeyboardEvent} event */
function isHelp(shortcuts, event) {
  return shortcuts.all().some((shortcut) => idOf(shortcut) === "help" && shortcuts.keysOf(shortcut).includes(keyName(event)));
}
