/**
 * Select: click takes the object in front under the pointer, clicking again there takes the next one; with Shift it is added
 * or taken out. A drag chooses what it encloses or crosses.
 * @module tools/select
 */
import { boxBetween } from "./session.js";
import { DRAG } from "./drag.js";

/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {import("./types.js").ToolPointer} ToolPointer */
/** @typedef {{x0: number, y0: number, x1: number, y1: number}} Box */

/**
 * @typedef {object} SelectContext
 * @property {import("../core/store.js").Store} store
 * @property {{width: number, height: number}} image
 * @property {(x: number, y: number) => string[]} hitTest ids of visible objects there, the one in front first
 * @property {(box: Box) => string[]} within ids of visible objects that have a pixel in the box
 * @property {(id: string) => void} refine
 * @property {() => void} changed
 */

/** How far apart two clicks may be and still mean the same place, in client pixels. */
const SAME_PLACE = 6;

/**
 * The object to select: the one in front, or the one after the selected when the same place is clicked again.
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
export function createSelectTool({ store, image, hitTest, within, refine, changed }) {
  /** @type {{clientX: number, clientY: number} | null} */
  let last = null;
  /** @type {ToolPointer | null} */
  let pressed = null;
  /** @type {ToolPointer | null} */
  let corner = null;

  /** @param {ToolPointer} pointer */
  function isAgain(pointer) {
    if (!last) return false;
    return Math.hypot(pointer.clientX - last.clientX, pointer.clientY - last.clientY) <= SAME_PLACE;
  }

  /** @param {ToolPointer} pointer */
  function click(pointer) {
    if (pointer.clicks === 2 && !pointer.shift && store.selected && isAgain(pointer)) return refine(store.selected);
    const hits = pointer.inside ? hitTest(pointer.x, pointer.y) : [];
    if (pointer.shift) {
      if (hits.length) store.toggleSelected(hits[0]);
    } else store.select(pick(hits, store.selected, isAgain(pointer)));
    last = pointer;
  }

  /** @param {ToolPointer} pointer */
  function move(pointer) {
    if (!pressed) return store.hover(pointer.inside ? (hitTest(pointer.x, pointer.y)[0] ?? null) : null);
    const far = Math.hypot(pointer.clientX - pressed.clientX, pointer.clientY - pressed.clientY);
    if (!corner && far <= DRAG[pointer.type]) return;
    corner = pointer;
    store.hover(null);
    changed();
  }

  /** @param {ToolPointer} pointer */
  function up(pointer) {
    const start = pressed;
    const dragged = corner !== null;
    drop();
    if (!start || pointer.button !== 0) return;
    if (!dragged) return;
    const box = boxBetween(start, pointer, image);
    const ids = box ? within(box) : [];
    store.selectAll(start.shift ? [...store.selection, ...ids] : ids);
    last = null;
  }

  function drop() {
    const was = corner !== null;
    pressed = corner = null;
    if (was) changed();
    return was;
  }

  return {
    id: "select",
    keepsSelection: true,
    activate() {
      last = null;
    },
    deactivate() {
      drop();
      store.hover(null);
    },
    down(pointer) {
      if (pointer.button !== 0) return;
      // Selecting at once shows what the click means; a drag replaces it.
      click(pointer);
      pressed = pointer;
    },
    move,
    up,
    leave() {
      drop();
      store.hover(null);
    },
    action(action) {
      if (action === "cancel" && (drop() || store.selected)) {
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
    scene() {
      const draftBox = pressed && corner ? boxBetween(pressed, corner, image) : null;
      return draftBox && { mask: null, hover: null, color: "#fff", points: [], box: null, draftBox, editing: null };
    },
  };
}
