/**
 * Labels, and what keys do to the selected objects.
 * @module pages/annotate/features/selection
 */
import { createLabelPicker } from "../../../ui/labels.js";
import { defineFeature } from "../feature.js";
import { rememberLabel } from "../last_label.js";

/** @typedef {import("../page.js").Page} Page */
/** @typedef {import("../../../net/types.js").Annotation} Annotation */
/** @typedef {ReturnType<typeof createSelection>} Selection */

/** @param {Page} page @param {HTMLElement} root of the labels */
function createSelection({ project, api, store, history, tools, view, edits, toasts, done }, root) {
  const labels = createLabelPicker({ root, store, choose: chooseLabel, create: createLabel, done });
  rememberLabel(store, project.id);

  /** @param {string} name */
  async function createLabel(name) {
    /** @type {import("../../../net/types.js").Label} */
    const label = await api.post(`/projects/${project.id}/labels`, { name });
    store.setLabels([...store.labels.filter(({ id }) => id !== label.id), label]);
    return label;
  }

  /** Those of the objects that are not locked; tells when some are. @param {readonly string[]} ids */
  function unlocked(ids) {
    const free = ids.filter((id) => store.get(id) && !store.isLocked(id));
    if (free.length < ids.length) toasts.info("Locked objects stay as they are", "Unlock them in the list or with L.");
    return free;
  }

  const isMaking = () => tools.active?.isMaking?.() ?? false;

  /** Chooses a label for the selected objects, or for the one in the making and those to come. @param {number} id */
  function chooseLabel(id) {
    if (store.selected && !isMaking()) edits.relabel(unlocked(store.selection), id);
    store.setActiveLabel(id);
  }

  /** Where no tool is at work that would lose by it. */
  function takeSelectTool() {
    if (!isMaking() && !tools.active?.keepsSelection) tools.use("select");
  }

  return {
    unlocked,
    /** For the label of a new object, where the project has none yet; null when there is no answer. */
    askLabel: () => labels.ask(),
    /** Selects an object, and shows where it is. @param {string} id */
    reveal(id) {
      takeSelectTool();
      store.select(id);
      const annotation = store.get(id);
      if (annotation) view.reveal(annotation.bbox);
    },
    /** @param {number} index */
    chooseByDigit(index) {
      const label = store.labels[index];
      if (label) chooseLabel(label.id);
      else labels.focus();
    },
    /** False when nothing is selected. */
    remove() {
      if (!store.selected) return false;
      const ids = unlocked(store.selection);
      if (ids.length) edits.remove(ids);
      return true;
    },
    /** Selects the next object; false at the ends, so that Tab moves on. @param {1 | -1} direction @param {readonly Annotation[]} list */
    step(direction, list) {
      const at = list.findIndex((annotation) => annotation.id === store.selected);
      const next = list[at < 0 ? (direction > 0 ? 0 : list.length - 1) : at + direction];
      if (!next || isMaking()) {
        store.select(null);
        return false;
      }
      takeSelectTool();
      store.select(next.id);
      view.reveal(next.bbox);
      return true;
    },
    toggleLock: () => edits.mark(store.selection.every(store.isLocked) ? "Unlock" : "Lock", store.selection),
    undo() {
      if (!tools.action("undo")) history.undo();
    },
    redo() {
      if (!tools.action("redo")) history.redo();
    },
  };
}

export const selection = defineFeature({
  id: "selection",
  panel: "labels",
  load: (page, _needs, panel) => createSelection(page, panel),
  toolbar: ({ undo, redo }) => ({ undo, redo }),
  keys(own, { store, tools, canvas }, { annotations }) {
    const group = "Objects";
    const digits = [..."1234567890"];
    /** @param {1 | -1} direction */
    const step = (direction) => (/** @type {KeyboardEvent} */ event) => event.target === canvas && own.step(direction, annotations?.shown() ?? store.list());
    return [
      { id: "tool-select", group, keys: ["V"], does: "Select tool", run: () => tools.use("select") },
      { group, keys: [], shown: ["Click", "Click again"], does: "Select an object; the next one below it" },
      { group, keys: [], shown: ["Shift+Click", "Drag"], does: "Add to the selection; select all that a box meets" },
      { id: "label", group, keys: digits, shown: ["1 … 9", "0"], fixed: true, does: "Choose the label", run: (event) => own.chooseByDigit(digits.indexOf(event.key)) },
      { id: "object-next", group, keys: ["Tab"], fixed: true, does: "Next object, while the canvas has the focus", repeats: true, run: step(1) },
      { id: "object-previous", group, keys: ["Shift+Tab"], fixed: true, does: "Previous object", repeats: true, run: step(-1) },
      { id: "object-delete", group, keys: ["Delete", "Backspace"], shown: ["Delete"], does: "Delete the selected objects", run: own.remove },
      { id: "undo", group, keys: ["Ctrl+Z"], does: "Undo; inside the smart tool one prompt", repeats: true, run: own.undo },
      { id: "redo", group, keys: ["Ctrl+Shift+Z", "Ctrl+Y"], does: "Redo", repeats: true, run: own.redo },
    ];
  },
});
