/**
 * The top bar's changing parts: zoom, decoder, saved state, undo and redo.
 * @module ui/topbar
 */
import { byId } from "./element.js";

/** @typedef {import("../net/sync.js").SyncState} SyncState */

/**
 * What the saved state says; one place, so that the words and the dot never differ.
 * @param {SyncState} state
 * @param {number} pending
 * @returns {{text: string, kind: string, title: string}}
 */
export function savedWords(state, pending) {
  const changes = pending === 1 ? "1 change" : `${pending} changes`;
  if (state === "saving") return { text: `Saving ${pending}`, kind: "saving", title: `${changes} on the way to the server` };
  if (state === "offline") {
    return { text: `Offline · ${pending}`, kind: "offline", title: `${changes} kept in this browser, sent when the server answers again` };
  }
  if (state === "signed-out") {
    return { text: `Signed out · ${pending}`, kind: "offline", title: `${changes} kept in this browser: sign in again in another tab` };
  }
  return { text: "Saved", kind: "saved", title: "Every change is on the server" };
}

/**
 * @param {{view: import("../canvas/view.js").View, history: import("../core/history.js").History}} options
 */
export function createTopbar({ view, history }) {
  const zoom = byId("zoom-level", HTMLOutputElement);
  const saved = byId("saved-state", HTMLElement);
  const decoder = byId("decoder-state", HTMLElement);
  const undo = byId("undo", HTMLButtonElement);
  const redo = byId("redo", HTMLButtonElement);

  view.on("change", ({ scale }) => {
    zoom.textContent = `${scale < 0.1 ? (scale * 100).toFixed(1) : Math.round(scale * 100)} %`;
  });
  history.on("change", (names) => {
    undo.title = names.undo ? `Undo: ${names.undo} (Ctrl+Z)` : "Undo (Ctrl+Z)";
    redo.title = names.redo ? `Redo: ${names.redo} (Ctrl+Y)` : "Redo (Ctrl+Y)";
  });

  return {
    /** @param {SyncState} state @param {number} pending */
    setSaved(state, pending) {
      const words = savedWords(state, pending);
      saved.dataset.kind = words.kind;
      saved.title = words.title;
      const text = saved.querySelector("[data-text]");
      if (text && text.textContent !== words.text) text.textContent = words.text;
    },
    /** @param {string} text @param {string} title */
    setDecoder(text, title) {
      decoder.textContent = text;
      decoder.title = title;
    },
    /** @param {boolean} canUndo @param {boolean} canRedo */
    setHistory(canUndo, canRedo) {
      undo.disabled = !canUndo;
      redo.disabled = !canRedo;
    },
  };
}
