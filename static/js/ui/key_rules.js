/**
 * Which keys may be given to an action, and why not, in words.
 * @module ui/key_rules
 */
import { idOf } from "./shortcuts.js";

/** @typedef {import("./shortcuts.js").Shortcut} Shortcut */
/** @typedef {import("./shortcuts.js").Bindings} Bindings */

/** Not keys by themselves. */
const MODIFIERS = new Set(["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock", "NumLock", "ScrollLock", "Fn", "Dead", "Process", "Unidentified"]);

/** What browsers keep for themselves, or what moves the focus: no page may take it away. */
const RESERVED = new Map([
  ["Tab", "Tab moves to the next control."],
  ["Shift+Tab", "Shift+Tab moves to the control before."],
  ["F5", "F5 loads the page again."],
  ["F11", "F11 fills the screen."],
  ["F12", "F12 belongs to the browser."],
  ...["T", "N", "W", "Shift+T", "Shift+N", "Shift+W", "R", "Shift+R", "L", "P", "Q", "Tab", "Shift+Tab", "F4", "Shift+I", "Shift+J"].map(
    (key) => /** @type {[string, string]} */ ([`Ctrl+${key}`, `Ctrl+${key} belongs to the browser.`]),
  ),
  ["Alt+F4", "Alt+F4 closes the window."],
  ["Alt+ArrowLeft", "Alt+ArrowLeft belongs to the browser."],
  ["Alt+ArrowRight", "Alt+ArrowRight belongs to the browser."],
]);

/** Whether what was pressed so far is no key yet. @param {string} key of the event */
export function isModifier(key) {
  return MODIFIERS.has(key);
}

/**
 * Actions that cannot have each other's keys, each with its own: those with keys that do something.
 * @param {readonly Shortcut[]} list
 */
export function actionsOf(list) {
  return list.filter((shortcut) => shortcut.run && shortcut.keys.length > 0);
}

/**
 * Why a key cannot be given to an action; null when it can.
 * @param {readonly Shortcut[]} list
 * @param {Bindings} bindings
 * @param {Shortcut} wanted
 * @param {string} key
 * @returns {string | null}
 */
export function refusal(list, bindings, wanted, key) {
  const reserved = RESERVED.get(key);
  if (reserved) return `${reserved} Press another key.`;
  const owner = actionsOf(list).find((other) => other !== wanted && keysNow(other, bindings).includes(key));
  if (!owner) return null;
  const help = owner.fixed ? "It cannot be given away." : "Give that another key first, or press another one here.";
  return `${key} is taken: ${owner.does}. ${help}`;
}

/**
 * Why an action cannot have its own keys back; null when it can. Actions that share a key from the start may go on doing so.
 * @param {readonly Shortcut[]} list
 * @param {Bindings} bindings
 * @param {Shortcut} wanted
 * @returns {string | null}
 */
export function resetRefusal(list, bindings, wanted) {
  for (const other of actionsOf(list)) {
    const given = other === wanted || other.fixed ? undefined : bindings[idOf(other)];
    const key = given?.find((one) => wanted.keys.includes(one));
    if (key) return `${key} is taken: ${other.does}. Reset that first, or reset all.`;
  }
  return null;
}

/** @param {Shortcut} shortcut @param {Bindings} bindings */
function keysNow(shortcut, bindings) {
  return (shortcut.fixed ? undefined : bindings[idOf(shortcut)]) ?? shortcut.keys;
}

/** The bindings with one action's changed; null gives it its own keys back. @param {Bindings} bindings @param {Shortcut} shortcut @param {string[] | null} keys @returns {Bindings} */
export function changed(bindings, shortcut, keys) {
  const { [idOf(shortcut)]: _before, ...rest } = bindings;
  return keys ? { ...rest, [idOf(shortcut)]: keys } : rest;
}
