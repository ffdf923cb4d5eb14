/**
 * A large image's own pixels over its preview: the tiles in sight, at the level that matches the zoom. What is missing
 * shows coarser or finer tiles that are at hand, else the preview; what left the sight is no longer fetched, and what was
 * not seen for longest is forgotten.
 * @module canvas/pyramid_layer
 */

/** @typedef {{level: number, width: number, height: number, columns: number, rows: number}} Level */
/** @typedef {{version: string, tile: number, levels: Level[]}} Pyramid the finest level first */
/** @typedef {{level: number, column: number, row: number}} Place */
/** @typedef {{bitmap: ImageBitmap, place: Place, used: number}} Tile */
/** @typedef {ReturnType<typeof createPyramidLayer>} PyramidLayer */
/** @typedef {(bitmap: ImageBitmap) => CanvasImageSource} Toned a tile as it is to be drawn */

/** Each takes a megabyte. */
const MAX_TILES = 128;
const AT_ONCE = 6;
/** A zoom passes through levels that nobody looks at. */
const REST_MS = 80;
const RETRY_MS = 3000;
/** Tiles are shown at 0.6 to 1.2 times their size: the next finer level would cost four times as much. */
const LENIENCE = 0.25;
/** From this many screen pixels for one of a tile's, its pixels are shown as they are. */
const PIXELATED_FROM = 4;

/** @param {Place} place */
const keyOf = ({ level, column, row }) => `${level} ${column} ${row}`;

/**
 * @param {object} context
 * @param {{width: number, height: number}} context.image
 * @param {Pyramid} context.pyramid
 * @param {number} context.preview its pixels for one of the image's
 * @param {(place: Place, signal: AbortSignal) => Promise<ImageBitmap>} context.fetchTile
 * @param {() => void} context.repaint asks for another frame
 * @param {(error: unknown) => void} context.failed a tile could not be fetched
 * @param {() => number} [context.now]
 */
