/**
 * What helps to read the image and is no part of it: lines between large pixels, and the names of the objects.
 * @module canvas/marks
 */
import { colorOf, isShown, overlaps } from "./masks.js";

/** @typedef {import("./surface.js").Surface} Surface */
/** @typedef {import("./view.js").View} View */

/** From so many CSS pixels for one of the image's, lines between them help more than they hide. */
const GRID_FROM = 9;
/** With more names than this nothing could be read. */
const MAX_TAGS = 300;
/** An object that is smaller on the screen (CSS pixels) is not named, unless it is selected. */
const MIN_TAG_SIZE = 10;
const FONT = "600 11px system-ui, sans-serif";

/** @param {Surface} surface @param {View} view */
export function paintGrid(surface, view) {
  if (view.scale < GRID_FROM) return;
  const { context, ratio } = surface;
  const { x0, y0, x1, y1 } = view.visible();
  // On whole device pixels, so that each line is one of them wide.
  const device = (/** @type {number} */ x, /** @type {number} */ y) => {
    const at = view.toCanvas(x, y);
    return /** @type {const} */ ([Math.round(at.x * ratio) + 0.5, Math.round(at.y * ratio) + 0.5]);
  };
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.beginPath();
  for (let x = Math.ceil(x0); x <= x1; x++) {
    context.moveTo(...device(x, y0));
    context.lineTo(...device(x, y1));
  }
  for (let y = Math.ceil(y0); y <= y1; y++) {
    context.moveTo(...device(x0, y));
    context.lineTo(...device(x1, y));
  }
  // Seen on light and on dark pixels alike.
  context.lineWidth = 1;
  context.strokeStyle = "rgb(128 128 128 / 0.55)";
  context.stroke();
}

/**
 * Where an object's box lies on the canvas.
 * @param {View} view
 * @param {[number, number, number, number]} bbox
 */
function onCanvas(view, [x, y, w, h]) {
  const [a, b] = [view.toCanvas(x, y), view.toCanvas(x + w, y + h)];
  return { left: Math.min(a.x, b.x), top: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

/**
 * @param {Surface} surface
 * @param {View} view
 * @param {import("../core/store.js").Store} store
 * @param {import("./masks.js").Focus} focus
 */
export function paintTags(surface, view, store, focus) {
  const seen = view.visible();
  const { context } = surface;
  surface.toPage();
  context.font = FONT;
  context.textBaseline = "middle";
  let count = 0;
  for (const annotation of store.list()) {
    if (count >= MAX_TAGS) return;
    if (!isShown(annotation, store, focus.except) || !overlaps(annotation, seen)) continue;
    const { left, top, width, height } = onCanvas(view, annotation.bbox);
    if (Math.max(width, height) < MIN_TAG_SIZE && !store.isSelected(annotation.id)) continue;
    count++;
    paintTag(context, store.label(annotation.label)?.name ?? "No label", colorOf(annotation, store), Math.max(left, 2), Math.max(top - 17, 2));
  }
}

/** @param {CanvasRenderingContext2D} context @param {string} name @param {string} color @param {number} x @param {number} y */
function paintTag(context, name, color, x, y) {
  const text = name.length > 24 ? `${name.slice(0, 23)}…` : name;
  const width = context.measureText(text).width + 18;
  context.fillStyle = "rgb(12 15 19 / 0.82)";
  context.beginPath();
  context.roundRect(x, y, width, 16, 3);
  context.fill();
  context.fillStyle = color;
  context.beginPath();
  context.arc(x + 7, y + 8, 3, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = "#fff";
  context.fillText(text, x + 13, y + 8.5);
}
