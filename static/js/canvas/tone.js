/**
 * The picture's brightness, contrast and gamma: a copy of it made once for each setting, so that a moving view costs nothing
 * more. Masks are drawn elsewhere and keep their colours.
 * @module canvas/tone
 */

/** @typedef {Pick<import("./view_settings.js").ViewSettingsValues, "brightness" | "contrast" | "gamma">} Tone */
/** @typedef {HTMLImageElement | ImageBitmap | HTMLCanvasElement} Picture */

/**
 * What becomes of each of the 256 levels; null when all stay as they are. Gamma bends the curve between black and white,
 * contrast turns it around the middle, brightness lifts it.
 * @param {Tone} tone
 * @returns {Uint8ClampedArray | null}
 */
export function toneCurve({ brightness, contrast, gamma }) {
  if (brightness === 0 && contrast === 0 && gamma === 1) return null;
  const steep = contrast >= 0 ? 1 + (3 * contrast) / 100 : 1 + (0.9 * contrast) / 100;
  return Uint8ClampedArray.from({ length: 256 }, (_, level) => 255 * (((level / 255) ** (1 / gamma) - 0.5) * steep + 0.5 + brightness / 100));
}

/** @param {Uint8ClampedArray} data RGBA @param {Uint8ClampedArray} curve */
export function applyCurve(data, curve) {
  for (let k = 0; k < data.length; k += 4) {
    data[k] = curve[data[k]];
    data[k + 1] = curve[data[k + 1]];
    data[k + 2] = curve[data[k + 2]];
  }
}

/** Rows at a time: the copy's bytes are never all there twice. */
const BAND = 256;

/** @param {() => Tone} tone */
export function createTone(tone) {
  /** @type {WeakMap<Picture, {key: string, made: HTMLCanvasElement}>} */
  const copies = new WeakMap();

  /** @param {Picture} picture @param {Uint8ClampedArray} curve @param {HTMLCanvasElement} made */
  function copy(picture, curve, made) {
    const { width, height } = picture;
    made.width = width;
    made.height = height;
    const context = made.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    context.drawImage(picture, 0, 0, width, height);
    for (let y = 0; y < height; y += BAND) {
      const band = context.getImageData(0, y, width, Math.min(BAND, height - y));
      applyCurve(band.data, curve);
      context.putImageData(band, 0, y);
    }
  }

  return {
    /** The picture as it is to be drawn: itself, or its copy. @param {Picture} picture @returns {Picture} */
    of(picture) {
      const { brightness, contrast, gamma } = tone();
      const curve = toneCurve({ brightness, contrast, gamma });
      if (!curve) {
        copies.delete(picture);
        return picture;
      }
      const key = `${brightness} ${contrast} ${gamma}`;
      let known = copies.get(picture);
      if (known?.key !== key) {
        known = { key, made: known?.made ?? document.createElement("canvas") };
        copy(picture, curve, known.made);
        copies.set(picture, known);
      }
      return known.made;
    },
  };
}
