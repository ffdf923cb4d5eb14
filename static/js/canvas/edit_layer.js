/**
 * The mask under the brush: painted once, then only what the stroke adds or takes away, at the screen's resolution. A
 * pointer's move thus costs one short line and one copy of the canvas, however large the image and the mask are.
 * @module canvas/edit_layer
 */
import { UNLABELLED, withAlpha } from "./colors.js";
import { stroke as line } from "./masks.js";
import { createSurface } from "./surface.js";

/** @typedef {import("../tools/types.js").EditScene} EditScene */
/** @typedef {import("./surface.js").Surface} Surface */
/** @typedef {NonNullable<EditScene["stroke"]>} Stroke */

const TINT = 0.42;
/** Lines reach so far beyond what they go around, in device pixels. */
const MARGIN = 8;

/**
 * @param {import("./view.js").View} view
 * @param {import("../core/store.js").Store} store
 * @param {import("./mask_paths.js").MaskPaths} maskPaths
 * @param {import("./view_settings.js").ViewSettings} viewSettings
 */
export function createEditLayer(view, store, maskPaths, viewSettings) {
  const mask = createSurface(document.createElement("canvas"));
  const paint = createSurface(document.createElement("canvas"));
  /** What lies on the two canvases. */
  let key = "";
  /** @type {Stroke["dabs"] | null} */
  let drawn = null;
  let count = 0;
  /** What the stroke covers, in image pixels. */
  let reach = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };

  /** @param {Surface} target @param {EditScene} edit @param {string} color */
  function begin(target, { annotation }, color) {
    for (const surface of [mask, paint]) {
      surface.resize(target.canvas.width, target.canvas.height, target.ratio);
      surface.clear();
    }
    drawn = null;
    count = 0;
    reach = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
    if (!annotation || !store.isVisible(annotation.id)) return;
    const { context } = mask;
    const path = maskPaths.get(annotation).path(view.scale);
    mask.toImage(view);
    context.lineJoin = "round";
    // Under the brush an outline alone would not show what is painted: some tint stays.
    context.fillStyle = withAlpha(color, Math.min(1, TINT * Math.max(viewSettings.tint, 0.35)));
    context.fill(path, "evenodd");
    line(context, path, "rgb(0 0 0 / 0.65)", 5 / view.scale);
    line(context, path, "#fff", 3 / view.scale);
    line(context, path, color, 1.5 / view.scale);
  }

  /** Brings the stroke up to date. @param {Stroke} stroke @param {string} color */
  function follow(stroke, color) {
    drawn = stroke.dabs;
    const { context } = stroke.erase ? mask : paint;
    (stroke.erase ? mask : paint).toImage(view);
    context.globalCompositeOperation = stroke.erase ? "destination-out" : "source-over";
    context.fillStyle = context.strokeStyle = stroke.erase ? "#000" : color;
    for (; count < stroke.dabs.length; count++) {
      const dab = stroke.dabs[count];
      drawDab(context, stroke.dabs[Math.max(0, count - 1)], dab, stroke.shape);
      const half = dab.size / 2;
      reach.x0 = Math.min(reach.x0, dab.x - half);
      reach.y0 = Math.min(reach.y0, dab.y - half);
      reach.x1 = Math.max(reach.x1, dab.x + half);
      reach.y1 = Math.max(reach.y1, dab.y + half);
    }
    context.globalCompositeOperation = "source-over";
  }

  /** Only what is covered: most of a large canvas is empty. @param {Surface} target @param {Surface} from @param {typeof reach} part */
  function copy(target, from, part) {
    if (part.x0 > part.x1) return;
    const corners = [view.toCanvas(part.x0, part.y0), view.toCanvas(part.x1, part.y1)];
    const [a, b] = [Math.min, Math.max].map((pick) => ({ x: pick(corners[0].x, corners[1].x), y: pick(corners[0].y, corners[1].y) }));
    const x0 = Math.max(0, Math.floor(a.x * target.ratio) - MARGIN);
    const y0 = Math.max(0, Math.floor(a.y * target.ratio) - MARGIN);
    const x1 = Math.min(target.canvas.width, Math.ceil(b.x * target.ratio) + MARGIN);
    const y1 = Math.min(target.canvas.height, Math.ceil(b.y * target.ratio) + MARGIN);
    if (x1 > x0 && y1 > y0) target.context.drawImage(from.canvas, x0, y0, x1 - x0, y1 - y0, x0, y0, x1 - x0, y1 - y0);
  }

  return {
    /** @param {Surface} target @param {EditScene} edit @param {string} fallback the colour of an object to be */
    draw(target, edit, fallback) {
      const { annotation, stroke } = edit;
      const color = annotation ? (store.label(annotation.label)?.color ?? UNLABELLED) : fallback;
      const visible = annotation && store.isVisible(annotation.id);
      const now = [annotation?.id, annotation?.rle.counts, visible, color, view.scale, view.tx, view.ty, view.rotation, viewSettings.tint, target.canvas.width, target.canvas.height].join(" ");
      if (now !== key || (drawn && drawn !== stroke?.dabs)) begin(target, edit, color);
      key = now;
      if (stroke) follow(stroke, color);
      const { context } = target;
      context.setTransform(1, 0, 0, 1, 0, 0);
      if (annotation) {
        const [x, y, w, h] = annotation.bbox;
        copy(target, mask, { x0: x, y0: y, x1: x + w, y1: y + h });
      }
      if (stroke && !stroke.erase) {
        context.globalAlpha = TINT;
        copy(target, paint, reach);
        context.globalAlpha = 1;
      }
      if (edit.ring) drawRing(target, view, edit.ring);
    },
  };
}

