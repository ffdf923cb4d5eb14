/**
 * One image in the grid: picture, name, state, checkbox. Made once, then only what changed is touched.
 * @module pages/project/cards
 */
import { h, icon } from "../../ui/element.js";
import { percent, plural } from "../../ui/format.js";

/** @typedef {import("../../net/types.js").ImageInfo} ImageInfo */

/**
 * What an image's state is called, and how far its preparation is.
 * @param {ImageInfo} image
 * @param {number | undefined} progress of the job that prepares it
 * @returns {{kind: "ok" | "busy" | "refused" | "ready" | "warn", text: string, title: string}}
 */
export function stateOf(image, progress) {
  if (image.state === "refused") return { kind: "refused", text: "Refused", title: image.error?.message ?? "The image could not be read." };
  if (image.state === "preparing" || image.embedding === "queued" || image.embedding === "running") {
    return { kind: "busy", text: progress ? `Preparing ${percent(progress)}` : "Preparing", title: "Its smart masks are being prepared." };
  }
  if (image.work === "submitted") return { kind: "ok", text: image.annotations ? `Submitted · ${image.annotations}` : "Submitted", title: `Submitted${by(image)}, with ${plural(image.annotations, "object")}` };
  if (image.work === "skipped") return { kind: "warn", text: "Skipped", title: `Skipped${by(image)}: ${image.skipReason}` };
  if (image.annotations > 0) return { kind: "ok", text: plural(image.annotations, "object"), title: "Annotated" };
  if (image.embedding === "failed") return { kind: "warn", text: "No smart masks", title: image.error?.message ?? "Preparing its smart masks failed." };
  return { kind: "ready", text: "Ready", title: "Ready to annotate" };
}

/** @param {ImageInfo} image */
const by = ({ workBy }) => (workBy ? ` by ${workBy}` : "");

const CHIPS = { ok: "chip-ok", busy: "chip-info", refused: "chip-danger", warn: "chip-warn", ready: "" };

/** A cell for an image that is not loaded yet. */
export function createPlaceholder() {
  return h("li", { class: "cell cell-empty", "aria-hidden": "true" });
}

/** @param {ImageInfo} image */
export function createCard(image) {
  const link = h("a", { class: "card-link" }, h("span", { class: "card-name" }));
  return h(
    "li",
    { class: "cell", dataset: { id: String(image.id) } },
    h("div", { class: "card-picture" }, h("span", { class: "card-blank" }, icon("image"))),
    h("div", { class: "card-text" }, link, h("span", { class: "chip card-state" })),
    h("p", { class: "card-reason" }),
    h("label", { class: "card-check" }, h("input", { type: "checkbox" })),
  );
}

/**
 * @param {HTMLElement} cell
 * @param {ImageInfo} image
 * @param {{selected: boolean, progress: number | undefined}} view
 */
export function updateCard(cell, image, { selected, progress }) {
  const state = stateOf(image, progress);
  const drawn = `${image.name}|${state.kind}|${state.text}|${state.title}|${selected}|${image.state}`;
  if (cell.dataset.drawn === drawn) return;
  cell.dataset.drawn = drawn;
  cell.classList.toggle("is-selected", selected);
  cell.classList.toggle("is-refused", image.state === "refused");
  updateLink(cell, image, state);
  updatePicture(cell, image);
  const chip = part(cell, ".card-state");
  chip.className = `chip card-state ${CHIPS[state.kind]}`;
  chip.textContent = state.text;
  chip.title = state.title;
  part(cell, ".card-reason").textContent = image.state === "refused" ? state.title : "";
  const box = /** @type {HTMLInputElement} */ (part(cell, ".card-check input"));
  box.checked = selected;
  box.setAttribute("aria-label", `Select ${image.name}`);
}

/** @param {HTMLElement} cell @param {ImageInfo} image @param {{text: string}} state */
function updateLink(cell, image, state) {
  const link = part(cell, ".card-link");
  part(cell, ".card-name").textContent = image.name;
  link.title = `${image.name} · ${image.width} × ${image.height}`;
  link.setAttribute("aria-label", `${image.name}, ${state.text}`);
  // Without an address a link is neither clicked nor reached: there is nothing to annotate yet.
  if (image.state === "ready") link.setAttribute("href", `/images/${image.id}/annotate/`);
  else link.removeAttribute("href");
}

/** @param {HTMLElement} cell @param {ImageInfo} image */
function updatePicture(cell, image) {
  const frame = part(cell, ".card-picture");
  const old = frame.querySelector("img");
  if (image.state !== "ready") {
    old?.remove();
    return;
  }
  if (old) return;
  const picture = h("img", { alt: "", decoding: "async", draggable: "false", width: image.width, height: image.height });
  picture.addEventListener("load", () => picture.classList.add("is-loaded"));
  picture.addEventListener("error", () => {
    picture.remove();
    delete cell.dataset.drawn;
  });
  picture.src = `/api/images/${image.id}/thumbnail?size=256&v=${image.sha256.slice(0, 8)}`;
  frame.append(picture);
}

/** Stops what a cell out of sight still loads: those in sight come first. @param {HTMLElement} cell */
export function releaseCard(cell) {
  const picture = cell.querySelector("img");
  if (picture && !picture.complete) picture.removeAttribute("src");
}

/** @param {HTMLElement} cell @param {string} selector @returns {HTMLElement} */
function part(cell, selector) {
  return /** @type {HTMLElement} */ (cell.querySelector(selector));
}
