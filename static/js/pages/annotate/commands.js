/**
 * What keys and buttons ask for, in one place so that both do the same.
 * @module pages/annotate/commands
 */
import { annotateUrl } from "../../ui/strip.js";

/**
 * @typedef {object} CommandContext
 * @property {import("../../core/store.js").Store} store
 * @property {import("../../core/history.js").History} history
 * @property {import("../../tools/registry.js").ToolRegistry} tools
 * @property {import("../../tools/loop.js").Loop} loop
 * @property {import("../../canvas/view.js").View} view
 * @property {import("../../net/sync.js").Sync} sync
 * @property {import("./objects.js").Objects} objects
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {() => import("../../ui/labels.js").LabelPicker} labels
 * @property {{prev: number | null, next: number | null}} neighbours
 * @property {() => boolean} armed
 */

/** @typedef {ReturnType<typeof createCommands>} Commands */

/** @param {CommandContext} context */
export function createCommands(context) {
  const { store, history, tools, loop, objects, toasts, view } = context;

  /** @param {string} id */
  function refine(id) {
    const annotation = store.get(id);
    if (!annotation) return;
    const { prompts } = annotation;
    if (!prompts || (!prompts.points.length && !prompts.box)) {
      toasts.info("This object has no prompts to refine", "It was not made with the smart tool. Delete it and cut it out again to change its mask.");
      return;
    }
    if (!context.armed()) return void toasts.info("The smart tool is not ready yet");
    tools.use("smart");
    store.select(null);
    store.setActiveLabel(annotation.label);
    loop.reopen(id, prompts);
  }

  function smart() {
    const id = store.selected;
    const prompts = id ? store.get(id)?.prompts : null;
    if (id && prompts && context.armed()) return refine(id);
    store.select(null);
    tools.use("smart");
  }

  /** Chooses a label for the selected object, or for the one in the making and those to come. @param {number} id */
  function chooseLabel(id) {
    if (store.selected && loop.isEmpty) objects.relabel(store.selected, id);
    store.setActiveLabel(id);
  }

  function removeSelected() {
    const id = store.selected;
    if (!id) return false;
    objects.remove(id);
    return true;
  }

  /** Selects the next object; false at the ends, so that Tab moves on. @param {1 | -1} direction */
  function step(direction) {
    const list = store.list();
    const at = list.findIndex((annotation) => annotation.id === store.selected);
    const next = list[at < 0 ? (direction > 0 ? 0 : list.length - 1) : at + direction];
    if (!next || !loop.isEmpty) {
      store.select(null);
      return false;
    }
    tools.use("select");
    store.select(next.id);
    view.reveal(next.bbox);
    return true;
  }

  function regions() {
    store.select(null);
    tools.use("regions");
  }

  return {
    refine,
    smart,
    regions,
    chooseLabel,
    removeSelected,
    step,
    undo() {
      if (!tools.action("undo")) history.undo();
    },
    redo() {
      if (!tools.action("redo")) history.redo();
    },
    finish() {
      if (tools.action("finish")) return;
      if (store.selected) refine(store.selected);
    },
    cancel() {
      tools.action("cancel");
    },
    toggleAll: () => store.toggleAll(),
    /** @param {number} index */
    digit(index) {
      const label = store.labels[index];
      if (label) chooseLabel(label.id);
      else context.labels().focus();
    },
    /** @param {"prev" | "next"} direction */
    go(direction) {
      const id = context.neighbours[direction];
      if (id === null) return void toasts.info(direction === "next" ? "This is the last image" : "This is the first image");
      // What is unsent must be on disk before the page goes.
      void context.sync.settled().then(() => location.assign(annotateUrl(id) + location.search));
    },
  };
}
