/**
 * Between image pixels, the models' 1024 × 1024 frame and the decoder's 256 × 256 logits, which lie over that frame.
 * Source: Kirillov et al., "Segment Anything" (2023), and its reference `ResizeLongestSide`.
 * @module decoder/frame
 */

const FRAME_SIDE = 1024;
export const LOGITS_SIDE = 256;
const STRIDE = FRAME_SIDE / LOGITS_SIDE;

/** @typedef {{width: number, height: number}} Size of an image, in pixels */

/** The image's size inside the frame: its longest side is 1024. @param {Size} image @returns {Size} */
export function inputSize({ width, height }) {
  const longest = Math.max(width, height);
  const scaled = (/** @type {number} */ side) => Math.max(1, Math.floor((side * FRAME_SIDE) / longest + 0.5));
  return { width: scaled(width), height: scaled(height) };
}

/** @param {{x: number, y: number}} point image pixels @param {Size} image @returns {[number, number]} frame pixels */
export function toFrame({ x, y }, image) {
  const input = inputSize(image);
  return [(x * input.width) / image.width, (y * input.height) / image.height];
}

/** Where the centre of the pixel under a coordinate lies among the logits. @param {number} coordinate @param {number} length @param {number} scaled */
function position(coordinate, length, scaled) {
  const pixel = Math.min(Math.max(Math.floor(coordinate), 0), length - 1);
  const centre = ((pixel + 0.5) * scaled) / length / STRIDE - 0.5;
  return Math.min(Math.max(centre, 0), LOGITS_SIDE - 1);
}

/**
 * Whether the pixel under a point is inside the mask.
 * @param {Float32Array} logits
 * @param {{x: number, y: number}} point
 * @param {Size} image
 */
export function containsPoint(logits, point, image) {
  const input = inputSize(image);
  const u = position(point.x, image.width, input.width);
  const v = position(point.y, image.height, input.height);
  const left = Math.floor(u);
  const top = Math.floor(v);
  const right = Math.min(left + 1, LOGITS_SIDE - 1);
  const low = Math.min(top + 1, LOGITS_SIDE - 1);
  const a = u - left;
  const b = v - top;
  const upper = logits[top * LOGITS_SIDE + left] * (1 - a) + logits[top * LOGITS_SIDE + right] * a;
  const lower = logits[low * LOGITS_SIDE + left] * (1 - a) + logits[low * LOGITS_SIDE + right] * a;
  return upper * (1 - b) + lower * b > 0;
}

/** Intersection over union of two masks at the logits' own resolution. @param {Float32Array} first @param {Float32Array} second */
export function lowResIou(first, second) {
  let both = 0;
  let either = 0;
  for (let i = 0; i < first.length; i++) {
    const a = first[i] > 0;
    const b = second[i] > 0;
    if (a && b) both++;
    if (a || b) either++;
  }
  return either ? both / either : 1;
}
