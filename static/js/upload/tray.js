/**
 * The tray of uploads: totals, and a row for each file. Only rows in sight are in the document, and the screen is
 * brought up to date once a frame however many files move.
 * @module upload/tray
 */
import { h, icon } from "../ui/element.js";
import { bytes, percent, plural } from "../ui/format.js";
import { createGrid } from "../ui/grid.js";
import { UNSENT } from "./queue.js";

/** @typedef {import("./queue.js").Upload} Upload */
/** @typedef {import("./queue.js").Uploads} Uploads */
/** @typedef {import("./queue.js").UploadState} UploadState */

/** @type {Record<UploadState, {text: string, chip: string}>} */
const STATES = {
  queued: { text: "Waiting", chip: "" },
  sending: { text: "Sending", chip: "chip-info" },
  waiting: { text: "Interrupted", chip: "chip-warn" },
  preparing: { text: "Preparing", chip: "chip-info" },
  ready: { text: "Ready", chip: "chip-ok" },
  duplicate: { text: "Already here", chip: "" },
  refused: { text: "Refused", chip: "chip-danger" },
  failed: { text: "Failed", chip: "chip-danger" },
  cancelled: { text: "Cancelled", chip: "" },
};

/** @param {{place: HTMLElement, uploads: Uploads}} options */
export function createTray({ place, uploads }) {
  const title = h("h2", { class: "tray-title" });
  const detail = h("p", { class: "tray-detail muted small" });
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Bytes sent of all files" });
  const announcement = h("p", { class: "visually-hidden", role: "status" });
  const retryAll = h("button", { class: "button button-small", type: "button", onclick: () => uploads.retryAll() }, "Retry failed");
  const cancelAll = h("button", { class: "button button-small", type: "button", onclick: () => uploads.cancelAll() }, "Cancel all");
  const clear = h("button", { class: "button button-small", type: "button", onclick: clearDone }, "Clear finished");
  const fold = h("button", { class: "button button-quiet button-icon button-small", type: "button", "aria-expanded": "true", "aria-label": "Show files", onclick: toggle }, icon("chevron-down"));
  const rows = h("ul", { class: "tray-rows", "aria-label": "Files" });
  const scroller = h("div", { class: "tray-scroll", tabindex: 0, role: "group", "aria-label": "Files, scrolling" }, rows);
  const body = h("div", { class: "tray-body" }, scroller, h("div", { class: "tray-foot" }, retryAll, cancelAll, clear));
  const root = h("section", { class: "tray", "aria-label": "Uploads", hidden: true }, h("header", { class: "tray-head" }, h("div", { class: "grow" }, title, detail), fold), bar, body, announcement);
  place.append(root);

  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const rowHeight = Math.round(3.6 * rem);
  const grid = createGrid({
    root: rows,
    scroller,
    columns: 1,
    gap: 0,
    rowHeight,
    key: (index) => uploads.list[index].id,
    create: () => createRow(uploads),
    update: (cell, index) => updateRow(cell, uploads.list[index]),
  });
  let frame = 0;
  let wasActive = false;
  /** The list follows what is being sent until somebody scrolls it. */
  let following = true;
  for (const type of ["wheel", "pointerdown", "keydown", "touchstart"]) scroller.addEventListener(type, () => (following = false), { passive: true });

  function draw() {
    frame = 0;
    const sum = uploads.summary();
    root.hidden = sum.total === 0;
    title.textContent = titleOf(sum);
    detail.textContent = detailOf(sum);
    bar.value = sum.size ? sum.sent / sum.size : 1;
    bar.hidden = sum.unsent === 0 || sum.size === 0;
    retryAll.hidden = sum.counts.failed === 0;
    cancelAll.hidden = sum.unsent === 0;
    clear.hidden = sum.total === sum.active;
    if (wasActive && sum.active === 0) announcement.textContent = `Uploads finished. ${detail.textContent}`;
    wasActive = sum.active > 0;
    grid.setTotal(sum.total);
    if (following) follow();
  }

  function follow() {
    const first = uploads.list.findIndex((upload) => UNSENT.has(upload.state));
    if (first >= 0) scroller.scrollTop = Math.max(0, first - 1) * rowHeight;
  }

  function toggle() {
    body.hidden = !body.hidden;
    fold.setAttribute("aria-expanded", String(!body.hidden));
    grid.refresh();
  }

  function clearDone() {
    uploads.clearDone();
    following = true;
    draw();
  }

  return {
    changed() {
      if (!frame) frame = requestAnimationFrame(draw);
    },
  };
}

