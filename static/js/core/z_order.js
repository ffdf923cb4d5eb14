/**
 * Which object lies above which: the larger z-order in front. One that nobody moved has the time of its making.
 * @module core/z_order
 */

/** @typedef {Pick<import("../net/types.js").Annotation, "id" | "createdTime"> & {z?: number | null}} Stacked */

/** @param {Pick<Stacked, "z" | "createdTime">} annotation */
export const zOrderOf = ({ z, createdTime }) => z ?? createdTime;

/** Back to front. @param {Stacked} a @param {Stacked} b */
export const byZOrder = (a, b) => zOrderOf(a) - zOrderOf(b) || a.createdTime - b.createdTime;

/** @typedef {"front" | "forward" | "backward" | "back"} Move */

/** The least step between two z-orders: epoch milliseconds have room for it in a float. */
const STEP = 2 ** -10;

/**
 * New z-orders that move the chosen objects, and change as few of the others as can be: none, unless several have the same.
 * @param {readonly Stacked[]} list back to front
 * @param {ReadonlySet<string>} chosen
 * @param {Move} move
 * @returns {Map<string, number>}
 */
export function restack(list, chosen, move) {
  const order = moved(list, chosen, move);
  /** @type {Map<string, number>} */
  const changed = new Map();
  if (order.every((one, k) => one === list[k])) return changed;
  const free = (/** @type {Stacked} */ one) => chosen.has(one.id);
  for (let k = 0; k < order.length; ) {
    if (!free(order[k])) {
      k++;
      continue;
    }
    let end = k;
    while (end < order.length && free(order[end])) end++;
    spread(order.slice(k, end), k ? zOrderNow(order[k - 1], changed) : null, end < order.length ? zOrderOf(order[end]) : null, changed);
    k = end;
  }
  lift(order, changed);
  for (const one of list) if (changed.get(one.id) === zOrderOf(one)) changed.delete(one.id);
  return changed;
}

/** @param {Stacked} one @param {Map<string, number>} changed */
const zOrderNow = (one, changed) => changed.get(one.id) ?? zOrderOf(one);

/** Evenly between what lies below and above. @param {Stacked[]} run @param {number | null} below @param {number | null} above @param {Map<string, number>} changed */
function spread(run, below, above, changed) {
  run.forEach(({ id }, k) => {
    if (below === null && above === null) changed.set(id, k + 1);
    else if (below === null) changed.set(id, /** @type {number} */ (above) - run.length + k);
    else if (above === null) changed.set(id, below + k + 1);
    else changed.set(id, below + ((above - below) * (k + 1)) / (run.length + 1));
  });
}

/** Where there was no room, what lies above moves up as far as it must. @param {Stacked[]} order @param {Map<string, number>} changed */
function lift(order, changed) {
  let below = -Infinity;
  let fixed = false;
  for (const one of order) {
    const zOrder = zOrderNow(one, changed);
    // Two of one z-order that nobody moved keep the order that they had.
    if (zOrder < below || (zOrder === below && !(fixed && !changed.has(one.id)))) changed.set(one.id, below + STEP);
    below = zOrderNow(one, changed);
    fixed = !changed.has(one.id);
  }
}

/** @param {readonly Stacked[]} list @param {ReadonlySet<string>} chosen @param {Move} move @returns {Stacked[]} */
function moved(list, chosen, move) {
  const own = list.filter(({ id }) => chosen.has(id));
  const others = list.filter(({ id }) => !chosen.has(id));
  if (move === "front") return [...others, ...own];
  if (move === "back") return [...own, ...others];
  const order = [...list];
  if (move === "forward") {
    for (let k = order.length - 2; k >= 0; k--) swap(order, k, k + 1, chosen.has(order[k].id) && !chosen.has(order[k + 1].id));
  } else {
    for (let k = 1; k < order.length; k++) swap(order, k, k - 1, chosen.has(order[k].id) && !chosen.has(order[k - 1].id));
  }
  return order;
}

/** @param {Stacked[]} order @param {number} a @param {number} b @param {boolean} wanted */
function swap(order, a, b, wanted) {
  if (wanted) [order[a], order[b]] = [order[b], order[a]];
}
