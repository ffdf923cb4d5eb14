/**
 * The sheet of keys, made from the shortcuts that are really bound.
 * @module ui/help
 */
import { h, icon } from "./element.js";

/** @param {string} keys */
function keycaps(keys) {
  // A lone "+" is a key, not a joint.
  const parts = keys === "+" ? ["+"] : keys.split(/\+(?=.)/);
  return h("span", { class: "keys" }, ...parts.map((part) => h("kbd", {}, part)));
}

/** @param {import("./shortcuts.js").Shortcut} shortcut */
function row(shortcut) {
  const keys = (shortcut.shown ?? shortcut.keys).map(keycaps);
  const joined = keys.flatMap((node, index) => (index ? [h("span", { class: "keys-or" }, "or"), node] : [node]));
  return h("div", { class: "help-row" }, h("dt", {}, ...joined), h("dd", {}, shortcut.does));
}

/** @param {import("./shortcuts.js").Shortcuts} shortcuts */
export function openHelp(shortcuts) {
  const groups = [...shortcuts.groups()].map(([name, list]) =>
    h("section", { class: "help-group" }, h("h3", {}, name), h("dl", {}, ...list.map(row))),
  );
  const before = document.activeElement;
  const close = h("button", { class: "button button-quiet button-icon button-small", type: "button", "aria-label": "Close" }, icon("close"));
  const dialog = h(
    "dialog",
    { class: "help", "aria-labelledby": "help-title" },
    h("div", { class: "dialog-head" }, h("h2", { id: "help-title" }, "Keys and mouse"), close),
    h("div", { class: "dialog-body help-groups", tabindex: "0", role: "group", "aria-labelledby": "help-title" }, ...groups),
  );
  close.addEventListener("click", () => dialog.close());
  // A click on the backdrop has the dialog itself as its target.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "?" || event.key === "F1") {
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
