/**
 * What keys and buttons ask for, in one place so that both do the same.
 * @module pages/annotate/commands
 */
/**
 * @typedef {object} CommandContext
 * @property {import("../../core/store.js").Store} store
 * @property {import("../../core/history.js").History} history
 * @property {import("../../tools/registry.js").ToolRegistry} tools
 * @property {import("../../tools/loop.js").Loop} loop
 * @property {import("../../canvas/view.js").View} view
 * @property {import("./objects.js").Objects} objects
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {() => import("../../ui/labels.js").LabelPicker} labels
 * @property {{prev: number | null, next: number | null}} neighbours
 * @property {() => readonly import("../../net/types.js").Annotation[]} listed the objects in the order of the list
 * @property {() => boolean} armed
 * @property {(id: number) => void} leave goes to another image
 */

/** @typedef {ReturnType<typeof createCommands>} Commands */

/** @param {import("../../net/types.js").Prompts} prompts */
function hasPrompts({ points, box }) {
  return points.length > 0 || box !== null;
}

/** @param {CommandContext} context */
export function createCommands(context) {
  const { store, history, tools, loop, objects, toasts, view } = context;

  /** @param {string} id */
  function refine(id) {
    const annotation = store.get(id);
    if (!annotation) return;
    const { prompts } = annotation;
    if (!prompts || !hasPrompts(prompts)) return magic(id);
    if (!changeable(id)) return;
    tools.use("smart");
    store.select(null);
    store.setActiveLabel(annotation.label);
    loop.reopen(id, prompts);
  }

  /** @param {string} id */
  function changeable(id) {
    if (store.isLocked(id)) toasts.info("The object is locked", "Unlock it in the list or with L to change it.");
    else if (!context.armed()) toasts.info("The smart tool is not ready yet");
    else return true;
    return false;
  }

  /** The smart tool adds to a mask and cuts from it. @param {string | null} [id] */
  function magic(id = store.selected) {
    if (!id) return void toasts.info("No object is selected", "Select the one to add to or to cut from.");
    if (!changeable(id)) return;
    // The tool takes up what is selected when it begins.
    if (tools.active?.id === "magic") tools.use("select");
    store.select(id);
    tools.use("magic");
  }

  function smart() {
    const id = store.selected;
    if (id && tools.active?.id !== "magic" && context.armed() && !store.isLocked(id)) return refine(id);
    store.select(null);
    tools.use("smart");
  }

  /** The selected objects that are not locked; tells when some are. */
  function free() {
    const ids = store.selection.filter((id) => !store.isLocked(id));
    if (ids.length < store.selection.length) toasts.info("Locked objects stay as they are", "Unlock them in the list or with L.");
    return ids;
  }

  /** Chooses a label for the selected object, or for the one in the making and those to come. @param {number} id */
  function chooseLabel(id) {
    if (store.selected && loop.isEmpty) objects.relabel(free(), id);
    store.setActiveLabel(id);
  }

  function removeSelected() {
    if (!store.selected) return false;
    const ids = free();
    if (ids.length) objects.remove(ids);
    return true;
  }

  /** Selects the next object; false at the ends, so that Tab moves on. @param {1 | -1} direction */
  function step(direction) {
    const list = context.listed();
    const at = list.findIndex((annotation) => annotation.id === store.selected);
    const next = list[at < 0 ? (direction > 0 ? 0 : list.length - 1) : at + direction];
    if (!next || !loop.isEmpty) {
      store.select(null);
      return false;
    }
    if (!tools.active?.keepsSelection) tools.use("select");
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
    magic: () => magic(),
    toggleLock: () => objects.mark(store.selection.every(store.isLocked) ? "Unlock" : "Lock", store.selection),
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
      context.leave(id);
    },
  };
}
