/**
 * A canvas that follows its element's size in device pixels.
 * @module canvas/surface
 */

/** @typedef {ReturnType<typeof createSurface>} Surface */

/** @param {HTMLCanvasElement} canvas @param {CanvasRenderingContext2DSettings} [settings] */
export function createSurface(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (!context) throw new Error("The browser gives no 2D canvas");
  let ratio = 1;
  return {
    canvas,
    context,
    get ratio() {
      return ratio;
    },
    /** @param {number} width @param {number} height device pixels @param {number} nextRatio */
    resize(width, height, nextRatio) {
      ratio = nextRatio;
      if (canvas.width === width && canvas.height === height) return;
      canvas.width = width;
      canvas.height = height;
    },
    clear() {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
    },
    /** From here on, one unit is one image pixel. @param {import("./view.js").Placed} view */
    toImage({ scale, tx, ty, rotationMatrix: [xx, yx, xy, yy] }) {
      const s = scale * ratio;
      context.setTransform(s * xx, s * yx, s * xy, s * yy, tx * ratio, ty * ratio);
    },
    /** From here on, one unit is one CSS pixel. */
    toPage() {
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
    },
  };
}

/**
 * Sizes the surfaces like `box` and keeps doing so.
 * @param {HTMLElement} box
 * @param {Surface[]} surfaces
 * @param {(width: number, height: number) => void} resized CSS pixels
 */
export function followSize(box, surfaces, resized) {
  const observer = new ResizeObserver(([entry]) => {
    const ratio = window.devicePixelRatio || 1;
    const { inlineSize, blockSize } = entry.contentBoxSize[0];
    const exact = entry.devicePixelContentBoxSize?.[0];
    const width = Math.max(1, exact?.inlineSize ?? Math.round(inlineSize * ratio));
    const height = Math.max(1, exact?.blockSize ?? Math.round(blockSize * ratio));
    // What is drawn must fit the canvas, also where the browser's two figures disagree.
    for (const surface of surfaces) surface.resize(width, height, inlineSize > 0 ? width / inlineSize : ratio);
    resized(inlineSize, blockSize);
  });
  // Not every browser knows the exact device pixels.
  try {
    observer.observe(box, { box: "device-pixel-content-box" });
  } catch {
    observer.observe(box);
  }
  return () => observer.disconnect();
}

