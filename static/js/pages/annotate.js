/**
 * The annotate page: makes the parts and introduces them to each other.
 * @module pages/annotate
 */
import { UNLABELLED } from "../canvas/colors.js";
import { createInput } from "../canvas/input.js";
import { createLook } from "../canvas/look.js";
import { createRenderer } from "../canvas/renderer.js";
import { createShapes } from "../canvas/shapes.js";
import { createSuggestionShapes } from "../canvas/suggestion_layer.js";
import { createView } from "../canvas/view.js";
import { createHistory } from "../core/history.js";
import { createStore } from "../core/store.js";
import { decodeCounts } from "../geometry/rle.js";
import { createApi } from "../net/api.js";
import { openOutbox } from "../net/outbox.js";
import { createSocket } from "../net/socket.js";
import { createSync } from "../net/sync.js";
import { createToolRegistry } from "../tools/registry.js";
import { createSmartTool } from "../tools/smart.js";
import { createCandidates } from "../ui/candidates.js";
import { askConflict } from "../ui/conflict.js";
import { byId, pageData } from "../ui/element.js";
import { createLabelPicker } from "../ui/labels.js";
import { createNotice } from "../ui/notice.js";
import { createShortcuts } from "../ui/shortcuts.js";
import { annotateUrl, createStrip } from "../ui/strip.js";
import { createToasts } from "../ui/toast.js";
import { createTopbar } from "../ui/topbar.js";
import { bindButtons } from "./annotate/buttons.js";
import { restorePlace, takeAlong } from "./annotate/carry.js";
import { createColourClusters } from "./annotate/colour_clusters.js";
import { createCommands } from "./annotate/commands.js";
import { browserDecoder, describeDecoder, fasterDecoder, serverDecoder } from "./annotate/decoders.js";
import { createKeep } from "./annotate/keep.js";
import { rememberLabel } from "./annotate/last_label.js";
import { measureHover, measureStrokes } from "./annotate/measure.js";
import { createObjects } from "./annotate/objects.js";
import { createOpening } from "./annotate/opening.js";
import { embeddingVersion, prefetch } from "./annotate/prefetch.js";
import { createRemote } from "./annotate/remote.js";
import { createState } from "./annotate/state.js";

/** @typedef {import("../tools/types.js").Decoder} Decoder */

/** @type {import("./annotate/types.js").PageData} */
const data = pageData();
const { image, project, user } = data;

const canvas = byId("canvas", HTMLCanvasElement);
const api = createApi();
const socket = createSocket({ url: data.wsUrl });
const toasts = createToasts();
const store = createStore({ labels: project.labels, attributes: project.attributes });
const history = createHistory();
const view = createView(image);
const shapes = createShapes(decodeCounts);
const tools = createToolRegistry();
const shortcuts = createShortcuts(data.keys);
const look = createLook(() => localStorage);
const carried = takeAlong(image.id);
const focusCanvas = () => canvas.focus({ preventScroll: true });

/** @type {Decoder | null} */
let decoder = null;
/** @type {import("../decoder/closeup.js").Closeups | null} of a large image */
let closeups = null;
const decoderInUse = () => (decoder && closeups ? closeups.over(decoder) : decoder);

const color = () => store.label(store.activeLabel)?.color ?? UNLABELLED;

const sync = createSync({
  api,
  outbox: await openOutbox(user.id),
  resolve: (change, current) => askConflict({ store, renderer, decode: decodeCounts, image }, change, current),
});
const objects = createObjects({
  store, history, sync,
  image: image.id,
  username: user.username,
  refused: () => toasts.info("Not all of it was undone", "Somebody else has changed the object since. Their change stays."),
});

const smart = createSmartTool({
  image,
  decoder: decoderInUse,
  color,
  keep: createKeep({ image, store, objects, model: data.model, ask: () => labels.ask(), toasts }),
  changed: () => sceneChanged(),
  failed: decodeFailed,
  exit: () => tools.use("select"),
  undoBefore: () => void history.undo(),
});
const { loop } = smart;

const suggestionShapes = createSuggestionShapes(decodeCounts);

const renderer = createRenderer({
  stage: byId("stage", HTMLElement),
  base: byId("canvas-base", HTMLCanvasElement),
  overlay: canvas,
  image,
  view,
  store,
  shapes,
  decode: decodeCounts,
  suggestionShapes,
  look,
  scene: () => tools.active?.scene() ?? null,
  crosshair: () => input.crosshair,
});
const input = createInput({ canvas, view, image, tool: () => tools.active, changed: () => renderer.invalidate("scene") });

tools.add(smart.tool);