/**
 * The way between two dabs.
 * @param {CanvasRenderingContext2D} context
 * @param {import("../geometry/stroke.js").Dab} a
 * @param {import("../geometry/stroke.js").Dab} b
 * @param {import("../geometry/stroke.js").BrushShape} shape
 */
function drawDab(context, a, b, shape) {
  if (shape === "square") return fillSquares(context, a, b);
  context.beginPath();
  context.lineCap = "round";
  context.lineWidth = Math.min(a.size, b.size);
  context.moveTo(a.x, a.y);
  context.lineTo(b.x, b.y);
  context.stroke();
  context.beginPath();
  context.arc(b.x, b.y, b.size / 2, 0, 2 * Math.PI);
  context.fill();
}

/** A square on its way. @param {CanvasRenderingContext2D} context @param {import("../geometry/stroke.js").Dab} a @param {import("../geometry/stroke.js").Dab} b */
function fillSquares(context, a, b) {
  const [p, q] = [a.size / 2, b.size / 2];
  context.fillRect(b.x - q, b.y - q, b.size, b.size);
  context.beginPath();
  const same = (b.x - a.x) * (b.y - a.y) >= 0 ? 1 : -1;
  context.moveTo(a.x - p, a.y + p * same);
  context.lineTo(a.x + p, a.y - p * same);
  context.lineTo(b.x + q, b.y - q * same);
  context.lineTo(b.x - q, b.y + q * same);
  context.fill();
}

/**
 * The brush's own outline: white on black, so that it is seen on everything.
 * @param {Surface} target
 * @param {import("./view.js").View} view
 * @param {NonNullable<EditScene["ring"]>} ring
 */
function drawRing(target, view, { dab, shape, erase }) {
  const { context } = target;
  const at = view.toCanvas(dab.x, dab.y);
  const half = (dab.size / 2) * view.scale;
  target.toPage();
  context.beginPath();
  if (shape === "square") context.rect(at.x - half, at.y - half, 2 * half, 2 * half);
  else context.arc(at.x, at.y, half, 0, 2 * Math.PI);
  // Too small to be seen: a cross marks the place.
  if (half < 3) for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    context.moveTo(at.x + dx * 4, at.y + dy * 4);
    context.lineTo(at.x + dx * 9, at.y + dy * 9);
  }
  context.lineWidth = 3;
  context.strokeStyle = "rgb(0 0 0 / 0.6)";
  context.stroke();
  context.lineWidth = 1.5;
  context.strokeStyle = "#fff";
  if (erase) context.setLineDash([4, 3]);
  context.stroke();
  context.setLineDash([]);
}