/** @typedef {ReturnType<Uploads["summary"]>} Summary */

/** @param {Summary} sum */
function titleOf({ unsent, active, total, size, sent }) {
  if (unsent && !size) return `Fetching ${plural(unsent, "file")}`;
  if (unsent) return `Sending ${plural(unsent, "file")} · ${percent(sent / size)}`;
  if (active) return `Preparing ${plural(active, "image")}`;
  return `${plural(total, "file")} finished`;
}

/** @param {Summary} sum */
function detailOf({ counts, size, sent, unsent }) {
  const parts = [];
  if (unsent && size) parts.push(`${bytes(sent)} of ${bytes(size)}`);
  if (counts.preparing && unsent) parts.push(`${counts.preparing} preparing`);
  if (counts.ready) parts.push(`${counts.ready} ready`);
  if (counts.duplicate) parts.push(`${counts.duplicate} already here`);
  if (counts.refused) parts.push(`${counts.refused} refused`);
  if (counts.failed) parts.push(`${counts.failed} failed`);
  if (counts.cancelled) parts.push(`${counts.cancelled} cancelled`);
  return parts.join(" · ");
}

/** @param {Uploads} uploads */
function createRow(uploads) {
  const button = h("button", { class: "button button-quiet button-icon button-small", type: "button" });
  const row = h(
    "li",
    { class: "cell tray-row" },
    h("div", { class: "tray-line" }, h("span", { class: "tray-name" }), h("span", { class: "chip tray-state" }), button),
    h("div", { class: "tray-line" }, h("span", { class: "tray-note muted" }), h("progress", { max: 1, value: 0 })),
  );
  button.addEventListener("click", () => {
    const id = Number(row.dataset.upload);
    if (row.dataset.action === "retry") uploads.retry(id);
    else uploads.cancel(id);
  });
  return row;
}

/** @param {HTMLElement} row @param {Upload} upload */
function updateRow(row, upload) {
  const drawn = `${upload.id}|${upload.state}|${upload.sent}|${upload.progress}|${upload.message}`;
  if (row.dataset.drawn === drawn) return;
  row.dataset.drawn = drawn;
  row.dataset.upload = String(upload.id);
  row.dataset.state = upload.state;
  part(row, ".tray-name").textContent = upload.name;
  part(row, ".tray-name").title = upload.name;
  const chip = part(row, ".tray-state");
  chip.className = `chip tray-state ${STATES[upload.state].chip}`;
  chip.textContent = upload.url && upload.state === "sending" ? "Fetching" : STATES[upload.state].text;
  const note = part(row, ".tray-note");
  note.textContent = noteOf(upload);
  note.title = upload.message;
  updateProgress(row, upload);
  updateButton(row, upload);
}

/** @param {Upload} upload */
function noteOf(upload) {
  if (upload.message) return upload.message;
  if (upload.state === "preparing" && upload.progress) return percent(upload.progress);
  if (upload.url) return new URL(upload.url).host;
  if (upload.state === "sending") return `${bytes(upload.sent)} of ${bytes(upload.size)}`;
  return bytes(upload.size);
}

/** @param {HTMLElement} row @param {Upload} upload */
function updateProgress(row, upload) {
  const bar = /** @type {HTMLProgressElement} */ (part(row, "progress"));
  bar.hidden = (upload.state !== "sending" || Boolean(upload.url)) && upload.state !== "preparing";
  bar.setAttribute("aria-label", `${STATES[upload.state].text} ${upload.name}`);
  bar.value = upload.state === "sending" ? upload.sent / Math.max(1, upload.size) : upload.progress;
}

/** @param {HTMLElement} row @param {Upload} upload */
function updateButton(row, upload) {
  const button = part(row, "button");
  const action = UNSENT.has(upload.state) ? "cancel" : upload.state === "failed" ? "retry" : "";
  if (row.dataset.action !== action) button.replaceChildren(icon(action === "retry" ? "retry" : "close"));
  row.dataset.action = action;
  button.style.visibility = action ? "visible" : "hidden";
  button.setAttribute("aria-label", `${action === "retry" ? "Retry" : "Cancel"} ${upload.name}`);
}

/** @param {HTMLElement} row @param {string} selector @returns {HTMLElement} */
function part(row, selector) {
  return /** @type {HTMLElement} */ (row.querySelector(selector));
}
