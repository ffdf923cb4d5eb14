/**
 * Draws when something changed, at most once a frame: image and saved objects below, the tool's scene above.
 * A hovering pointer thus repaints the upper canvas alone.
 * @module canvas/renderer
 */
import { createSuggestionLayer } from "./suggestion_layer.js";
import { createEditLayer } from "./edit_layer.js";
import { createMaskLayer } from "./mask_layer.js";
import { paintGrid, paintTags } from "./marks.js";
import { paintEmphasis } from "./masks.js";
import { createOutlines, paintCrosshair, paintScene } from "./overlay.js";
import { paintCut, paintPolygon } from "./polygon_layer.js";
import { createSurface, followSize } from "./surface.js";
import { createTone } from "./tone.js";

/** @typedef {import("../tools/types.js").Scene} Scene */
/** @typedef {"base" | "view" | "scene"} Layer "view": the same things, seen from elsewhere */
/** @typedef {ReturnType<typeof createRenderer>} Renderer */

/** From this many screen pixels for one of the picture's, its pixels are shown as they are. */
const PIXELATED_FROM = 4;

/**
 * @typedef {object} RendererOptions
 * @property {HTMLElement} stage element whose size the canvases follow
 * @property {HTMLCanvasElement} base
 * @property {HTMLCanvasElement} overlay takes the pointer; carries `data-view`
 * @property {{width: number, height: number}} image
 * @property {import("./view.js").View} view
 * @property {import("../core/store.js").Store} store
 * @property {import("./mask_paths.js").MaskPaths} maskPaths
 * @property {import("./mask_paths.js").Decode} decode
 * @property {import("./suggestion_layer.js").SuggestionPaths} suggestionPaths
 * @property {import("./view_settings.js").ViewSettings} viewSettings
 * @property {() => Scene | null} scene
 * @property {() => {x: number, y: number} | null} crosshair
 */

