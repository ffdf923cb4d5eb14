/**
 * What goes along to the next image: the tool, the part of the picture that is looked at, objects to put there. It is taken
 * once, by the page that it was left for.
 * @module pages/annotate/navigation_state
 */

/**
 * @typedef {object} NavigationState
 * @property {number} image for which it was left
 * @property {string | null} tool
 * @property {{scale: number, x: number, y: number} | null} place the middle as parts of width and height; null: all of it
 * @property {import("./clipboard.js").Clip | null} paste
 * @property {{left: number, top: number, width: number, height: number, rotation: number} | null} poster where the picture is shown until the page can draw it, CSS pixels of the stage
 */

const KEY = "segweb-carry";

/** @param {NavigationState} state */
export function saveNavigationState(state) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // Too much, or no storage: the next image begins as any other.
    return false;
  }
  return true;
}

/** @param {number} image @returns {NavigationState | null} */
export function takeNavigationState(image) {
  try {
    const state = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    sessionStorage.removeItem(KEY);
    return state?.image === image ? state : null;
  } catch {
    return null;
  }
}

/**
 * Looks at the same part as on the image before, once the view has its size.
 * @param {import("../../canvas/view.js").View} view
 * @param {{width: number, height: number}} image
 * @param {NavigationState | null} state
 */
export function restoreViewport(view, image, state) {
  const place = state?.place;
  if (!place) return;
  const stop = view.on("change", () => {
    if (!view.size.width) return;
    stop();
    view.restore({ scale: place.scale, x: place.x * image.width, y: place.y * image.height });
  });
}
