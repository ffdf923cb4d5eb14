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

/**
 * @param {{root: HTMLElement, grid: Grid, total: () => number, key: (index: number) => string | number, toggle: (cell: HTMLElement) => void}} options
 */
export function addGridKeys({ root, grid, total, key, toggle }) {
  root.addEventListener("keydown", (event) => {
    const cell = event.target instanceof Element ? event.target.closest(".cell") : null;
    if (!(cell instanceof HTMLElement) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " " && event.target instanceof HTMLAnchorElement) {
      event.preventDefault();
      return toggle(cell);
    }
    const index = target(event.key, Number(cell.dataset.index), { columns: grid.columns, total: total(), page: 3 });
    if (index === null) return;
    event.preventDefault();
    grid.reveal(index);
    grid.flush();
    const next = grid.cell(key(index));
    const focusable = next?.querySelector("a[href]") ?? next?.querySelector("input");
    if (focusable instanceof HTMLElement) focusable.focus({ preventScroll: true });
  });
}
