/**
 * Split: a line drawn across an object divides it in two.
 * @module tools/cut
 */
import { createDrag } from "./drag.js";

/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {{x: number, y: number}} Place */

/**
 * @param {object} context
 * @param {import("../core/store.js").Store} context.store
 * @param {(from: Place, to: Place) => void} context.split the selected objects, or those under the line
 * @param {() => string} context.color
 * @param {() => void} context.changed
 * @param {() => void} context.exit
 * @returns {Tool}
 */
export function createCutTool({ store, split, color, changed, exit }) {
  const drag = createDrag({ changed, done: split });
  return {
    id: "split",
    keepsSelection: true,
    activate() {},
    deactivate: () => void drag.drop(),
    down: drag.down,
    move: drag.move,
    up: drag.up,
    leave() {
      if (drag.pressed) drag.drop();
    },
    action(action) {
      if (action === "finish") return true;
      if (action === "cancel") {
        if (drag.drop()) return true;
        if (store.selected) store.select(null);
        else exit();
        return true;
      }
      return action === "undo" && drag.ends !== null && drag.drop();
    },
    cursor: () => "crosshair",
    scene() {
      const ends = drag.ends;
      const line = ends && { x0: ends.from.x, y0: ends.from.y, x1: ends.to.x, y1: ends.to.y };
      return { mask: null, hover: null, color: color(), points: [], box: null, draftBox: null, editing: null, line };
    },
  };
}
