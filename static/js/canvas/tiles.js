/**
 * A picture of many things in square tiles of the screen's resolution: moving the view copies tiles, changing one thing
 * paints the tiles that it touches, and no frame paints for longer than its budget. While tiles are missing, those of the
 * scale before are shown in their place, scaled.
 * @module canvas/tiles
 */
import { createSurface } from "./surface.js";

/** @typedef {import("./surface.js").Surface} Surface */
/** @typedef {import("./masks.js").Rect} Rect */
/** @typedef {{surface: Surface, fresh: boolean, used: number}} Tile */
/** @typedef {{scale: number, tiles: Map<string, Tile>, complete: boolean}} Level scale: device pixels for one of the image's */
/** @typedef {{ox: number, oy: number, rotationMatrix: readonly [number, number, number, number]}} Place where the image lies, in device pixels */
/** @typedef {{i0: number, j0: number, i1: number, j1: number}} Range of tiles, the last ones included */

/** Device pixels. */
const SIDE = 256;
/** Lines along the image's edge reach beyond it. */
const PAD = 8;
const BUDGET_MS = 7;
/** A scale that is left again at once is not worth painting. */
const REST_MS = 90;
/** What is painted as fast as this is painted anew even while the scale changes. */
const QUICK_MS = 6;
/** Tiles around those in sight are painted while nothing else is to be done. */
const RING = 1;
const IDLE_MS = 8;

/**
 * @param {object} context
 * @param {{width: number, height: number}} context.image
 * @param {(context: CanvasRenderingContext2D, rect: Rect, scale: number, until: number) => boolean} context.paint one
 *   unit is one image pixel; scale: device pixels; false when time was up before all was painted
 * @param {() => void} context.repaint asks for another frame
 */
