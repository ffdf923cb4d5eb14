/**
 * What people need around the tools, loaded beside the image: the view's settings, the way from image to image, submitting,
 * the clipboard, and their own keys.
 * @module pages/annotate/working
 */
import { byId } from "../../ui/element.js";
import { openHelp } from "../../ui/help.js";
import { idOf } from "../../ui/shortcuts.js";
import { createViewPanel } from "../../ui/view_panel.js";
import { createClipboard } from "./clipboard.js";
import { showKeys } from "./key_hints.js";
import { createLeaving } from "./leaving.js";
import { createWorkState } from "./work_state.js";

/** @typedef {import("../../net/types.js").ImageInfo} ImageInfo */

/**
 * @typedef {object} WorkingContext
 * @property {import("./types.js").PageData} data
 * @property {import("../../net/api.js").Api} api
 * @property {import("../../net/socket.js").Socket} socket
 * @property {import("../../core/store.js").Store} store
 * @property {import("./objects.js").Objects} objects
 * @property {import("../../net/sync.js").Sync} sync
 * @property {import("../../tools/registry.js").ToolRegistry} tools
 * @property {import("../../canvas/view.js").View} view
 * @property {import("../../canvas/input.js").Input} input
 * @property {import("../../canvas/look.js").Look} look
 * @property {import("../../ui/shortcuts.js").Shortcuts} shortcuts
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {ReturnType<typeof import("../../ui/strip.js").createStrip>} strip
 * @property {HTMLCanvasElement} canvas
 * @property {() => void} done gives the focus back to the canvas
 */

/** @typedef {ReturnType<typeof createWorking>} Working */

/** @param {WorkingContext} context */
export function createWorking(context) {
  const { data, api, socket, store, objects, sync, tools, view, input, look, shortcuts, toasts, strip, canvas, done } = context;
  const { image } = data;

  const leaving = createLeaving({ stage: byId("stage", HTMLElement), canvas, view, image, tools, sync, shortcuts, strip: data.strip, ahead: [data.next, data.prev] });
  const state = createWorkState({
    image, api, sync, tools, toasts,
    shown: byId("work-state", HTMLElement),
    changed: (work) => strip.update(image.id, { work }),
    next: () => data.next !== null && leaving.leave(data.next),
  });
  const clipboard = createClipboard({
    image, store, objects, tools, toasts,
    pointer: () => (input.last?.inside ? input.last : input.crosshair),
    propagate(clip) {
      if (data.next !== null) return leaving.leave(data.next, clip);
      toasts.info("This is the last image");
      return true;
    },
    storage: () => localStorage,
  });
  /** @param {number} quarters */
  const turn = (quarters) => look.set({ turns: (look.values.turns + quarters + 4) % 4 });
  /** @param {string} id */
  const keyOf = (id) => {
    const shortcut = shortcuts.all().find((one) => idOf(one) === id);
    return shortcut ? (shortcuts.keysOf(shortcut)[0] ?? "") : "";
  };
  const panel = createViewPanel({ button: byId("view-settings", HTMLButtonElement), look, turn, keyOf, done });

  async function changeKeys() {
    const { openRebind } = await import("../../ui/rebind.js");
    openRebind({ shortcuts, save: (keys) => api.patch("/me/preferences", { keys }) });
  }

  async function nextUntouched() {
    try {
      /** @type {{image: ImageInfo | null}} */
      const { image: found } = await api.get(`/images/${image.id}/next`);
      if (found) leaving.leave(found.id);
      else toasts.info("No other image waits to be begun", "Every other one has objects, was submitted, or was skipped.");
    } catch (error) {
      toasts.error("The next image could not be found", error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {"submit" | "skip"} id @param {() => void} run */
  function bind(id, run) {
    byId(`work-${id}`, HTMLButtonElement).addEventListener("click", run);
  }

  bind("submit", state.submit);
  bind("skip", state.skip);
  byId("view-settings", HTMLButtonElement).addEventListener("click", panel.toggle);
  socket.on("image.updated", ({ id, work }) => {
    if (!work) return;
    if (id === image.id) void state.heard(work);
    else strip.update(id, { work });
  });
  // What happened to the image before the socket was there.
  socket.onOpen(() => void state.look());
  showKeys(shortcuts);

  return {
    ...state,
    ...clipboard,
    changeKeys: () => void changeKeys(),
    help: () => openHelp(shortcuts, () => void changeKeys()),
    nextUntouched: () => void nextUntouched(),
    /** @param {number} id */
    leave: (id) => void leaving.leave(id),
    /** The tool is armed: what comes next may be fetched. */
    armed: leaving.lookAhead,
    turn,
    toggleView: panel.toggle,
    /** @param {"outline" | "tags" | "alone" | "grid"} key */
    toggle: (key) => look.set({ [key]: !look.values[key] }),
    /** @param {number} by per cent */
    tint: (by) => look.set({ opacity: look.values.opacity + by }),
  };
}
