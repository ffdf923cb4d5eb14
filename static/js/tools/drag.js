/**
 * What tools share that go from one place to another: by dragging, or by a click at either end.
 * @module tools/drag
 */

/** @typedef {import("./types.js").ToolPointer} ToolPointer */

/** A press that moves further than this (client pixels) drags. */
export const DRAG = { mouse: 5, pen: 8, touch: 12, keyboard: Infinity };

/**
 * @param {object} context
 * @param {(from: ToolPointer, to: ToolPointer) => void} context.done
 * @param {() => void} context.changed
 */
export function createDrag({ done, changed }) {
  /** @type {ToolPointer | null} */
  let from = null;
  /** @type {ToolPointer | null} */
  let to = null;
  let pressed = false;

  function drop() {
    const was = from !== null;
    from = to = null;
    pressed = false;
    changed();
    return was;
  }

  return {
    drop,
    /** @param {ToolPointer} pointer */
    down(pointer) {
      if (pointer.button !== 0) return;
      pressed = true;
      from ??= pointer;
      to = pointer;
      changed();
    },
    /** @param {ToolPointer} pointer */
    move(pointer) {
      if (!from) return;
      to = pointer;
      changed();
    },
    /** @param {ToolPointer} pointer */
    up(pointer) {
      if (!from || !pressed) return;
      pressed = false;
      to = pointer;
      const far = Math.hypot(pointer.clientX - from.clientX, pointer.clientY - from.clientY);
      // A click stays where it is as one end; the next one is the other.
      if (far <= (pointer.type === "keyboard" ? 1 : DRAG[pointer.type])) return;
      const start = from;
      drop();
      done(start, pointer);
    },
    /** What is between the two ends now. */
    get ends() {
      return from && to ? { from, to } : null;
    },
    get pressed() {
      return pressed;
    },
  };
}
