/**
 * Keys of the image grid: arrows go from image to image, Space selects, Home and End go to the ends.
 * @module pages/project/grid_keys
 */

/** @typedef {import("../../ui/grid.js").Grid} Grid */

/**
 * The index that a key leads to, or null when it is none of ours.
 * @param {string} key
 * @param {number} index
 * @param {{columns: number, total: number, page: number}} grid
 */
export function target(key, index, { columns, total, page }) {
  /** @type {Record<string, number>} */
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -columns * page, PageDown: columns * page, Home: -index, End: total - 1 - index };
  if (!(key in steps)) return null;
  return Math.min(total - 1, Math.max(0, index + steps[key]));
}

const PATIENCE = 5000;
const AGAIN = 50;

/**
 * @param {{root: HTMLElement, grid: Grid, total: () => number, key: (index: number) => string | number, toggle: (cell: HTMLElement) => void}} options
 */
export function addGridKeys({ root, grid, total, key, toggle }) {
  let wanted = -1;

  root.addEventListener("keydown", (event) => {
    const cell = event.target instanceof Element ? event.target.closest(".cell") : null;
    if (!(cell instanceof HTMLElement) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " " && event.target instanceof HTMLAnchorElement) {
      event.preventDefault();
      return toggle(cell);
    }
    const from = wanted >= 0 ? wanted : Number(cell.dataset.index);
    const index = target(event.key, from, { columns: grid.columns, total: total(), page: 3 });
    if (index === null) return;
    event.preventDefault();
    wanted = index;
    grid.reveal(index);
    grid.flush();
    focusWhenThere(index, performance.now() + PATIENCE);
  });
  // Somebody who goes elsewhere is not called back.
  document.addEventListener("pointerdown", () => (wanted = -1));

  /** The image may still have to be loaded. @param {number} index @param {number} until */
  function focusWhenThere(index, until) {
    if (index !== wanted) return;
    const cell = grid.cell(key(index));
    const focusable = cell?.querySelector("a[href]") ?? cell?.querySelector("input");
    if (focusable instanceof HTMLElement) {
      wanted = -1;
      focusable.focus({ preventScroll: true });
    } else if (performance.now() < until) {
      setTimeout(() => focusWhenThere(index, until), AGAIN);
    } else {
      wanted = -1;
    }
  }
}
