/**
 * The saved objects on a canvas of their own.
 * @module canvas/mask_layer
 */
import { createCachedLayer } from "./cached_layer.js";
import { paintMasks } from "./masks.js";

/** @typedef {import("./masks.js").Focus} Focus */

/**
 * @param {import("./view.js").View} view
 * @param {import("../core/store.js").Store} store
 * @param {import("./shapes.js").Shapes} shapes
 * @param {() => void} repaint asks for a frame in which the layer is painted anew
 */
export function createMaskLayer(view, store, shapes, repaint) {
  /** @type {ReturnType<typeof createCachedLayer<Focus>>} */
  const layer = createCachedLayer(view, repaint, (surface, focus) => paintMasks(surface, view, store, shapes, focus));
  return {
    /** @param {import("./surface.js").Surface} target @param {Focus} focus @param {boolean} changed whether more than the view did */
    draw(target, focus, changed) {
      if (store.size && !store.allHidden) layer.draw(target, focus, changed);
    },
  };
}