export function createTiles({ image, paint, repaint }) {
  /** @type {Level} */
  let level = { scale: 0, tiles: new Map(), complete: false };
  /** @type {Level | null} the last scale of which all was painted */
  let before = null;
  let clock = 0;
  let scaleAt = 0;
  let seenScale = 0;
  /** How long the last whole picture took. */
  let cost = 0;
  let spent = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  let idling = false;

  /** Where a tile lies in the image. @param {number} i @param {number} j @param {number} scale @returns {Rect} */
  function rectOf(i, j, scale) {
    const at = (/** @type {number} */ k) => (k * SIDE - PAD) / scale;
    return { x0: at(i), y0: at(j), x1: at(i + 1), y1: at(j + 1) };
  }

  /**
   * The tiles that cover a part of the image.
   * @param {Rect} rect
   * @param {number} scale
   * @returns {Range}
   */
  function covering(rect, scale) {
    const first = (/** @type {number} */ value) => Math.max(0, Math.floor((value * scale + PAD) / SIDE));
    const last = (/** @type {number} */ value, /** @type {number} */ size) =>
      Math.min(Math.floor((size * scale + 2 * PAD) / SIDE), Math.ceil((value * scale + PAD) / SIDE) - 1);
    return { i0: first(rect.x0), j0: first(rect.y0), i1: last(rect.x1, image.width), j1: last(rect.y1, image.height) };
  }

  /** @param {Range} range @param {(i: number, j: number) => void} take those in the middle first */
  function each({ i0, j0, i1, j1 }, take) {
    /** @type {[number, number][]} */
    const list = [];
    for (let i = i0; i <= i1; i++) for (let j = j0; j <= j1; j++) list.push([i, j]);
    const far = ([i, j] = [0, 0]) => Math.hypot(i - (i0 + i1) / 2, j - (j0 + j1) / 2);
    for (const [i, j] of list.sort((a, b) => far(a) - far(b))) take(i, j);
  }

  /** @param {number} i @param {number} j @param {number} until @returns {boolean} whether the tile is as it should be */
  function bring(i, j, until) {
    const key = `${i} ${j}`;
    let tile = level.tiles.get(key);
    if (tile?.fresh) {
      tile.used = clock;
      return true;
    }
    const start = performance.now();
    if (start >= until) return false;
    tile ??= { surface: createSurface(document.createElement("canvas")), fresh: false, used: clock };
    tile.surface.resize(SIDE, SIDE, 1);
    tile.surface.clear();
    const { context } = tile.surface;
    context.setTransform(level.scale, 0, 0, level.scale, PAD - i * SIDE, PAD - j * SIDE);
    tile.fresh = paint(context, rectOf(i, j, level.scale), level.scale, until);
    spent += performance.now() - start;
    tile.used = clock;
    level.tiles.set(key, tile);
    return tile.fresh;
  }

  /** @param {number} scale */
  function changeScale(scale) {
    if (level.complete) before = level;
    level = { scale, tiles: new Map(), complete: false };
    spent = 0;
  }

  /** Forgets the tiles that were not seen for longest. @param {number} seen how many are in sight */
  function prune(seen) {
    const max = 2 * seen + 8;
    if (level.tiles.size <= max) return;
    const old = [...level.tiles].sort((a, b) => a[1].used - b[1].used);
    for (const [key] of old.slice(0, level.tiles.size - max)) level.tiles.delete(key);
  }

  /** @param {Surface} target @param {Level} from @param {Range} range @param {Place} place @param {number} grown */
  function show(target, from, range, { ox, oy, rotationMatrix: [xx, yx, xy, yy] }, grown) {
    const { context } = target;
    context.setTransform(grown * xx, grown * yx, grown * xy, grown * yy, ox, oy);
    context.imageSmoothingEnabled = grown !== 1;
    each(range, (i, j) => {
      const tile = from.tiles.get(`${i} ${j}`);
      if (tile) context.drawImage(tile.surface.canvas, i * SIDE - PAD, j * SIDE - PAD);
    });
  }

  return {
    /** What lies in these parts of the image has changed. @param {Rect[] | null} rects null for all of it */
    invalidate(rects) {
      for (const which of [level, before]) {
        if (!which) continue;
        if (!rects) for (const tile of which.tiles.values()) tile.fresh = false;
        else for (const rect of rects) {
          each(covering(rect, which.scale), (i, j) => {
            const tile = which.tiles.get(`${i} ${j}`);
            if (tile) tile.fresh = false;
          });
        }
      }
    },
    /**
     * @param {Surface} target
     * @param {import("./view.js").View} view
     */
    draw(target, view) {
      clock++;
      const scale = view.scale * target.ratio;
      const now = performance.now();
      if (scale !== seenScale) [seenScale, scaleAt] = [scale, now];
      clearTimeout(resting);
      const moving = level.complete && scale !== level.scale && cost > QUICK_MS && now - scaleAt < REST_MS;
      if (moving) resting = setTimeout(repaint, REST_MS);
      else if (scale !== level.scale) changeScale(scale);
      const place = { ox: Math.round(view.tx * target.ratio), oy: Math.round(view.ty * target.ratio), rotationMatrix: view.rotationMatrix };
      const seen = view.visible();
      // Lines of what lies just outside reach in.
      const rect = { x0: seen.x0 - 2 / scale, y0: seen.y0 - 2 / scale, x1: seen.x1 + 2 / scale, y1: seen.y1 + 2 / scale };
      if (moving) return show(target, level, covering(rect, level.scale), place, scale / level.scale);
      const range = covering(rect, scale);
      const until = now + BUDGET_MS;
      let missing = 0;
      each(range, (i, j) => {
        if (bring(i, j, until)) return;
        missing++;
        if (before && !level.tiles.has(`${i} ${j}`)) showInstead(target, i, j, place);
      });
      show(target, level, range, place, 1);
      finish(missing, range);
    },
  };

  /** @param {number} missing @param {Range} range */
  function finish(missing, { i0, j0, i1, j1 }) {
    if (missing) return repaint();
    if (!level.complete) cost = spent;
    level.complete = true;
    before = null;
    const around = widened({ i0, j0, i1, j1 });
    prune((around.i1 - around.i0 + 1) * (around.j1 - around.j0 + 1));
    warm(around);
  }

  /** @param {Range} range */
  function widened({ i0, j0, i1, j1 }) {
    const all = covering({ x0: 0, y0: 0, x1: image.width, y1: image.height }, level.scale);
    return { i0: Math.max(0, i0 - RING), j0: Math.max(0, j0 - RING), i1: Math.min(all.i1, i1 + RING), j1: Math.min(all.j1, j1 + RING) };
  }

  /** So that moving the view finds them there. @param {Range} range */
  function warm(range) {
    const { scale } = level;
    let missing = false;
    each(range, (i, j) => (missing ||= !level.tiles.get(`${i} ${j}`)?.fresh));
    if (!missing || idling) return;
    idling = true;
    whenIdle((until) => {
      idling = false;
      if (scale !== level.scale || scale !== seenScale) return;
      let left = false;
      each(range, (i, j) => (left = !bring(i, j, until) || left));
      if (left) warm(range);
    });
  }

  /** The scale before, in the place of one tile. @param {Surface} target @param {number} i @param {number} j @param {Place} place */
  function showInstead(target, i, j, place) {
    const old = /** @type {Level} */ (before);
    const { context } = target;
    context.save();
    context.setTransform(...place.rotationMatrix, place.ox, place.oy);
    context.beginPath();
    context.rect(i * SIDE - PAD, j * SIDE - PAD, SIDE, SIDE);
    context.clip();
    show(target, old, covering(rectOf(i, j, level.scale), old.scale), place, level.scale / old.scale);
    context.restore();
  }
}

/** @param {(until: number) => void} run */
function whenIdle(run) {
  const begin = () => run(performance.now() + IDLE_MS);
  if ("requestIdleCallback" in window) requestIdleCallback(begin, { timeout: 400 });
  else setTimeout(begin, 50);
}
