/**
 * A project's page: its images, the files on their way in, and what is done with many at once.
 * @module pages/project
 */
import { createSocket } from "../net/socket.js";
import { byId, h, icon } from "../ui/element.js";
import { plural } from "../ui/format.js";
import { createGrid } from "../ui/grid.js";
import { askForAddresses, createFetcher, nameOf } from "../upload/by_url.js";
import { createIntake } from "../upload/intake.js";
import { createUploads } from "../upload/queue.js";
import { createTransport } from "../upload/transport.js";
import { createTray } from "../upload/tray.js";
import { begin, throttle } from "./common.js";
import { createCard, createPlaceholder, releaseCard, updateCard } from "./project/cards.js";
import { openExport } from "./project/export.js";
import { createFilters } from "./project/filters.js";
import { addGridKeys } from "./project/grid_keys.js";
import { createImages } from "./project/images.js";
import { createSelection, deleteImages } from "./project/selection.js";

const { data, api, report } = begin();
const path = `/projects/${data.project.id}`;
const root = byId("grid", HTMLUListElement);
const empty = byId("grid-empty", HTMLElement);
const status = byId("grid-status", HTMLElement);
const countsLine = byId("project-counts", HTMLElement);
let counts = data.project.counts;

// --- The grid ---------------------------------------------------------------------------------

/** @type {Map<number, number>} how far the job that prepares an image is */
const progress = new Map();
const images = createImages({
  fetchPage: (query) => api.get(`${path}/images`, { query }),
  fetchOne: (id) => api.get(`/images/${id}`),
  onChange: () => changed(),
  onError: (error) => report("The images could not be loaded", error),
});
const selection = createSelection({
  bar: byId("selection", HTMLElement),
  instead: byId("filters", HTMLFormElement),
  onChange: () => grid.refresh(),
  onExport: (ids) => openExport({ api, socket, project: data.project.id, images: ids.length, ids }),
  onDelete: (ids) => void remove(ids),
  allIds: () => images.ids(),
});
const keyOf = (/** @type {number} */ index) => images.at(index)?.id ?? `blank-${index}`;
const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
const grid = createGrid({
  root,
  minWidth: 10.5 * rem,
  gap: 14,
  ratio: 0.75,
  extra: Math.round(3.9 * rem),
  key: keyOf,
  create(index) {
    const image = images.at(index);
    return image ? createCard(image) : createPlaceholder();
  },
  update(cell, index) {
    const image = images.at(index);
    if (image) updateCard(cell, image, { selected: selection.has(image.id), progress: progress.get(image.id) });
  },
  release: releaseCard,
  onRange: (_first, last) => images.ensure(last + grid.columns * 8),
});
addGridKeys({ root, grid, total: () => images.total, key: keyOf, toggle: (cell) => toggle(cell, false) });

root.addEventListener("click", (event) => {
  const box = event.target instanceof HTMLInputElement ? event.target : null;
  const cell = box?.closest(".cell");
  if (box && cell instanceof HTMLElement) selection.set(Number(cell.dataset.id), box.checked, event.shiftKey ? images.between : undefined);
});

/** @param {HTMLElement} cell @param {boolean} range */
function toggle(cell, range) {
  const id = Number(cell.dataset.id);
  if (id) selection.set(id, !selection.has(id), range ? images.between : undefined);
}

function changed() {
  grid.setTotal(images.total);
  root.setAttribute("aria-busy", String(images.state === "loading"));
  drawCounts();
  drawEmpty();
}

function drawCounts() {
  const n = images.known;
  countsLine.textContent = `${plural(n, "image")} · ${counts.annotated} annotated · ${plural(counts.annotations, "object")}${counts.submitted ? ` · ${counts.submitted} submitted` : ""}`;
  if (images.state === "idle") status.textContent = images.filtered ? `${images.complete ? "" : "More than "}${plural(images.loaded, "image")} found` : "";
}

function drawEmpty() {
  const show = images.state !== "loading" && images.loaded === 0;
  empty.hidden = !show;
  root.hidden = show;
  if (!show || empty.dataset.shown === `${images.state}${images.filtered}`) return;
  empty.dataset.shown = `${images.state}${images.filtered}`;
  empty.replaceChildren(emptyState());
}

function emptyState() {
  if (images.state === "failed") return block("alert", "The images could not be loaded", "Nothing is lost. Check the connection and try again.", "Try again", () => void images.retry());
  if (images.filtered) return block("search", "No image matches", "Try another name, state or label.", "Clear filters", () => filters.reset());
  return block("image", "Drop images here", "JPEG, PNG, WebP, BMP, GIF and TIFF. Drop files or whole folders anywhere on the page, paste a picture, or pick them.", "Add images", () => byId("files", HTMLInputElement).click());
}

/** @param {string} picture @param {string} title @param {string} text @param {string} action @param {() => void} run */
function block(picture, title, text, action, run) {
  return h("section", { class: "empty" }, icon(picture), h("h2", {}, title), h("p", { class: "muted" }, text), h("button", { class: "button button-primary", type: "button", onclick: run }, action));
}

const filters = createFilters({
  labels: data.project.labels,
  onChange: (query) => {
    selection.clear();
    scrollTo({ top: 0 });
    void images.reload(query);
  },
});

