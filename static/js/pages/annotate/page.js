/**
 * What the annotate page consists of before any feature: its data, the ways to the server, what is known, the canvas.
 * @module pages/annotate/page
 */
import { UNLABELLED } from "../../canvas/colors.js";
import { createInput } from "../../canvas/input.js";
import { createViewSettings } from "../../canvas/view_settings.js";
import { createRenderer } from "../../canvas/renderer.js";
import { createMaskPaths } from "../../canvas/mask_paths.js";
import { createSuggestionPaths } from "../../canvas/suggestion_layer.js";
import { createView } from "../../canvas/view.js";
import { createEmitter } from "../../core/emitter.js";
import { createHistory } from "../../core/history.js";
import { createStore } from "../../core/store.js";
import { decodeCounts } from "../../geometry/rle.js";
import { createApi } from "../../net/api.js";
import { openOutbox } from "../../net/outbox.js";
import { createSocket } from "../../net/socket.js";
import { createSync } from "../../net/sync.js";
import { createToolRegistry } from "../../tools/registry.js";
import { askConflict } from "../../ui/conflict.js";
import { byId } from "../../ui/element.js";
import { createShortcuts } from "../../ui/shortcuts.js";
import { createToasts } from "../../ui/toast.js";
import { takeNavigationState } from "./navigation_state.js";
import { createDecoderSlot } from "./decoder_slot.js";
import { createAnnotationEdits } from "./annotation_edits.js";

/** @typedef {import("../../ui/strip.js").StripItem} StripItem */
/**
 * @typedef {object} PageEvents
 * @property {{id: number, change: Partial<StripItem>}} image something new is known of one of the project's images
 * @property {null} steps there may be more or less to undo, to keep or to drop
 */
/** @typedef {Awaited<ReturnType<typeof createPage>>} Page */

/** @param {import("./types.js").PageData} data */
export async function createPage(data) {
  const { image, project, user } = data;
  const canvas = byId("canvas", HTMLCanvasElement);
  const api = createApi();
  const socket = createSocket({ url: data.wsUrl });
  const toasts = createToasts();
  const store = createStore({ labels: project.labels, attributes: project.attributes });
  const history = createHistory();
  const view = createView(image);
  const maskPaths = createMaskPaths(decodeCounts);
  const suggestionPaths = createSuggestionPaths(decodeCounts);
  const tools = createToolRegistry();
  const viewSettings = createViewSettings(() => localStorage);
  const decoder = createDecoderSlot();
  /** @type {ReturnType<typeof createEmitter<PageEvents>>} */
  const events = createEmitter();

  const sync = createSync({
    api,
    outbox: await openOutbox(user.id),
    resolve: (change, current) => askConflict({ store, renderer, decode: decodeCounts, image }, change, current),
  });
  const edits = createAnnotationEdits({
    store, history, sync,
    image: image.id,
    username: user.username,
    refused: () => toasts.info("Not all of it was undone", "Somebody else has changed the object since. Their change stays."),
  });
  const renderer = createRenderer({
    stage: byId("stage", HTMLElement),
    base: byId("canvas-base", HTMLCanvasElement),
    overlay: canvas,
    image, view, store, maskPaths, suggestionPaths, viewSettings,
    decode: decodeCounts,
    scene: () => tools.active?.scene() ?? null,
    crosshair: () => input.crosshair,
  });
  const input = createInput({ canvas, view, image, tool: () => tools.active, changed: () => renderer.invalidate("scene") });

  const stepsChanged = () => events.emit("steps", null);

  /** The active tool shows something else. */
  function changed() {
    renderer.invalidate("scene");
    stepsChanged();
  }

  /** @param {unknown} error */
  function decodeFailed(error) {
    const reason = error instanceof Error ? error.message : String(error);
    toasts.show({ kind: "error", key: "decode", title: "The mask could not be computed", text: `${reason} The last prompt was taken back; nothing else is lost. Try it again.` });
  }

  store.on("label", () => renderer.invalidate("scene"));
  store.on("selection", changed);
  store.on("lock", changed);
  history.on("change", stepsChanged);
  tools.on("change", ({ tool }) => {
    canvas.dataset.tool = tool?.button ?? tool?.id ?? "";
    input.updateCursor();
    renderer.invalidate("base");
    stepsChanged();
  });
  decoder.on("used", ({ kind }) => (canvas.dataset.decoder = kind));
  decoder.on("armed", input.updateCursor);

  return {
    data, image, project, canvas, api, socket, toasts, store, history, view, maskPaths, suggestionPaths, tools, viewSettings, decoder,
    sync, edits, renderer, input, events, changed, decodeFailed,
    shortcuts: createShortcuts(data.keys),
    decode: decodeCounts,
    /** What the page before left for this one. */
    navigationState: takeNavigationState(image.id),
    /** That of the label to give. */
    color: () => store.label(store.activeLabel)?.color ?? UNLABELLED,
    /** Leaves the tool. */
    exit: () => tools.use("select"),
    /** Gives the keys back to the canvas. */
    done: () => canvas.focus({ preventScroll: true }),
  };
}
