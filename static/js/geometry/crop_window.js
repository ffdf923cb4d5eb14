/**
 * Parts of a large image that have embeddings of their own, on a grid that everybody shares; the server takes the same ones
 * (`annotations/domain/crops.py`).
 * @module geometry/crop_window
 */

/** @typedef {[number, number, number, number]} CropWindow x, y, width, height in image pixels */
/** @typedef {{x0: number, y0: number, x1: number, y1: number}} Rect */
/** @typedef {import("../net/types.js").Prompts} Prompts */

const SIDES = [256, 360, 512, 720, 1024, 1448, 2048, 2896, 4096, 5792, 8192, 11584, 16384, 23168, 32768];
/** A crop that is nearly as large as the image shows hardly more than the whole. */
const MIN_GAIN = 1.5;
const STEPS = 4;
/** At the margins of the view there may be nothing of the crop: few objects lie there. */
const MARGIN = 0.05;

/**
 * Where a crop of this side covers [from, to): nearest to its middle; null where none on the grid does.
 * @param {number} from
 * @param {number} to
 * @param {number} side
 * @param {number} length of the image
 */
function place(from, to, side, length) {
  const size = Math.min(side, length);
  const last = length - size;
  const step = side / STEPS;
  const ideal = (from + to - size) / 2;
  const below = Math.floor(ideal / step) * step;
  const starts = [below, below + step].map((start) => Math.min(Math.max(start, 0), last));
  const fitting = starts.filter((start) => start <= from && start + size >= to);
  if (!fitting.length) return null;
  return fitting.reduce((a, b) => (Math.abs(b - ideal) < Math.abs(a - ideal) ? b : a));
}

/**
 * The smallest crop that shows what is in view; null where the whole image does as well.
 * @param {Rect} view in image pixels
 * @param {{width: number, height: number}} image
 * @returns {CropWindow | null}
 */
export function cropWindowFor({ x0, y0, x1, y1 }, { width, height }) {
  const [dx, dy] = [(x1 - x0) * MARGIN, (y1 - y0) * MARGIN];
  for (const side of SIDES) {
    if (side * MIN_GAIN > Math.max(width, height)) return null;
    const x = place(x0 + dx, x1 - dx, side, width);
    const y = place(y0 + dy, y1 - dy, side, height);
    if (x !== null && y !== null) return [x, y, Math.min(side, width), Math.min(side, height)];
  }
  return null;
}

/** Whether all prompts lie in the crop. @param {CropWindow} crop @param {Prompts} prompts */
export function contains([x, y, width, height], { points, box }) {
  const has = (/** @type {number} */ px, /** @type {number} */ py) => px >= x && py >= y && px <= x + width && py <= y + height;
  return points.every((point) => has(point.x, point.y)) && (!box || (has(box.x0, box.y0) && has(box.x1, box.y1)));
}

/** The prompts in pixels of the crop. @param {CropWindow} crop @param {Prompts} prompts @returns {Prompts} */
export function inside([x, y], { points, box }) {
  return {
    points: points.map((point) => ({ ...point, x: point.x - x, y: point.y - y })),
    box: box && { ...box, x0: box.x0 - x, y0: box.y0 - y, x1: box.x1 - x, y1: box.y1 - y },
  };
}