export function createPyramidLayer({ image, pyramid, preview, fetchTile, repaint, failed, now = () => performance.now() }) {
  const { levels, tile: side } = pyramid;
  /** @type {Map<string, Tile>} */
  const tiles = new Map();
  /** @type {Map<string, AbortController>} */
  const loading = new Map();
  /** @type {Map<string, number>} when they failed */
  const missing = new Map();
  /** @type {Place[]} in sight and not here, the middle first */
  let queue = [];
  /** @type {Place[]} in sight */
  let seen = [];
  let clock = 0;
  let lastScale = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  let closed = false;

  /** The level to be shown; null where the preview shows as much. @param {number} scale device pixels for one of the image's */
  function levelFor(scale) {
    if (scale <= preview * 1.05) return null;
    const wanted = Math.floor(Math.log2(1 / scale) + LENIENCE);
    const finest = levels[0].level;
    const found = levels[Math.min(Math.max(wanted - finest, 0), levels.length - 1)];
    return 1 / 2 ** found.level > preview ? found : null;
  }

  /** @param {Level} level @param {{x0: number, y0: number, x1: number, y1: number}} rect in image pixels */
  function placesIn(level, rect) {
    const step = side * 2 ** level.level;
    const last = (/** @type {number} */ value, /** @type {number} */ count) => Math.min(Math.ceil(value / step), count) - 1;
    /** @type {Place[]} */
    const places = [];
    for (let row = Math.max(0, Math.floor(rect.y0 / step)); row <= last(rect.y1, level.rows); row++) {
      for (let column = Math.max(0, Math.floor(rect.x0 / step)); column <= last(rect.x1, level.columns); column++) {
        places.push({ level: level.level, column, row });
      }
    }
    const [x, y] = [(rect.x0 + rect.x1) / 2 / step - 0.5, (rect.y0 + rect.y1) / 2 / step - 0.5];
    const far = (/** @type {Place} */ place) => Math.hypot(place.column - x, place.row - y);
    return places.sort((a, b) => far(a) - far(b));
  }

  /** Fetches no longer what is not in sight. @param {Set<string>} wanted */
  function abandon(wanted) {
    for (const [key, control] of loading) {
      if (wanted.has(key)) continue;
      control.abort();
      loading.delete(key);
    }
  }

  /** @param {Place} place */
  function awaited(place) {
    const key = keyOf(place);
    const at = missing.get(key);
    return !tiles.has(key) && !loading.has(key) && (at === undefined || now() - at > RETRY_MS);
  }

  function pump() {
    while (!closed && loading.size < AT_ONCE) {
      const place = queue.shift();
      if (!place) return;
      if (awaited(place)) void load(place);
    }
  }

  /** @param {Place} place */
  async function load(place) {
    const key = keyOf(place);
    const control = new AbortController();
    loading.set(key, control);
    try {
      const bitmap = await fetchTile(place, control.signal);
      if (closed || control.signal.aborted) return bitmap.close();
      missing.delete(key);
      tiles.set(key, { bitmap, place, used: clock });
      prune();
      repaint();
    } catch (error) {
      if (closed || control.signal.aborted) return;
      missing.set(key, now());
      failed(error);
    } finally {
      if (loading.get(key) === control) loading.delete(key);
      pump();
    }
  }

  /** Forgets what was not seen for longest. */
  function prune() {
    const max = Math.max(MAX_TILES, seen.length);
    if (tiles.size <= max) return;
    const old = [...tiles].sort(([, a], [, b]) => a.used - b.used);
    for (const [key, { bitmap }] of old.slice(0, tiles.size - max)) {
      bitmap.close();
      tiles.delete(key);
    }
  }

  /** @param {Tile} tile @param {CanvasRenderingContext2D} context @param {DOMMatrix} matrix image to device pixels @param {Toned} toned */
  function paint({ bitmap, place: { level, column, row } }, context, matrix, toned) {
    const step = 2 ** level;
    const [x0, y0] = [column * side * step, row * side * step];
    const [x1, y1] = [Math.min(x0 + side * step, image.width), Math.min(y0 + side * step, image.height)];
    // Corners on whole pixels, the same for both neighbours: no seam between them.
    const at = (/** @type {number} */ x, /** @type {number} */ y) => [
      Math.round(matrix.a * x + matrix.c * y + matrix.e),
      Math.round(matrix.b * x + matrix.d * y + matrix.f),
    ];
    const [[ox, oy], [rx, ry], [dx, dy]] = [at(x0, y0), at(x1, y0), at(x0, y1)];
    context.setTransform(rx - ox, ry - oy, dx - ox, dy - oy, ox, oy);
    context.drawImage(toned(bitmap), 0, 0, (x1 - x0) / step, (y1 - y0) / step, 0, 0, 1, 1);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} level @param {number} scale */
  function smooth(context, level, scale) {
    const magnified = scale * 2 ** level;
    context.imageSmoothingEnabled = Math.abs(magnified - 1) > 1e-6 && magnified <= PIXELATED_FROM;
    context.imageSmoothingQuality = "low";
  }

  /** Tiles of other levels in the place of those that are not here: the coarsest first. */
  function substitutes() {
    const level = seen[0].level;
    const others = [...tiles.values()].filter(({ place }) => place.level !== level);
    const rank = (/** @type {Tile} */ { place }) => (place.level > level ? -place.level : 2 * level - place.level);
    return others.sort((a, b) => rank(a) - rank(b));
  }

  return {
    /**
     * Asks for what is to be seen, and tells whether all of it is here, so that nothing lies open below.
     * @param {import("./view.js").View} view
     * @param {number} scale device pixels for one of the image's
     */
    update(view, scale) {
      clock++;
      const level = levelFor(scale);
      seen = level ? placesIn(level, view.visible()) : [];
      for (const place of seen) {
        const tile = tiles.get(keyOf(place));
        if (tile) tile.used = clock;
      }
      abandon(new Set(seen.map(keyOf)));
      queue = seen.filter(awaited);
      clearTimeout(resting);
      if (scale === lastScale) pump();
      else if (queue.length) resting = setTimeout(repaint, REST_MS);
      lastScale = scale;
      return seen.length > 0 && seen.every((place) => tiles.has(keyOf(place)));
    },
    /**
     * What the last update saw.
     * @param {CanvasRenderingContext2D} context its transform maps the image's pixels
     * @param {Toned} [toned]
     */
    draw(context, toned = (bitmap) => bitmap) {
      if (!seen.length) return;
      const matrix = context.getTransform();
      const scale = Math.hypot(matrix.a, matrix.b);
      const shown = seen.flatMap((place) => tiles.get(keyOf(place)) ?? []);
      const instead = shown.length < seen.length ? substitutes() : [];
      context.save();
      for (const tile of [...instead, ...shown]) {
        smooth(context, tile.place.level, scale);
        paint(tile, context, matrix, toned);
      }
      context.restore();
    },
    /** How many tiles are held. */
    get size() {
      return tiles.size;
    },
    close() {
      closed = true;
      clearTimeout(resting);
      abandon(new Set());
      for (const { bitmap } of tiles.values()) bitmap.close();
      tiles.clear();
    },
  };
}