const labels = createLabelPicker({
  root: byId("labels", HTMLElement),
  store,
  choose: (id) => commands.chooseLabel(id),
  done: focusCanvas,
  async create(name) {
    /** @type {import("../net/types.js").Label} */
    const label = await api.post(`/projects/${project.id}/labels`, { name });
    store.setLabels([...store.labels.filter(({ id }) => id !== label.id), label]);
    return label;
  },
});
const commands = createCommands({
  store, history, tools, loop, view, objects, toasts,
  listed: () => panel?.shown() ?? store.list(),
  labels: () => labels,
  neighbours: { prev: data.prev, next: data.next },
  armed: () => decoder !== null,
  leave: (id) => (working ? working.leave(id) : void sync.settled().then(() => location.assign(annotateUrl(id) + location.search))),
});
const candidates = createCandidates({ root: byId("candidates", HTMLElement), loop, renderer, image, color, done: focusCanvas });
const strip = createStrip(byId("strip", HTMLElement), data.strip, image.id);
const topbar = createTopbar({ view, history });
const state = createState({ canvas, sync, topbar, armed: () => decoder !== null });

const remote = createRemote({
  api, store, sync, socket, toasts,
  image: image.id,
  project: project.id,
  imageChanged: (id, { state: imageState, embedding }) => strip.update(id, { state: imageState, embedding }),
});

const opening = createOpening({
  image, api, socket, toasts,
  model: data.model,
  modelVersion: data.modelVersion,
  notice: createNotice(byId("notice", HTMLElement)),
  browserDecoder: browserDecoder(data),
  serverDecoder: () => serverDecoder({ imageId: image.id, api, socket }),
  faster: data.decoder ? null : (browser, server) => fasterDecoder({ browser, server, size: image, changed: showDecoder }),
  showPicture,
  arm: (ready) => void bound.then(() => arm(ready)),
  changed: ({ state: imageState, embedding }) => strip.update(image.id, { state: imageState, embedding }),
  next: data.next === null ? null : () => commands.go("next"),
});

/** @param {HTMLImageElement} picture */
function showPicture(picture) {
  renderer.setPicture(picture);
  const shown = renderer.onPainted(() => (shown(), document.getElementById("poster")?.remove()));
  if (picture.naturalWidth === image.width) return;
  const version = embeddingVersion(image.sha256.slice(0, 8), data);
  import("./annotate/large.js").then(({ startLarge }) => {
    closeups = startLarge({ image, picture, api, socket, view, renderer, canvas, version, toasts });
    decoderInUse();
  }, console.warn);
}

/** @param {unknown} error */
function decodeFailed(error) {
  const reason = error instanceof Error ? error.message : String(error);
  toasts.show({ kind: "error", key: "decode", title: "The mask could not be computed", text: `${reason} The last prompt was taken back; nothing else is lost. Try it again.` });
}

/** @param {string} id */
function selectObject(id) {
  if (loop.isEmpty && !tools.active?.keepsSelection) tools.use("select");
  store.select(id);
  const annotation = store.get(id);
  if (annotation) view.reveal(annotation.bbox);
}

/** @type {import("./annotate/editing_tools.js").EditingTools | null} */
let editing = null;
// The image and the smart tool come first: what edits masks is loaded beside them.
const editable = import("./annotate/editing_tools.js").then(startEditing, editingFailed);

/** @param {typeof import("./annotate/editing_tools.js")} module */
function startEditing({ createEditingTools }) {
  editing = createEditingTools({
    image, store, objects, tools, view, shapes, toasts, color,
    ask: () => labels.ask(),
    decoder: decoderInUse,
    refine: (id) => commands.refine(id),
    changed: toolChanged,
    failed: decodeFailed,
    root: byId("tool-options", HTMLElement),
    done: focusCanvas,
  });
}

/** @type {import("./annotate/panel.js").Panel | null} the list of objects */
let panel = null;
const listing = import("./annotate/panel.js").then(startPanel, editingFailed);

/** @param {typeof import("./annotate/panel.js")} module */
function startPanel({ createPanel }) {
  panel = createPanel({
    image, api, store, sync, objects, shortcuts, renderer, toasts,
    places: { root: byId("objects", HTMLElement), count: byId("objects-count", HTMLElement), selected: byId("selected", HTMLElement) },
    decode: decodeCounts,
    select: selectObject,
    refine: commands.refine,
    done: focusCanvas,
  });
}

/** @type {import("./annotate/working.js").Working | null} */
let working = null;
const around = import("./annotate/working.js").then(startWorking, editingFailed);

/** @param {typeof import("./annotate/working.js")} module */
function startWorking({ createWorking }) {
  working = createWorking({ data, api, socket, store, objects, sync, tools, view, input, look, shortcuts, toasts, strip, canvas, done: focusCanvas });
}

function followLook() {
  view.turnTo(look.values.turns);
  store.setAlone(look.values.alone);
}

