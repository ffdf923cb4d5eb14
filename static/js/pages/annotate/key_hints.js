/**
 * The keys that buttons tell of are those that their actions have now. An action's id is that of its button.
 * @module pages/annotate/key_hints
 */
import { idOf } from "../../ui/shortcuts.js";

/** @param {Element} button @param {string} before @param {string} now */
function replace(button, before, now) {
  const title = button.getAttribute("title");
  if (title?.endsWith(`(${before})`)) button.setAttribute("title", `${title.slice(0, -before.length - 1)}${now})`);
  button.setAttribute("aria-keyshortcuts", now.replace("Ctrl+", "Control+"));
  const mark = button.querySelector("kbd");
  if (mark) mark.textContent = now;
}

/** @param {import("../../ui/shortcuts.js").Shortcuts} shortcuts */
export function showKeys(shortcuts) {
  /** @type {Map<Element, string>} the key that each button tells of */
  const shown = new Map();

  function update() {
    for (const shortcut of shortcuts.all()) {
      const button = document.getElementById(idOf(shortcut));
      if (!button || !shortcut.run) continue;
      const before = shown.get(button) ?? shortcut.keys[0];
      const now = shortcuts.keysOf(shortcut)[0];
      if (shown.has(button) || now !== before) {
        replace(button, before, now);
        shown.set(button, now);
      }
    }
  }

  shortcuts.onChange(update);
  update();
}
