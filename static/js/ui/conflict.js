/**
 * Two people changed the same object: both versions side by side, and the question which one stays.
 * @module ui/conflict
 */
import { UNLABELLED, withAlpha } from "../canvas/colors.js";
import { createMaskPath } from "../canvas/mask_paths.js";
import { h, swatch } from "./element.js";

/** @typedef {import("../net/types.js").Annotation} Annotation */

/**
 * @typedef {object} ConflictContext
 * @property {import("../core/store.js").Store} store
 * @property {import("../canvas/renderer.js").Renderer} renderer
 * @property {import("../canvas/mask_paths.js").Decode} decode
 * @property {{width: number, height: number}} image
 */

const SIDE = 220;

/**
 * A part of the image with a mask on it.
 * @param {ConflictContext} context
 * @param {Pick<Annotation, "label" | "rle" | "bbox" | "area">} annotation
 * @param {{x: number, y: number, side: number}} part
 * @param {{side?: number, beside?: Pick<Annotation, "rle" | "bbox" | "area"> | null}} [how] beside: drawn as a dashed line
 */
export function picture({ store, renderer, decode, image }, annotation, part, { side = SIDE, beside = null } = {}) {
  const canvas = h("canvas", { width: side, height: side, "aria-hidden": "true" });
  const paint = canvas.getContext("2d");
  if (!paint) return canvas;
  const scale = side / part.side;
  paint.setTransform(scale, 0, 0, scale, -part.x * scale, -part.y * scale);
  if (renderer.picture) paint.drawImage(renderer.picture, 0, 0, image.width, image.height);
  const color = store.label(annotation.label)?.color ?? UNLABELLED;
  const path = createMaskPath(annotation, decode).path(scale);
  paint.fillStyle = withAlpha(color, 0.45);
  paint.fill(path, "evenodd");
  paint.strokeStyle = color;
  paint.lineWidth = 2 / scale;
  paint.stroke(path);
  if (!beside) return canvas;
  const other = createMaskPath(beside, decode).path(scale);
  for (const [style, dash] of /** @type {const} */ ([["rgb(0 0 0 / 0.7)", []], ["#fff", [6 / scale, 5 / scale]]])) {
    paint.strokeStyle = style;
    paint.setLineDash([...dash]);
    paint.stroke(other);
  }
  return canvas;
}

/** A square that holds both. @param {Pick<Annotation, "bbox">[]} both */
export function frame(both) {
  const x0 = Math.min(...both.map(({ bbox }) => bbox[0]));
  const y0 = Math.min(...both.map(({ bbox }) => bbox[1]));
  const x1 = Math.max(...both.map(({ bbox }) => bbox[0] + bbox[2]));
  const y1 = Math.max(...both.map(({ bbox }) => bbox[1] + bbox[3]));
  const side = Math.max(x1 - x0, y1 - y0, 16) * 1.2;
  return { x: (x0 + x1 - side) / 2, y: (y0 + y1 - side) / 2, side };
}

/**
 * @param {ConflictContext} context
 * @param {import("../net/outbox.js").Change} change
 * @param {Annotation | null} current null when the other deleted it
 * @returns {Promise<"mine" | "theirs">}
 */
export function askConflict(context, change, current) {
  const mine = change.full;
  const deleting = change.kind === "delete";
  const part = frame(current ? [mine, current] : [mine]);
  const who = current?.author ?? "Somebody else";

  /** @param {string} title @param {Annotation | null} annotation @param {string} gone */
  const side = (title, annotation, gone) => {
    const label = context.store.label(annotation?.label ?? null);
    return h(
      "section",
      { class: "conflict-side" },
      h("h3", {}, title),
      annotation ? picture(context, annotation, part) : h("p", { class: "conflict-gone" }, gone),
      annotation ? h("p", { class: "conflict-label" }, swatch(label?.color ?? UNLABELLED), label?.name ?? "No label") : null,
    );
  };

  return ask(
    h("p", {}, current ? "This object changed on the server while your change was on its way. Nothing is lost yet: choose which version stays." : "This object was deleted on the server while your change was on its way. Choose what stays."),
    h(
      "div",
      { class: "conflict-sides" },
      side("Yours", deleting ? null : mine, "Deleted by you"),
      side(current ? "On the server" : who, current, "Deleted"),
    ),
  );
}

/** @param {...Node} body @returns {Promise<"mine" | "theirs">} */
function ask(...body) {
  const mine = h("button", { class: "button button-primary", type: "button" }, "Keep mine");
  const theirs = h("button", { class: "button", type: "button" }, "Keep the server's");
  // The focus starts here: a reflexive Enter must not decide.
  const heading = h("h2", { id: "conflict-title", tabindex: "-1", autofocus: true }, "Two versions of one object");
  const dialog = h(
    "dialog",
    { "aria-labelledby": "conflict-title", class: "conflict" },
    h("div", { class: "dialog-head" }, heading),
    h("div", { class: "dialog-body" }, ...body),
    h("div", { class: "dialog-foot" }, theirs, mine),
  );
  // Escape must not decide which work is thrown away.
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  // Browsers let a second Escape through all the same.
  dialog.addEventListener("close", () => dialog.isConnected && dialog.showModal());
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    /** @param {"mine" | "theirs"} choice */
    const close = (choice) => () => {
      dialog.remove();
      resolve(choice);
    };
    mine.addEventListener("click", close("mine"));
    theirs.addEventListener("click", close("theirs"));
  });
}
