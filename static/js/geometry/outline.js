/**
 * The pixel-exact outline of a mask, straight from its runs: cost follows the outline's length, not the area.
 * @module geometry/outline
 */

/**
 * Rings of [x, y, x, y, …] on pixel corners, to be filled by the even-odd rule.
 * @param {ArrayLike<number>} runs lengths down the columns, zeros first
 * @param {number} height
 * @returns {Int32Array[]}
 */
export function outlineRuns(runs, height) {
  const edges = createEdges(height + 1);
  /** @type {number[]} ends of the runs of a column, in pairs */
  let before = [];
  let column = -1;
  for (const [x, ends] of columns(runs, height)) {
    if (x !== column + 1) {
      border(edges, column + 1, before, []);
      before = [];
    }
    border(edges, x, before, ends);
    for (let k = 0; k < ends.length; k += 2) {
      edges.add(x, ends[k], x + 1, ends[k]);
      edges.add(x + 1, ends[k + 1], x, ends[k + 1]);
    }
    before = ends;
    column = x;
  }
  border(edges, column + 1, before, []);
  return edges.rings();
}

/**
 * The columns that hold something, each with the ends of its runs.
 * @param {ArrayLike<number>} runs
 * @param {number} height
 * @returns {Generator<[number, number[]]>}
 */
export function* columns(runs, height) {
  let at = 0;
  let column = -1;
  /** @type {number[]} */
  let ends = [];
  for (let k = 0; k < runs.length; k++) {
    const stop = at + runs[k];
    for (let from = at; k % 2 === 1 && from < stop; ) {
      const x = Math.floor(from / height);
      if (x !== column && ends.length) {
        yield [column, ends];
        ends = [];
      }
      column = x;
      const to = Math.min(stop, (x + 1) * height);
      ends.push(from - x * height, to - x * height);
      from = to;
    }
    at = stop;
  }
  if (ends.length) yield [column, ends];
}

/**
 * Vertical edges between two columns: wherever just one of them is inside. The mask lies to the right of its outline.
 * @param {ReturnType<typeof createEdges>} edges
 * @param {number} x
 * @param {number[]} left
 * @param {number[]} right
 */
function border(edges, x, left, right) {
  let l = 0;
  let r = 0;
  let from = 0;
  while (l < left.length || r < right.length) {
    const to = Math.min(left[l] ?? Infinity, right[r] ?? Infinity);
    const inLeft = l % 2 === 1;
    const inRight = r % 2 === 1;
    if (to > from && inLeft && !inRight) edges.add(x, from, x, to);
    if (to > from && inRight && !inLeft) edges.add(x, to, x, from);
    if (left[l] === to) l++;
    if (right[r] === to) r++;
    from = to;
  }
}

/** Directed edges, joined to rings at their ends. @param {number} stride */
function createEdges(stride) {
  /** @type {Map<number, number[]>} */
  const from = new Map();

  /** @param {number} start */
  function follow(start) {
    /** @type {number[]} */
    const ring = [];
    let here = start;
    for (;;) {
      const exits = from.get(here);
      if (!exits) return simplified(ring);
      ring.push(Math.floor(here / stride), here % stride);
      const next = /** @type {number} */ (exits.pop());
      if (!exits.length) from.delete(here);
      here = next;
    }
  }

  return {
    /** @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 */
    add(x0, y0, x1, y1) {
      const key = x0 * stride + y0;
      const exits = from.get(key);
      if (exits) exits.push(x1 * stride + y1);
      else from.set(key, [x1 * stride + y1]);
    },
    rings() {
      /** @type {Int32Array[]} */
      const rings = [];
      for (const start of from.keys()) rings.push(follow(start));
      return rings;
    },
  };
}

/** Without the points in the middle of straight lines. @param {number[]} ring */
function simplified(ring) {
  /** @type {number[]} */
  const kept = [];
  const n = ring.length;
  for (let k = 0; k < n; k += 2) {
    const [x0, y0] = [ring[(k + n - 2) % n], ring[(k + n - 1) % n]];
    const [x2, y2] = [ring[(k + 2) % n], ring[(k + 3) % n]];
    const straight = (ring[k] === x0 && ring[k] === x2) || (ring[k + 1] === y0 && ring[k + 1] === y2);
    if (!straight) kept.push(ring[k], ring[k + 1]);
  }
  return Int32Array.from(kept);
}

/**
 * A lighter ring for small scales: points at least `tolerance` apart.
 * @template {Int32Array | Float32Array} T
 * @param {T} ring
 * @param {number} tolerance
 * @returns {number[]}
 */
export function thin(ring, tolerance) {
  /** @type {number[]} */
  const kept = [];
  const limit = tolerance * tolerance;
  let x = Infinity;
  let y = Infinity;
  for (let k = 0; k < ring.length; k += 2) {
    const [dx, dy] = [ring[k] - x, ring[k + 1] - y];
    if (dx * dx + dy * dy < limit) continue;
    x = ring[k];
    y = ring[k + 1];
    kept.push(x, y);
  }
  return kept;
}

/**
 * Bounding box and area of a mask.
 * @param {ArrayLike<number>} runs
 * @param {number} height
 * @returns {{bbox: [number, number, number, number], area: number}}
 */
export function measureRuns(runs, height) {
  let area = 0;
  let [x0, y0, x1, y1] = [Infinity, Infinity, 0, 0];
  for (const [x, ends] of columns(runs, height)) {
    x0 = Math.min(x0, x);
    x1 = x + 1;
    y0 = Math.min(y0, ends[0]);
    y1 = Math.max(y1, ends[ends.length - 1]);
    for (let k = 0; k < ends.length; k += 2) area += ends[k + 1] - ends[k];
  }
  return { bbox: area ? [x0, y0, x1 - x0, y1 - y0] : [0, 0, 0, 0], area };
}
