/**
 * Every key of the page in one list: what is bound is what the help sheet shows, and what people may change.
 * @module ui/shortcuts
 */

/**
 * @typedef {object} Shortcut
 * @property {string[]} keys such as "Enter", "Shift+M", "Ctrl+Z", "?"
 * @property {string} does in words, for the help sheet
 * @property {string} group
 * @property {string} [id] names the action for good, in what people have changed; made of its words if missing
 * @property {boolean} [fixed] its keys cannot be changed: several of them belong together
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

/** @typedef {Record<string, string[]>} Bindings keys that were given to actions, by their ids */

/** The name of an action. @param {Shortcut} shortcut */
export function idOf({ id, does }) {
  return id ?? does.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60);
}

/** @param {Bindings} [given] */
export function createShortcuts(given = {}) {
  /** @type {Shortcut[]} */
  const list = [];
  /** @type {Map<string, Shortcut[]>} */
  const byKey = new Map();
  let bindings = given;
  let paused = false;
  /** @type {Set<() => void>} */
  const listeners = new Set();

  /** The keys that an action has now. @param {Shortcut} shortcut */
  const keysOf = (shortcut) => (shortcut.fixed || !shortcut.run ? shortcut.keys : (bindings[idOf(shortcut)] ?? shortcut.keys));

  function bind() {
    byKey.clear();
    for (const shortcut of list) {
      for (const key of keysOf(shortcut)) byKey.set(key, [...(byKey.get(key) ?? []), shortcut]);
    }
    for (const listener of listeners) listener();
  }

  /** @param {KeyboardEvent} event */
  function handle(event) {
    if (event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
    if (paused) return;
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
      list.push(...shortcuts);
      bind();
    },
    keysOf,
    /** Whether somebody changed its keys. @param {Shortcut} shortcut */
    isChanged: (shortcut) => keysOf(shortcut) !== shortcut.keys,
    get bindings() {
      return bindings;
    },
    /** @param {Bindings} next */
    rebind(next) {
      bindings = next;
      bind();
    },
    /** Called when keys were added or changed. @param {() => void} listener */
    onChange: (listener) => void listeners.add(listener),
    all: () => list,
    /** Whether keys do nothing for now. @param {boolean} on */
    pause: (on) => void (paused = on),
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
