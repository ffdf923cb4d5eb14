/**
 * Every key of the page in one list: what is bound is what the help sheet shows.
 * @module ui/shortcuts
 */

/**
 * @typedef {object} Shortcut
 * @property {string[]} keys such as "Enter", "Shift+M", "Ctrl+Z", "?"
 * @property {string} does in words, for the help sheet
 * @property {string} group
 * @property {(event: KeyboardEvent) => void | boolean} [run] false leaves the key to the browser; missing: described only
 * @property {string[]} [shown] how the help sheet writes the keys
 * @property {boolean} [repeats] whether holding the key repeats it
 */

/** @typedef {ReturnType<typeof createShortcuts>} Shortcuts */

/**
 * How an event is written in `keys`. Ctrl stands for Command too. Shift counts with letters and named keys; a symbol
 * has it built in.
 * @param {Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">} event
 */
export function keyName({ key, code, ctrlKey, metaKey, shiftKey, altKey }) {
  let name = key.length === 1 ? key.toUpperCase() : key;
  // On layouts without Latin letters the key's place decides.
  if (key.length === 1 && key.charCodeAt(0) > 127 && /^Key[A-Z]$/.test(code)) name = code.slice(3);
  if (name === " ") name = "Space";
  const symbol = name.length === 1 && !/[A-Z]/.test(name);
  return `${ctrlKey || metaKey ? "Ctrl+" : ""}${altKey ? "Alt+" : ""}${shiftKey && !symbol ? "Shift+" : ""}${name}`;
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));
}

/** Enter and Space press a focused control. @param {EventTarget | null} target @param {string} name */
function pressesControl(target, name) {
  if (name !== "Enter" && name !== "Space") return false;
  return target instanceof Element && target.closest("button, a[href], summary, [role=option]") !== null;
}

export function createShortcuts() {
  /** @type {Shortcut[]} */
  const list = [];
  /** @type {Map<string, Shortcut[]>} */
  const byKey = new Map();

  /** @param {KeyboardEvent} event */
  function handle(event) {
    if (event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const name = keyName(event);
    if (pressesControl(event.target, name)) return;
    for (const shortcut of byKey.get(name) ?? []) {
      if (event.repeat && !shortcut.repeats) return event.preventDefault();
      if (shortcut.run?.(event) === false) continue;
      event.preventDefault();
      return;
    }
  }

  return {
    /** @param {Shortcut[]} shortcuts */
    add(shortcuts) {
      for (const shortcut of shortcuts) {
        list.push(shortcut);
        for (const key of shortcut.keys) byKey.set(key, [...(byKey.get(key) ?? []), shortcut]);
      }
    },
    handle,
    /** @param {EventTarget} [target] */
    listen(target = window) {
      target.addEventListener("keydown", /** @type {EventListener} */ (handle));
    },
    /** The list by groups, in the order of adding. @returns {Map<string, Shortcut[]>} */
    groups() {
      /** @type {Map<string, Shortcut[]>} */
      const groups = new Map();
      for (const shortcut of list) groups.set(shortcut.group, [...(groups.get(shortcut.group) ?? []), shortcut]);
      return groups;
    },
  };
}
