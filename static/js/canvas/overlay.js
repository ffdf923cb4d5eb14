/**
 * Paints a tool at work: the mask of the prompts so far, the mask that a click would give, points and boxes.
 * Low-resolution logits are drawn as their zero line, so nothing is ever upscaled to the image's size.
 * @module canvas/overlay
 */
import { withAlpha } from "./colors.js";
import { samFrame } from "../geometry/logits.js";
import { contourLogits } from "../geometry/contour.js";
import { stroke } from "./masks.js";
import { outlineRuns } from "../geometry/outline.js";
import { tracePath } from "./mask_paths.js";

/** @typedef {import("../tools/types.js").Candidate} Candidate */
/** @typedef {import("../tools/types.js").Scene} Scene */
/** @typedef {{width: number, height: number}} Size */

const LOGIT_STRIDE = 4;

/**
 * Where logit coordinates lie in the image: x = (u + ½) · step.
 * @param {Size} image
 */
export function logitSteps({ width, height }) {
  const { inputWidth, inputHeight } = samFrame(width, height);
  return { x: (LOGIT_STRIDE * width) / inputWidth, y: (LOGIT_STRIDE * height) / inputHeight };
}

/** @typedef {{path: Path2D, box: {x0: number, y0: number, x1: number, y1: number}}} Outline box is infinite and inverted when empty */
/** @typedef {ReturnType<typeof createOutlines>} Outlines */

/**
 * A candidate's outline in image pixels, made once.
 * @param {Size} image
 * @param {import("./mask_paths.js").Decode} decode
 */
export function createOutlines(image, decode) {
  /** @type {WeakMap<Candidate, Outline>} */
  const made = new WeakMap();

  /** @param {Float32Array} logits @param {Candidate["crop"]} crop */
  function ringsOfLogits(logits, [left, top, width, height] = [0, 0, image.width, image.height]) {
    const { x, y } = logitSteps({ width, height });
    return contourLogits(logits).map((ring) => ring.map((value, k) => (value + 0.5) * (k % 2 ? y : x) + (k % 2 ? top : left)));
  }

  /** @param {Candidate} candidate @returns {ArrayLike<number>[]} */
  function ringsOf({ logits, rle, crop }) {
    if (logits) return ringsOfLogits(logits, crop);
    return rle ? outlineRuns(decode(rle.counts), rle.size[0]) : [];
  }

  /** @param {Candidate} candidate */
  return (candidate) => {
    let outline = made.get(candidate);
    if (!outline) {
      const rings = ringsOf(candidate);
      outline = { path: tracePath(rings), box: bounds(rings) };
      made.set(candidate, outline);
    }
    return outline;
  };
}

/** @param {ArrayLike<number>[]} rings */
function bounds(rings) {
  const box = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
  for (const ring of rings) {
    for (let k = 0; k < ring.length; k += 2) {
      box.x0 = Math.min(box.x0, ring[k]);
      box.x1 = Math.max(box.x1, ring[k]);
      box.y0 = Math.min(box.y0, ring[k + 1]);
      box.y1 = Math.max(box.y1, ring[k + 1]);
    }
  }
  return box;
}

/**
 * @param {import("./surface.js").Surface} surface
 * @param {import("./view.js").View} view
 * @param {Scene} scene
 * @param {Outlines} outlineOf
 * @param {Size} image
 */
export function paintScene(surface, view, scene, outlineOf, image) {
  const { context } = surface;
  context.save();
  surface.toImage(view);
  context.beginPath();
  context.rect(0, 0, image.width, image.height);
  context.clip();
  context.lineJoin = "round";
  if (scene.mask) paintMask(context, outlineOf(scene.mask).path, scene.color, view.scale);
  if (scene.hover && scene.mask) paintChange(context, outlineOf(scene.hover).path, view.scale);
  else if (scene.hover) paintHover(context, outlineOf(scene.hover).path, scene.color, view.scale);
  context.restore();
  surface.toPage();
  if (scene.box) paintBox(context, view, scene.box, false);
  if (scene.draftBox) paintBox(context, view, scene.draftBox, true);
  for (const point of scene.points) paintPoint(context, view, point);
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {string} color @param {number} scale */
function paintMask(context, path, color, scale) {
  context.fillStyle = withAlpha(color, 0.45);
  context.fill(path, "evenodd");
  stroke(context, path, "rgb(0 0 0 / 0.55)", 4 / scale);
  stroke(context, path, "#fff", 2 / scale);
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {string} color @param {number} scale */
function paintHover(context, path, color, scale) {
  context.fillStyle = withAlpha(color, 0.3);
  context.fill(path, "evenodd");
  stroke(context, path, "rgb(0 0 0 / 0.45)", 3.5 / scale);
  stroke(context, path, color, 1.75 / scale);
}

/**
 * What one more click would make of the mask: a dashed line that leaves the present mask readable.
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {number} scale
 */
function paintChange(context, path, scale) {
  stroke(context, path, "rgb(0 0 0 / 0.5)", 1.5 / scale);
  context.setLineDash([5 / scale, 4 / scale]);
  stroke(context, path, "rgb(255 255 255 / 0.9)", 1.5 / scale);
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./view.js").View} view
 * @param {{x0: number, y0: number, x1: number, y1: number}} box
 * @param {boolean} draft
 */
function paintBox(context, view, box, draft) {
  const a = view.toCanvas(box.x0, box.y0);
  const b = view.toCanvas(box.x1, box.y1);
  const rect = /** @type {const} */ ([a.x, a.y, b.x - a.x, b.y - a.y]);
  context.strokeStyle = "rgb(0 0 0 / 0.6)";
  context.lineWidth = 3;
  context.strokeRect(...rect);
  context.strokeStyle = "#fff";
  context.lineWidth = 1.5;
  context.setLineDash(draft ? [] : [6, 4]);
  context.strokeRect(...rect);
  context.setLineDash([]);
  if (draft) {
    context.fillStyle = "rgb(255 255 255 / 0.08)";
    context.fillRect(...rect);
  }
}

/**
 * Plus and minus, not colour alone, tell foreground from background.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./view.js").View} view
 * @param {{x: number, y: number, label: 0 | 1, pending?: boolean}} point
 */
function paintPoint(context, view, point) {
  const { x, y } = view.toCanvas(point.x, point.y);
  context.globalAlpha = point.pending ? 0.6 : 1;
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.fillStyle = point.label ? "#12803c" : "#c62828";
  context.fill();
  context.lineWidth = 1.75;
  context.strokeStyle = "#fff";
  context.stroke();
  context.beginPath();
  context.moveTo(x - 3.25, y);
  context.lineTo(x + 3.25, y);
  if (point.label) {
    context.moveTo(x, y - 3.25);
    context.lineTo(x, y + 3.25);
  }
  context.stroke();
  context.globalAlpha = 1;
}

/**
 * The keyboard's pointer.
 * @param {import("./surface.js").Surface} surface
 * @param {import("./view.js").View} view
 * @param {{x: number, y: number}} at
 */
export function paintCrosshair(surface, view, at) {
  const { context } = surface;
  const { x, y } = view.toCanvas(at.x, at.y);
  surface.toPage();
  context.beginPath();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    context.moveTo(x + dx * 4, y + dy * 4);
    context.lineTo(x + dx * 14, y + dy * 14);
  }
  context.lineWidth = 4;
  context.strokeStyle = "rgb(0 0 0 / 0.7)";
  context.stroke();
  context.lineWidth = 1.75;
  context.strokeStyle = "#fff";
  context.stroke();
}
