/**
 * What goes along to the next image: the tool, the part of the picture that is looked at, objects to put there. It is taken
 * once, by the page that it was left for.
 * @module pages/annotate/carry
 */

/**
 * @typedef {object} Carried
 * @property {number} image for which it was left
 * @property {string | null} tool
 * @property {{scale: number, x: number, y: number} | null} place the middle as parts of width and height; null: all of it
 * @property {import("./clipboard.js").Clip | null} paste
 * @property {{left: number, top: number, width: number, height: number, turns: number} | null} poster where the picture is shown until the page can draw it, CSS pixels of the stage
 */

const KEY = "segweb-carry";

/** @param {Carried} carried */
export function leaveBehind(carried) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(carried));
  } catch {
    // Too much, or no storage: the next image begins as any other.
    return false;
  }
  return true;
}

/** @param {number} image @returns {Carried | null} */
export function takeAlong(image) {
  try {
    const carried = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    sessionStorage.removeItem(KEY);
    return carried?.image === image ? carried : null;
  } catch {
    return null;
  }
}

/**
 * Looks at the same part as on the image before, once the view has its size.
 * @param {import("../../canvas/view.js").View} view
 * @param {{width: number, height: number}} image
 * @param {Carried | null} carried
 */
export function restorePlace(view, image, carried) {
  const place = carried?.place;
  if (!place) return;
  const stop = view.on("change", () => {
    if (!view.size.width) return;
    stop();
    view.restore({ scale: place.scale, x: place.x * image.width, y: place.y * image.height });
  });
}
