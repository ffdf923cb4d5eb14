/**
 * Masks as paths: made once from the runs, lighter copies for small scales, and the question which one lies at a pixel.
 * @module canvas/mask_paths
 */
import { outlineRuns, thin } from "../geometry/outline.js";

/** @typedef {import("../net/types.js").Annotation} Annotation */

/**
 * @typedef {object} MaskPath
 * @property {string} counts what it was made from
 * @property {[number, number, number, number]} bbox
 * @property {number} area
 * @property {Int32Array[]} rings its outline on pixel corners
 * @property {(scale: number) => Path2D} path in image pixels, fine enough for this scale
 * @property {(scale: number) => boolean} ready whether that path is made already
 * @property {(x: number, y: number) => boolean} contains
 * @property {(scale: number) => number} work about how many points painting it takes
 */

/** Below this scale a path point is wanted for about each screen pixel. */
const THIN_BELOW = 0.75;

/** @param {number} scale */
const levelOf = (scale) => (scale >= THIN_BELOW ? 0 : Math.ceil(Math.log2(1 / scale)));

/** @typedef {(counts: string) => ArrayLike<number>} Decode */

/**
 * @param {Pick<Annotation, "rle" | "bbox" | "area">} mask
 * @param {Decode} decode
 * @returns {MaskPath}
 */
export function createMaskPath({ rle, bbox, area }, decode) {
  const height = rle.size[0];
  const runs = decode(rle.counts);
  const rings = outlineRuns(runs, height);
  const ends = cumulate(runs);
  /** @type {Map<number, Path2D>} */
  const paths = new Map();
  const points = rings.reduce((sum, ring) => sum + ring.length / 2, 0);
  return {
    counts: rle.counts,
    bbox,
    area,
    rings,
    work: (scale) => points * Math.min(1, scale),
    ready: (scale) => paths.has(levelOf(scale)),
    path(scale) {
      const level = levelOf(scale);
      let path = paths.get(level);
      if (!path) {
        path = tracePath(level ? rings.map((ring) => thin(ring, 2 ** level / 2)) : rings);
        paths.set(level, path);
      }
      return path;
    },
    contains(x, y) {
      const [column, row] = [Math.floor(x), Math.floor(y)];
      if (column < bbox[0] || row < bbox[1] || column >= bbox[0] + bbox[2] || row >= bbox[1] + bbox[3]) return false;
      return runAt(ends, column * height + row) % 2 === 1;
    },
  };
}

/** @param {ArrayLike<number>[]} rings @returns {Path2D} */
export function tracePath(rings) {
  const path = new Path2D();
  for (const ring of rings) {
    if (ring.length < 4) continue;
    path.moveTo(ring[0], ring[1]);
    for (let k = 2; k < ring.length; k += 2) path.lineTo(ring[k], ring[k + 1]);
    path.closePath();
  }
  return path;
}

/** @param {ArrayLike<number>} runs */
function cumulate(runs) {
  const ends = new Uint32Array(runs.length);
  let sum = 0;
  for (let k = 0; k < runs.length; k++) ends[k] = sum += runs[k];
  return ends;
}

/** Index of the run that holds a position. @param {Uint32Array} ends @param {number} position */
export function runAt(ends, position) {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** @typedef {ReturnType<typeof createMaskPaths>} MaskPaths */

/**
 * The paths of all annotations, made when first needed.
 * @param {Decode} decode
 */
export function createMaskPaths(decode) {
  /** @type {Map<string, MaskPath>} */
  const made = new Map();

  /** @param {Annotation} annotation */
  function get(annotation) {
    let path = made.get(annotation.id);
    if (!path || path.counts !== annotation.rle.counts) {
      path = createMaskPath(annotation, decode);
      made.set(annotation.id, path);
    }
    return path;
  }

  return {
    get,
    /** @param {Annotation} annotation */
    has: (annotation) => made.get(annotation.id)?.counts === annotation.rle.counts,
    /** @param {string} id */
    forget: (id) => void made.delete(id),
    /**
     * Ids of the objects at a point, the one in front first.
     * @param {Annotation[]} annotations back to front
     * @param {number} x
     * @param {number} y
     */
    hitTest: (annotations, x, y) =>
      annotations
        .filter(({ bbox: [bx, by, w, h] }) => x >= bx && y >= by && x < bx + w && y < by + h)
        .filter((annotation) => get(annotation).contains(x, y))
        .map((annotation) => annotation.id)
        .reverse(),
  };
}
