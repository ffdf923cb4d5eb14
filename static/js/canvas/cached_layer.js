/**
 * Many paths on a canvas of their own. With so many that painting them takes longer than a frame, a moving view shows
 * the last painting moved and scaled, and is made sharp again at once when it rests, now and then on the way.
 * @module canvas/cached_layer
 */
import { createSurface } from "./surface.js";

/** Paths of more points than this are not painted anew in every frame of a movement. Browsers paint after the script,
 * so that a clock would not tell. */
const MUCH_WORK = 30000;
const REST_MS = 120;
const REFRESH_MS = 1200;

/**
 * @template T
 * @param {import("./view.js").View} view
 * @param {() => void} repaint asks for a frame in which the layer is painted anew
 * @param {(surface: import("./surface.js").Surface, what: T) => {complete: boolean, work: number}} paintAll tells
 *   whether all is painted, and how many points that took
 */
export function createCachedLayer(view, repaint, paintAll) {
  const surface = createSurface(document.createElement("canvas"));
  let painted = { scale: 1, tx: 0, ty: 0, rotation: 0, at: -Infinity, work: 0 };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;

  /** @param {import("./surface.js").Surface} target @param {T} what */
  function paint(target, what) {
    surface.resize(target.canvas.width, target.canvas.height, target.ratio);
    surface.clear();
    const { complete, work } = paintAll(surface, what);
    painted = { scale: view.scale, tx: view.tx, ty: view.ty, rotation: view.rotation, at: performance.now(), work };
    if (!complete) repaint();
  }

  /** @param {import("./surface.js").Surface} target */
  function show(target) {
    const { context, ratio } = target;
    const scale = view.scale / painted.scale;
    const x = (view.tx - painted.tx * scale) * ratio;
    const y = (view.ty - painted.ty * scale) * ratio;
    context.setTransform(scale, 0, 0, scale, x, y);
    context.imageSmoothingEnabled = true;
    context.drawImage(surface.canvas, 0, 0);
  }

  /** @param {import("./surface.js").Surface} target */
  function sameSize(target) {
    return surface.canvas.width === target.canvas.width && surface.canvas.height === target.canvas.height;
  }

  function sameView() {
    return painted.scale === view.scale && painted.tx === view.tx && painted.ty === view.ty;
  }

  return {
    /**
     * @param {import("./surface.js").Surface} target
     * @param {T} what
     * @param {boolean} changed whether more than the view did
     */
    draw(target, what, changed) {
      clearTimeout(resting);
      if (changed || !sameSize(target) || painted.rotation !== view.rotation) paint(target, what);
      else if (!sameView()) {
        const recent = performance.now() - painted.at < REFRESH_MS;
        if (recent && painted.work > MUCH_WORK) resting = setTimeout(repaint, REST_MS);
        else paint(target, what);
      }
      show(target);
    },
  };
}
