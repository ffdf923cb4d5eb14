/**
 * Paints a polygon in the making or a mask's outline with its corners, and the line of a cut.
 * @module canvas/polygon_layer
 */
import { withAlpha } from "./colors.js";
import { tracePath } from "./mask_paths.js";

/** @typedef {import("../tools/types.js").PolygonScene} PolygonScene */
/** @typedef {import("./surface.js").Surface} Surface */
/** @typedef {import("./view.js").View} View */

/** With more corners in sight than this, only those near the pointer would help: they are drawn small. */
const MANY = 400;

/** @param {Surface} surface @param {View} view @param {PolygonScene} scene @param {string} color */
export function paintPolygon(surface, view, scene, color) {
  const { context } = surface;
  const closed = scene.open ? scene.rings.slice(0, -1) : scene.rings;
  const path = tracePath(closed);
  surface.toImage(view);
  context.lineJoin = "round";
  context.fillStyle = withAlpha(color, 0.4);
  if (scene.filled) context.fill(path, "evenodd");
  edge(context, path, color, view.scale);
  if (scene.open) paintOpen(context, scene, color, view.scale);
  surface.toPage();
  paintCorners(context, view, scene);
  if (scene.next && scene.snapped) dot(context, view.toCanvas(scene.next.x, scene.next.y), 5, "#ffd23f");
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {string} color @param {number} scale */
function edge(context, path, color, scale) {
  for (const [style, width] of /** @type {[string, number][]} */ ([["rgb(0 0 0 / 0.6)", 4], ["#fff", 2.5], [color, 1.25]])) {
    context.strokeStyle = style;
    context.lineWidth = width / scale;
    context.stroke(path);
  }
}

/** @param {CanvasRenderingContext2D} context @param {PolygonScene} scene @param {string} color @param {number} scale */
function paintOpen(context, { rings, next, closing }, color, scale) {
  const ring = rings[rings.length - 1];
  const all = next && !closing ? [...ring, next.x, next.y] : ring;
  const area = tracePath([all]);
  context.fillStyle = withAlpha(color, 0.22);
  context.fill(area, "evenodd");
  const line = new Path2D();
  for (let k = 0; k < ring.length; k += 2) line.lineTo(ring[k], ring[k + 1]);
  edge(context, line, color, scale);
  if (!next || !ring.length) return;
  // What a click would add is not there yet: dashes.
  context.setLineDash([5 / scale, 4 / scale]);
  const rest = new Path2D();
  rest.moveTo(ring[ring.length - 2], ring[ring.length - 1]);
  if (closing) rest.lineTo(ring[0], ring[1]);
  else rest.lineTo(next.x, next.y);
  edge(context, rest, color, scale);
  context.setLineDash([]);
}

/** @param {CanvasRenderingContext2D} context @param {View} view @param {PolygonScene} scene */
function paintCorners(context, view, { rings, hot, open, closing }) {
  const { x0, y0, x1, y1 } = view.visible();
  const total = rings.reduce((sum, ring) => sum + ring.length / 2, 0);
  const radius = total > MANY ? 2.25 : 4;
  rings.forEach((ring, r) => {
    for (let k = 0; k < ring.length; k += 2) {
      if (ring[k] < x0 || ring[k + 1] < y0 || ring[k] > x1 || ring[k + 1] > y1) continue;
      const isHot = hot?.ring === r && hot.corner === k / 2;
      const isStart = open && r === rings.length - 1 && k === 0;
      const size = isHot || (isStart && closing) ? 7 : isStart ? 5.5 : radius;
      dot(context, view.toCanvas(ring[k], ring[k + 1]), size, isHot ? "#ffd23f" : isStart ? "#7ddc8b" : "#fff");
    }
  });
}

/** @param {CanvasRenderingContext2D} context @param {{x: number, y: number}} at @param {number} radius @param {string} fill */
function dot(context, { x, y }, radius, fill) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 1.25;
  context.strokeStyle = "rgb(0 0 0 / 0.8)";
  context.stroke();
}

/** @param {Surface} surface @param {View} view @param {{x0: number, y0: number, x1: number, y1: number}} line */
export function paintCut(surface, view, line) {
  const { context } = surface;
  const a = view.toCanvas(line.x0, line.y0);
  const b = view.toCanvas(line.x1, line.y1);
  surface.toPage();
  context.beginPath();
  context.moveTo(a.x, a.y);
  context.lineTo(b.x, b.y);
  context.lineWidth = 4;
  context.strokeStyle = "rgb(0 0 0 / 0.7)";
  context.stroke();
  context.lineWidth = 1.75;
  context.strokeStyle = "#ffd23f";
  context.stroke();
  for (const end of [a, b]) dot(context, end, 4, "#ffd23f");
}
