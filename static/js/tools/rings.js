/**
 * A polygon in the making: corners in their order, with undo and redo, one step a corner or a drawn line.
 * @module tools/rings
 */

/** @typedef {ReturnType<typeof createDraft>} Draft */

/** A hundredth of a pixel is finer than anybody can point. @param {number} value */
export const round = (value) => Math.round(value * 100) / 100;

/**
 * A copy of rings in which one corner lies elsewhere.
 * @param {number[][]} rings
 * @param {number} ring
 * @param {number} corner
 * @param {{x: number, y: number}} to
 */
export function moved(rings, ring, corner, { x, y }) {
  return rings.map((points, r) => (r === ring ? points.with(2 * corner, round(x)).with(2 * corner + 1, round(y)) : points));
}

/** @param {number[][]} rings @param {number} ring @param {number} corner the new one's number @param {{x: number, y: number}} at */
export function inserted(rings, ring, corner, { x, y }) {
  return rings.map((points, r) => (r === ring ? points.toSpliced(2 * corner, 0, round(x), round(y)) : points));
}

/** A closed ring of less than three corners goes as a whole. @param {number[][]} rings @param {number} ring @param {number} corner @param {number} [min] */
export function removed(rings, ring, corner, min = 3) {
  return rings
    .map((points, r) => (r === ring ? points.toSpliced(2 * corner, 2) : points))
    .filter((points, r) => r !== ring || points.length >= 2 * min);
}

/**
 * The corner within reach of a place, the nearest one.
 * @param {number[][]} rings
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 */
export function cornerAt(rings, x, y, reach) {
  let most = reach * reach;
  /** @type {{ring: number, corner: number} | null} */
  let found = null;
  rings.forEach((points, ring) => {
    for (let k = 0; k < points.length; k += 2) {
      const d2 = (points[k] - x) ** 2 + (points[k + 1] - y) ** 2;
      if (d2 > most) continue;
      most = d2;
      found = { ring, corner: k / 2 };
    }
  });
  return /** @type {{ring: number, corner: number} | null} */ (found);
}

/** The line being drawn: open until it is taken. */
export function createDraft() {
  /** @type {number[]} */
  let ring = [];
  /** @type {number[][]} */
  let past = [];
  /** @type {number[][]} */
  let future = [];

  /** @param {number[]} next */
  function set(next) {
    if (next.length === ring.length && next.every((value, k) => value === ring[k])) return;
    past.push(ring);
    future = [];
    ring = next;
  }

  /** @param {number[][]} from @param {number[][]} to */
  function travel(from, to) {
    const target = from.pop();
    if (!target) return false;
    to.push(ring);
    ring = target;
    return true;
  }

  return {
    get ring() {
      return ring;
    },
    get count() {
      return ring.length / 2;
    },
    set,
    /** @param {number[]} points */
    extend: (points) => set([...ring, ...points.map(round)]),
    /** The corner added last. */
    removeLast() {
      if (!ring.length) return false;
      set(ring.slice(0, -2));
      return true;
    },
    undo: () => travel(past, future),
    redo: () => travel(future, past),
    get canUndo() {
      return past.length > 0;
    },
    get canRedo() {
      return future.length > 0;
    },
    clear() {
      ring = [];
      past = [];
      future = [];
    },
  };
}
