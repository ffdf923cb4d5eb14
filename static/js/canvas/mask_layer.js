/**
 * The saved objects on a canvas of their own. With so many that painting them takes longer than a frame, a moving view
 * shows the last painting moved and scaled, and is made sharp again at once when it rests, now and then on the way.
 * @module canvas/mask_layer
 */
import { paintMasks } from "./masks.js";
import { createSurface } from "./surface.js";

/** @typedef {import("./masks.js").Focus} Focus */

/** Paths of more points than this are not painted anew in every frame of a movement. Browsers paint after the script,
 * so that a clock would not tell. */
const MUCH_WORK = 30000;
const REST_MS = 120;
const REFRESH_MS = 1200;

/**
 * @param {import("./view.js").View} view
 * @param {import("../core/store.js").Store} store
 * @param {import("./shapes.js").Shapes} shapes
 * @param {() => void} repaint asks for a frame in which the layer is painted anew
 */
export function createMaskLayer(view, store, shapes, repaint) {
  const surface = createSurface(document.createElement("canvas"));
  let painted = { scale: 1, tx: 0, ty: 0, at: -Infinity, work: 0 };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;

  /** @param {import("./surface.js").Surface} target @param {Focus} focus */
  function paint(target, focus) {
    surface.resize(target.canvas.width, target.canvas.height, target.ratio);
    surface.clear();
    const { complete, work } = paintMasks(surface, view, store, shapes, focus);
    painted = { scale: view.scale, tx: view.tx, ty: view.ty, at: performance.now(), work };
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
     * @param {Focus} focus
     * @param {boolean} changed whether more than the view did
     */
    draw(target, focus, changed) {
      if (!store.size || store.allHidden) return;
      clearTimeout(resting);
      if (changed || !sameSize(target)) paint(target, focus);
      else if (!sameView()) {
        const recent = performance.now() - painted.at < REFRESH_MS;
        if (recent && painted.work > MUCH_WORK) resting = setTimeout(repaint, REST_MS);
        else paint(target, focus);
      }
      show(target);
    },
  };
}
