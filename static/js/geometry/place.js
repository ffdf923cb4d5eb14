/**
 * A mask of one image on another: moved, and cut off at the edges.
 * @module geometry/place
 */
import { append, piecesOf } from "./spans.js";

/** @typedef {import("./spans.js").Spans} Spans */

/**
 * @param {Spans} spans of an image of this height
 * @param {number} height
 * @param {{width: number, height: number}} size of the image that it comes to
 * @param {{dx: number, dy: number}} [by] whole pixels
 * @returns {{spans: Spans, cut: boolean}} cut: whether a part of it lies outside
 */
export function placeSpans(spans, height, size, { dx, dy } = { dx: 0, dy: 0 }) {
  if (height === size.height && !dx && !dy && (!spans.length || spans[spans.length - 1] <= size.width * size.height)) return { spans, cut: false };
  const { x, top, end } = piecesOf(spans, height);
  /** @type {Spans} */
  const placed = [];
  let cut = false;
  for (let k = 0; k < x.length; k++) {
    const column = x[k] + dx;
    const from = Math.max(0, top[k] + dy);
    const to = Math.min(size.height, end[k] + dy);
    const outside = column < 0 || column >= size.width || from >= to;
    cut ||= outside || to - from < end[k] - top[k];
    if (!outside) append(placed, column * size.height + from, column * size.height + to);
  }
  return { spans: placed, cut };
}