// --- Many at once -----------------------------------------------------------------------------

byId("export", HTMLButtonElement).addEventListener("click", () => openExport({ api, socket, project: data.project.id, images: images.known }));

/** @param {number[]} ids */
async function remove(ids) {
  const objects = ids.reduce((sum, id) => sum + (images.get(id)?.annotations ?? 0), 0);
  await deleteImages(ids, { objects, remove: (id) => api.delete(`/images/${id}`), onDeleted: gone });
  refreshCounts();
}

/** @param {number} id */
function gone(id) {
  images.remove(id);
  selection.forget(id);
  progress.delete(id);
}

// --- Files in ---------------------------------------------------------------------------------

const uploads = createUploads({
  send: createTransport(`/api${path}/images`),
  fetchUrl: (url, given) => fetchUrl(url, given),
  maxBytes: data.limits.bytes,
  onChange: () => tray.changed(),
  onAccepted: (image, duplicate) => {
    if (!duplicate) images.put(image);
  },
});
const tray = createTray({ place: byId("tray-place", HTMLElement), uploads });
createIntake({
  veil: byId("drop-veil", HTMLElement),
  pickers: [byId("files", HTMLInputElement), byId("folder", HTMLInputElement)],
  onFiles: (files) => uploads.add(files),
  onUrls: addUrls,
});

/** @param {string[]} urls */
function addUrls(urls) {
  uploads.addUrls(urls.map((url) => ({ url, name: nameOf(url) })));
}
byId("pick-urls", HTMLButtonElement).addEventListener("click", () => askForAddresses({ add: addUrls }));
byId("pick-files", HTMLButtonElement).addEventListener("click", () => byId("files", HTMLInputElement).click());
byId("pick-folder", HTMLButtonElement).addEventListener("click", () => byId("folder", HTMLInputElement).click());
addEventListener("beforeunload", (event) => {
  if (uploads.summary().unsent > 0) event.preventDefault();
});

// --- News -------------------------------------------------------------------------------------

const socket = createSocket({ url: data.wsUrl });
const fetchUrl = createFetcher({ api, socket, project: data.project.id });
/** @type {Set<number>} images whose row has to be fetched anew */
const stale = new Set();
const MANY = 30;

const fetchStale = throttle(() => {
  const ids = [...stale];
  stale.clear();
  if (ids.length > MANY) void images.reload();
  else void images.refetch(ids);
}, 1000);

const refreshCounts = throttle(async () => {
  try {
    const project = await api.get(path);
    counts = project.counts;
    filters.setLabels(project.labels);
    images.setKnown(counts.images);
  } catch {
    // The next event brings another try.
  }
}, 1500);

/** @param {number} id */
function refresh(id) {
  stale.add(id);
  fetchStale();
}

socket.on("image.updated", (event) => {
  if (event.embedding === "ready" || event.embedding === "failed" || event.state === "refused") progress.delete(event.id);
  uploads.imageUpdated(event);
  images.patch(event);
  // Who submitted or skipped it, and why, is not in the event.
  if (event.work) {
    refreshCounts();
    if (images.get(event.id)) refresh(event.id);
  }
});
socket.on("image.created", ({ id }) => {
  refreshCounts();
  // Our own uploads bring their image with the answer; what others add has to be fetched.
  if (!images.get(id) && !images.filtered) setTimeout(() => images.get(id) ?? refresh(id), 1500);
});
socket.on("image.deleted", ({ id }) => {
  uploads.imageDeleted(id);
  gone(id);
  refreshCounts();
});
socket.on("job.updated", (job) => {
  uploads.jobUpdated(job);
  if (job.image && job.status === "Running" && (job.kind === "embed" || job.kind === "prepare") && images.get(job.image)) {
    progress.set(job.image, job.progress);
    grid.refresh();
  }
});
for (const type of ["annotation.created", "annotation.updated", "annotation.deleted"]) {
  socket.on(type, ({ image }) => {
    refreshCounts();
    if (images.get(image)) refresh(image);
  });
}
socket.on("project.updated", refreshCounts);
/** @type {object | null} what was asked for when the socket opened */
let before = null;
// After the first pictures. What was asked for since then is newer than the socket.
const reloadSoon = throttle(async () => {
  await loaded;
  if (images.query === before) await images.reload();
}, 1000);
socket.onOpen(() => {
  before = images.query;
  refreshCounts();
  reloadSoon();
  void askAwaited();
});
images.setKnown(counts.images);
const loaded = images.reload(filters.query());
socket.connect();

const ASK_EVERY = 20_000;
let lastEvent = Date.now();
for (const type of ["job.updated", "image.updated"]) socket.on(type, () => void (lastEvent = Date.now()));

/** Events are hints and may be lost: what is still awaited is asked for now and then. */
async function askAwaited() {
  for (const id of uploads.awaited().slice(0, MANY)) {
    try {
      uploads.imageUpdated(await api.get(`/images/${id}`));
    } catch {
      return;
    }
  }
}
setInterval(() => {
  if (document.hidden) return;
  void askAwaited();
  // While others are being prepared there are events.
  if (Date.now() - lastEvent >= ASK_EVERY) void images.refetch(images.unfinished().slice(0, MANY));
}, ASK_EVERY);

await loaded;