/** @param {RendererOptions} options */
export function createRenderer({ stage, base, overlay, image, view, store, maskPaths, decode, suggestionPaths, viewSettings, scene, crosshair }) {
  const lower = createSurface(base, { alpha: false });
  const upper = createSurface(overlay);
  const outlineOf = createOutlines(image, decode);
  const edits = createEditLayer(view, store, maskPaths, viewSettings);
  const masks = createMaskLayer(image, view, store, maskPaths, viewSettings, () => invalidate("view"));
  const tone = createTone(() => viewSettings.values);
  const suggestions = createSuggestionLayer(view, suggestionPaths, () => invalidate("scene"));
  /** @type {HTMLImageElement | ImageBitmap | null} */
  let picture = null;
  /** @type {import("./pyramid_layer.js").PyramidLayer | null} */
  let detail = null;
  /** @type {Set<Layer>} */
  const dirty = new Set();
  let frame = 0;
  /** @type {Set<() => void>} */
  const painted = new Set();
  let background = "#000";
  /** @type {string | null} the object that is not among those below */
  let except = null;

  /** @param {Layer} layer */
  function invalidate(layer) {
    dirty.add(layer);
    if (!frame) frame = requestAnimationFrame(draw);
  }

  function draw() {
    frame = 0;
    const layers = new Set(dirty);
    dirty.clear();
    const current = scene();
    const changed = layers.has("base") || except !== (current?.editing ?? null);
    except = current?.editing ?? null;
    if (changed || layers.has("view")) drawBase(current, changed);
    drawScene(current);
    measureView();
    for (const listener of painted) listener();
  }

  /** @param {Scene | null} current @param {boolean} changed */
  function drawBase(current, changed) {
    const { context } = lower;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = background;
    context.fillRect(0, 0, base.width, base.height);
    drawPicture();
    const focus = { except, faint: current !== null && current.mask !== null };
    if (viewSettings.values.grid) paintGrid(lower, view);
    masks.draw(lower, focus, changed);
    paintEmphasis(lower, view, store, maskPaths, focus, viewSettings.tint);
    if (viewSettings.values.tags) paintTags(lower, view, store, focus);
  }

  function drawPicture() {
    if (!picture) return;
    const { context } = lower;
    lower.toImage(view);
    const magnified = view.scale * lower.ratio * (image.width / picture.width);
    context.imageSmoothingEnabled = magnified <= PIXELATED_FROM;
    context.imageSmoothingQuality = "medium";
    const hidden = detail?.update(view, view.scale * lower.ratio);
    if (!hidden) context.drawImage(tone.of(picture), 0, 0, image.width, image.height);
    detail?.draw(context, tone.of);
  }

  /** @param {Scene | null} current */
  function drawScene(current) {
    upper.clear();
    if (current?.suggestions) suggestions.draw(upper, current.suggestions);
    if (current?.edit) edits.draw(upper, current.edit, current.color);
    if (current?.polygon) paintPolygon(upper, view, current.polygon, current.color);
    if (current) paintScene(upper, view, current, outlineOf, image);
    if (current?.line) paintCut(upper, view, current.line);
    const at = crosshair();
    if (at) paintCrosshair(upper, view, at);
  }

  let [left, top] = [0, 0];
  /** Where the canvas lies is measured with each frame: doing that with each change of the view would cost a layout. */
  function measureView() {
    const rect = overlay.getBoundingClientRect();
    [left, top] = [rect.left, rect.top];
    writeView();
  }

  /** Tests and assistive scripts find image pixels on the page by this matrix. */
  function writeView() {
    const matrix = [...view.rotationMatrix.map((part) => part * view.scale), left + view.tx, top + view.ty];
    // Adding 0 makes a negative zero a plain one.
    const text = matrix.map((value) => Number(value.toFixed(6)) + 0).join(" ");
    // Even the same value would make the browser look at its styles again.
    if (overlay.dataset.view !== text) overlay.dataset.view = text;
  }

  function readBackground() {
    background = getComputedStyle(stage).backgroundColor;
    invalidate("base");
  }

  const unfollow = followSize(stage, [lower, upper], (width, height) => {
    view.resize(width, height);
    invalidate("base");
  });
  view.on("change", () => {
    // At once, as the pointer's places mean this view from now on.
    writeView();
    invalidate("view");
  });
  viewSettings.on("change", () => {
    masks.forget();
    invalidate("base");
  });
  for (const type of /** @type {const} */ (["labels", "visibility"])) store.on(type, () => invalidate("base"));
  store.on("annotations", ({ ids }) => {
    const own = scene()?.editing ?? null;
    // What is being reworked is not among the objects below.
    invalidate(own !== null && own === except && ids.every((id) => id === own) ? "scene" : "base");
  });
  store.on("selection", () => invalidate(store.alone ? "base" : "view"));
  store.on("hover", () => invalidate("view"));
  const scheme = matchMedia("(prefers-color-scheme: light)");
  scheme.addEventListener("change", readBackground);
  readBackground();

  return {
    invalidate,
    outlineOf,
    /** @param {HTMLImageElement | ImageBitmap} next */
    setPicture(next) {
      picture = next;
      invalidate("base");
    },
    /** What shows more of a large image than its preview. @param {import("./pyramid_layer.js").PyramidLayer | null} next */
    setDetail(next) {
      detail = next;
      invalidate("view");
    },
    /** The picture as it is at hand, for a thumbnail. @param {CanvasRenderingContext2D} context one unit is one image pixel */
    paintPicture(context) {
      if (picture) context.drawImage(picture, 0, 0, image.width, image.height);
      detail?.draw(context);
    },
    get picture() {
      return picture;
    },
    /** Called in each frame after drawing. @param {() => void} listener */
    onPainted(listener) {
      painted.add(listener);
      return () => void painted.delete(listener);
    },
    dispose() {
      unfollow();
      cancelAnimationFrame(frame);
      scheme.removeEventListener("change", readBackground);
    },
  };
}
