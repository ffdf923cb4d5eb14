/**
 * A long list of rows of one height, of which only those in sight are in the page. Rows are made anew when their key changes,
 * and the focus stays where it was.
 * @module ui/virtual_list
 */

/**
 * @typedef {object} VirtualList
 * @property {HTMLElement} scroller
 * @property {HTMLElement} list rows lie in it by their place
 * @property {() => number} rowHeight CSS pixels
 * @property {(index: number) => string} idOf
 * @property {(index: number) => string} keyOf what the row shows, as text
 * @property {(index: number) => HTMLElement} build
 * @property {() => number | null} anchored the row that stays in sight while the list changes its height
 * @property {(node: HTMLElement, index: number) => void} refresh what may change without making the row anew
 */

/** Rows around those in sight, so that scrolling finds them there. */
const MORE = 6;

/** @param {VirtualList} options */
export function createVirtualList({ scroller, list, rowHeight, idOf, keyOf, build, refresh, anchored }) {
  /** @type {Map<string, {node: HTMLElement, key: string}>} */
  let rows = new Map();
  let count = 0;
  let height = 0;
  let top = 0;
  let queued = false;

  /** Indices of the rows to be there. */
  function wanted() {
    const row = rowHeight();
    const first = Math.max(0, Math.floor(top / row) - MORE);
    const last = Math.min(count, Math.ceil((top + height) / row) + MORE);
    const indices = Array.from({ length: Math.max(0, last - first) }, (_, k) => first + k);
    const kept = focusedIndex();
    if (kept !== null && (kept < first || kept >= last)) indices.splice(kept < first ? 0 : indices.length, 0, kept);
    return indices;
  }

  /** The row with the focus stays, wherever the list is scrolled to. */
  function focusedIndex() {
    const id = focusedRow()?.dataset.id;
    if (id === undefined) return null;
    for (let k = 0; k < count; k++) if (idOf(k) === id) return k;
    return null;
  }

  function focusedRow() {
    const row = document.activeElement?.closest("[data-id]");
    return row instanceof HTMLElement && list.contains(row) ? row : null;
  }

  function render() {
    queued = false;
    const row = rowHeight();
    list.style.blockSize = `${count * row}px`;
    const focused = focusedPlace();
    /** @type {typeof rows} */
    const next = new Map();
    let at = list.firstElementChild;
    for (const index of wanted()) {
      const id = idOf(index);
      const key = keyOf(index);
      const old = rows.get(id);
      const node = old?.key === key ? old.node : build(index);
      if (old && old.node !== node) {
        if (at === old.node) at = old.node.nextElementSibling;
        old.node.remove();
      }
      node.style.insetBlockStart = `${index * row}px`;
      node.setAttribute("aria-posinset", String(index + 1));
      node.setAttribute("aria-setsize", String(count));
      refresh(node, index);
      if (at === node) at = node.nextElementSibling;
      else list.insertBefore(node, at);
      next.set(id, { node, key });
    }
    for (const [id, { node }] of rows) if (!next.has(id)) node.remove();
    rows = next;
    restoreFocus(focused);
  }

  /** @returns {{id: string, control: number} | null} */
  function focusedPlace() {
    const row = focusedRow();
    if (!row) return null;
    return { id: row.dataset.id ?? "", control: [...row.querySelectorAll("button")].indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)) };
  }

  /** @param {ReturnType<typeof focusedPlace>} place */
  function restoreFocus(place) {
    if (!place || focusedRow()) return;
    rows.get(place.id)?.node.querySelectorAll("button")[place.control]?.focus({ preventScroll: true });
  }

  function schedule() {
    if (queued) return;
    queued = true;
    queueMicrotask(render);
  }

  scroller.addEventListener("scroll", () => {
    top = scroller.scrollTop;
    render();
  }, { passive: true });
  new ResizeObserver(([entry]) => {
    const kept = anchored();
    const seen = kept !== null && isSeen(kept);
    height = entry.contentRect.height;
    render();
    // A panel that opens below must not cover the row that it was opened for.
    if (seen) reveal(kept);
  }).observe(scroller);

  /** @param {number} index */
  const isSeen = (index) => (index + 1) * rowHeight() > top && index * rowHeight() < top + height;

  /** Scrolls as little as shows a row. @param {number} index */
  function reveal(index) {
    const row = rowHeight();
    const [from, to] = [index * row, (index + 1) * row];
    if (from < top) top = from;
    else if (to > top + height) top = to - height;
    else return;
    list.style.blockSize = `${count * row}px`;
    scroller.scrollTop = top;
    render();
  }

  return {
    /** The rows, or what they show, have changed. @param {number} rowsNow */
    update(rowsNow) {
      count = rowsNow;
      schedule();
    },
    reveal,
    /** @param {string} id */
    node: (id) => rows.get(id)?.node ?? null,
    render,
  };
}