/** @param {unknown} error */
function editingFailed(error) {
  console.error(error);
  toasts.show({
    kind: "error",
    title: "The editing tools could not be loaded",
    text: "The smart tool works, and nothing is lost. Load the page again to have them all.",
    action: { label: "Load again", run: () => location.reload() },
  });
}

createColourClusters({
  root: byId("regions", HTMLElement),
  image: image.id,
  api, socket, store, objects, tools, color, toasts,
  shapes: suggestionShapes,
  ask: () => labels.ask(),
  changed: toolChanged,
  done: focusCanvas,
});

// The same holds for suggested objects, which nobody asks for in the first second.
const suggestions = editable
  .then(() => import("./annotate/object_suggestions.js"))
  .then(({ createObjectSuggestions }) => {
    return createObjectSuggestions({
      api, socket, sync, store, history, objects, tools, color, toasts,
      image: image.id,
      project: project.id,
      shapes: suggestionShapes,
      ask: () => labels.ask(),
      changed: toolChanged,
      done: focusCanvas,
    });
  })
  .catch(editingFailed);

let below = "";
function sceneChanged() {
  if (!loop.isEmpty && store.selected) store.select(null);
  // The object that is being reworked leaves the saved ones, and they step back behind a mask in the making.
  const now = `${loop.editing} ${loop.chosen() !== null}`;
  if (now !== below) renderer.invalidate("base");
  below = now;
  renderer.invalidate("scene");
  candidates.update();
  updateHistory();
}

function toolChanged() {
  renderer.invalidate("scene");
  updateHistory();
}

function updateHistory() {
  editing?.worked();
  topbar.setHistory((tools.active?.canUndo?.() ?? false) || history.canUndo, (tools.active?.canRedo?.() ?? false) || history.canRedo);
}

/** @param {Decoder} used */
function showDecoder(used) {
  canvas.dataset.decoder = used.kind;
  const { text, title } = describeDecoder(used);
  topbar.setDecoder(text, title);
}

/** @param {Decoder} ready */
function arm(ready) {
  decoder = ready;
  decoderInUse();
  showDecoder(ready);
  input.updateCursor();
  state.update();
  socket.connect();
  // After the armed tool was painted: its own requests come first, and alone.
  setTimeout(strip.showThumbnails, 250);
  /** @type {import("./annotate/working.js").Working | null} */ (working)?.armed();
  prefetch(data.strip.find(({ id }) => id === data.next), ready.kind === "browser" ? data : null);
}

store.on("label", () => renderer.invalidate("scene"));
store.on("label", candidates.update);
store.on("selection", toolChanged);
store.on("lock", toolChanged);
history.on("change", updateHistory);
store.on("annotations", () => strip.update(image.id, { annotations: store.size }));
tools.on("change", ({ tool }) => {
  canvas.dataset.tool = tool?.button ?? tool?.id ?? "";
  input.updateCursor();
  renderer.invalidate("base");
  updateHistory();
});

// Usually the armed tool brings the film strip's pictures; where that takes long they come by themselves.
setTimeout(strip.showThumbnails, 15_000);

rememberLabel(store, project.id);
// An armed tool has its keys.
const bound = Promise.all([import("./annotate/keys.js"), editable, around, listing]).then(([{ bindKeys }]) => {
  /** @param {import("../ui/object_suggestions.js").SearchKind} kind */
  const start = (kind) => void suggestions.then((them) => them?.start(kind));
  const acceptAll = () => void suggestions.then((them) => them?.acceptAll());
  bindKeys({ shortcuts, tools, store, view, input, commands, editing, panel, working, suggestions: { start, acceptAll }, canvas });
  if (carried?.tool) tools.use(carried.tool === "magic" ? "smart" : carried.tool);
}, editingFailed);
bindButtons({ commands, tools, store, view, help: () => working?.help(), focusCanvas });
measureHover(renderer, loop);
measureStrokes(renderer, () => editing?.strokeTime() ?? 0);
updateHistory();
look.on("change", followLook);
followLook();
restorePlace(view, image, carried);
tools.use("smart");
focusCanvas();

/** @param {unknown} error */
function listFailed(error) {
  const reason = error instanceof Error ? error.message : String(error);
  toasts.show({
    kind: "error",
    title: "The saved objects could not be loaded",
    text: `${reason} They are safe on the server.`,
    action: { label: "Try again", run: () => void remote.loadAll().catch(listFailed) },
  });
}

remote.watch();
await Promise.all([opening.open(), remote.loadAll().catch(listFailed).then(remote.adopt), around]);
if (carried) /** @type {import("./annotate/working.js").Working | null} */ (working)?.arrive(image.state === "ready" ? carried.paste : null);
