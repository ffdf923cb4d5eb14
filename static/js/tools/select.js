/**
 * Select: click takes the smallest object under the pointer, clicking again there takes the next one.
 * @module tools/select
 */

/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {import("./types.js").ToolPointer} ToolPointer */

/**
 * @typedef {object} SelectContext
 * @property {import("../core/store.js").Store} store
 * @property {(x: number, y: number) => string[]} hitTest ids of visible objects there, smallest first
 * @property {(id: string) => void} refine
 */

/** How far apart two clicks may be and still mean the same place, in client pixels. */
const SAME_PLACE = 6;

/**
 * The object to select: the smallest, or the one after the selected when the same place is clicked again.
 * @param {string[]} hits
 * @param {string | null} selected
 * @param {boolean} again
 */
export function pick(hits, selected, again) {
  if (!hits.length) return null;
  const at = again && selected ? hits.indexOf(selected) : -1;
  return hits[(at + 1) % hits.length];
}

/** @param {SelectContext} context @returns {Tool} */
export function createSelectTool({ store, hitTest, refine }) {
  /** @type {{clientX: number, clientY: number} | null} */
  let last = null;

  /** @param {ToolPointer} pointer */
  function isAgain(pointer) {
    if (!last) return false;
    return Math.hypot(pointer.clientX - last.clientX, pointer.clientY - last.clientY) <= SAME_PLACE;
  }

  /** @param {ToolPointer} pointer */
  function click(pointer) {
    if (pointer.clicks === 2 && store.selected && isAgain(pointer)) return refine(store.selected);
    const hits = pointer.inside ? hitTest(pointer.x, pointer.y) : [];
    store.select(pick(hits, store.selected, isAgain(pointer)));
    last = pointer;
  }

  return {
    id: "select",
    activate() {
      last = null;
    },
    deactivate() {
      store.hover(null);
    },
    down(pointer) {
      if (pointer.button === 0) click(pointer);
    },
    move(pointer) {
      store.hover(pointer.inside ? (hitTest(pointer.x, pointer.y)[0] ?? null) : null);
    },
    up() {},
    leave() {
      store.hover(null);
    },
    action(action) {
      if (action === "cancel" && store.selected) {
        store.select(null);
        return true;
      }
      if (action === "finish" && store.selected) {
        refine(store.selected);
        return true;
      }
      return false;
    },
    cursor: () => (store.hovered ? "pointer" : "default"),
    scene: () => null,
  };
}
