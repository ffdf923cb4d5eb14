/**
 * A virtual grid: only the rows in sight are in the document, so ten thousand items scroll like ten.
 * The window scrolls; the grid is as high as all its rows would be. One column makes it a list.
 * @module ui/grid
 */

/**
 * Columns, row height and the range of items in sight.
 * @param {{width: number, minWidth: number, gap: number, extra: number, ratio: number, columns?: number, rowHeight?: number}} box
 * @returns {{columns: number, cellWidth: number, cellHeight: number, rowHeight: number}}
 */
export function measure({ width, minWidth, gap, extra, ratio, columns: fixed, rowHeight: height }) {
  const columns = fixed ?? Math.max(1, Math.floor((width + gap) / (minWidth + gap)));
  const cellWidth = Math.max(1, Math.floor((width - gap * (columns - 1)) / columns));
  const cellHeight = height ?? Math.round(cellWidth * ratio + extra);
  return { columns, cellWidth, cellHeight, rowHeight: cellHeight + gap };
}

/**
 * The items from `first` (included) to `last` (not included) that lie in sight, with `over` rows more on either side.
 * @param {{top: number, height: number, rowHeight: number, columns: number, total: number, over?: number}} view
 */
export function visibleRange({ top, height, rowHeight, columns, total, over = 2 }) {
  const firstRow = Math.max(0, Math.floor(top / rowHeight) - over);
  const lastRow = Math.max(firstRow, Math.ceil((top + height) / rowHeight) + over);
  return { first: Math.min(total, firstRow * columns), last: Math.min(total, lastRow * columns) };
}

/**
 * @typedef {object} GridOptions
 * @property {HTMLElement} root positioned, holds the cells
 * @property {HTMLElement | null} [scroller] what scrolls; null is the window
 * @property {(index: number) => string | number} key the item's identity: its cell is kept while in sight
 * @property {(index: number) => HTMLElement} create makes the cell of an item
 * @property {(cell: HTMLElement, index: number) => void} update brings a cell up to date
 * @property {(cell: HTMLElement) => void} [release] told when a cell leaves the document
 * @property {(first: number, last: number) => void} [onRange] told which items are in sight
 * @property {number} [minWidth]
 * @property {number} [gap]
 * @property {number} [ratio] height of the picture by its width
 * @property {number} [extra] height of what lies below the picture
 * @property {number} [columns] fixed number of columns
 * @property {number} [rowHeight] fixed height of a cell
 */

/** @typedef {ReturnType<typeof createGrid>} Grid */

/** @param {GridOptions} options */
export function createGrid(options) {
  const { root, scroller = null, minWidth = 190, gap = 14, ratio = 0.75, extra = 0 } = options;
  /** @type {Map<string | number, HTMLElement>} */
  const cells = new Map();
  let total = 0;
  let frame = 0;
  let box = measure({ width: root.clientWidth || 1, minWidth, gap, extra, ratio, columns: options.columns, rowHeight: options.rowHeight });

  function schedule() {
    if (!frame) frame = requestAnimationFrame(draw);
  }

  function resize() {
    box = measure({ width: root.clientWidth || 1, minWidth, gap, extra, ratio, columns: options.columns, rowHeight: options.rowHeight });
    schedule();
  }

  function viewport() {
    if (scroller) return { top: scroller.scrollTop, height: scroller.clientHeight };
    return { top: -root.getBoundingClientRect().top, height: globalThis.innerHeight };
  }

  function draw() {
    frame = 0;
    const rows = Math.ceil(total / box.columns);
    root.style.blockSize = `${Math.max(0, rows * box.rowHeight - gap)}px`;
    const { first, last } = visibleRange({ ...viewport(), rowHeight: box.rowHeight, columns: box.columns, total });
    const kept = new Set();
    let previous = focusedBefore(first);
    for (let index = first; index < last; index++) {
      const key = options.key(index);
      kept.add(key);
      previous = place(key, index, previous);
    }
    // The focused cell stays in the document, or the keyboard would lose its place.
    for (const [key, cell] of cells) {
      if (kept.has(key) || cell.contains(document.activeElement)) continue;
      options.release?.(cell);
      cell.remove();
      cells.delete(key);
    }
    options.onRange?.(first, last);
  }

  /** The focused cell, when it is kept although it lies above what is in sight. @param {number} first @returns {Element | null} */
  function focusedBefore(first) {
    const cell = document.activeElement?.closest(".cell");
    return cell instanceof HTMLElement && cell.parentNode === root && Number(cell.dataset.index) < first ? cell : null;
  }

  /**
   * The document keeps the order of the items, which is the order of Tab; cells that stand right are not moved.
   * @param {string | number} key
   * @param {number} index
   * @param {Element | null} previous the cell before this one
   */
  function place(key, index, previous) {
    let cell = cells.get(key);
    if (!cell) {
      cell = options.create(index);
      cells.set(key, cell);
    }
    if (cell.parentNode !== root || cell.previousElementSibling !== previous) {
      root.insertBefore(cell, previous ? previous.nextElementSibling : root.firstElementChild);
    }
    options.update(cell, index);
    const column = index % box.columns;
    const row = (index - column) / box.columns;
    cell.dataset.index = String(index);
    // A screen reader counts what is there, not the few cells in the document.
    cell.ariaPosInSet = String(index + 1);
    cell.ariaSetSize = String(total);
    cell.style.inlineSize = `${box.cellWidth}px`;
    cell.style.blockSize = `${box.cellHeight}px`;
    cell.style.transform = `translate(${column * (box.cellWidth + gap)}px, ${row * box.rowHeight}px)`;
    return cell;
  }

  const observer = new ResizeObserver(resize);
  observer.observe(root);
  const target = scroller ?? globalThis;
  target.addEventListener("scroll", schedule, { passive: true });

  return {
    /** @param {number} count how many items there are */
    setTotal(count) {
      total = count;
      schedule();
    },
    refresh: schedule,
    /** Draws now, for a caller that needs the cells. */
    flush() {
      cancelAnimationFrame(frame);
      draw();
    },
    get columns() {
      return box.columns;
    },
    /** @param {string | number} key */
    cell: (key) => cells.get(key),
    /** Brings the item into sight. @param {number} index */
    reveal(index) {
      const top = Math.floor(index / box.columns) * box.rowHeight;
      const view = viewport();
      if (top >= view.top && top + box.cellHeight <= view.top + view.height) return;
      const by = top < view.top ? top - view.top - gap * 5 : top + box.cellHeight - view.top - view.height + gap;
      target.scrollBy({ top: by });
    },
    destroy() {
      observer.disconnect();
      target.removeEventListener("scroll", schedule);
      cancelAnimationFrame(frame);
    },
  };
}
