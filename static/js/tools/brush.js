/**
 * Brush and eraser: strokes that become part of the mask itself. The right button does the other one's work.
 * @module tools/brush
 */
import { dabAt } from "../geometry/stroke.js";

/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {import("./types.js").ToolPointer} ToolPointer */
/** @typedef {import("../geometry/stroke.js").Dab} Dab */

/** @typedef {{dabs: Dab[], shape: import("../geometry/stroke.js").BrushShape, erase: boolean, id: string | null}} Stroke id: the object it changes, null for a new one */

/**
 * @typedef {object} BrushContext
 * @property {import("../core/store.js").Store} store
 * @property {import("./options.js").ToolOptions} options
 * @property {(pointer: ToolPointer, erase: boolean) => {id: string | null} | null} target what a stroke from here changes; null refuses it
 * @property {(stroke: Stroke) => void | Promise<void>} commit
 * @property {() => string} color of the current label
 * @property {() => void} changed
 * @property {() => void} exit leaves the tool
 */

/** A pen that hardly touches still paints this part of the brush's width. */
const LIGHTEST = 0.2;

/** @param {BrushContext} context @param {boolean} erases */
export function createBrushTool(context, erases) {
  const { store, options, changed } = context;
  /** @type {Stroke | null} */
  let stroke = null;
  let pressed = false;
  /** @type {ToolPointer | null} */
  let latest = null;
  /** @type {Dab | null} where the last stroke ended */
  let last = null;
  let time = 0;

  /** @param {{x: number, y: number, pressure: number}} at */
  function dab({ x, y, pressure }) {
    const share = LIGHTEST + (1 - LIGHTEST) * pressure;
    return dabAt(x, y, options.values.size * share);
  }

  /** @param {Dab} next */
  function add(next) {
    const before = stroke?.dabs.at(-1);
    if (before && before.x === next.x && before.y === next.y && before.size === next.size) return;
    stroke?.dabs.push(next);
  }

  /** @param {ToolPointer} pointer */
  function begin(pointer) {
    const erase = erases !== (pointer.button === 2);
    const target = context.target(pointer, erase);
    if (!target) return;
    // With Shift, a straight line from where the last stroke ended.
    const dabs = pointer.shift && last ? [last] : [];
    stroke = { dabs, shape: options.values.shape, erase, id: target.id };
    pressed = true;
    add(dab(pointer));
  }

  async function end() {
    pressed = false;
    const finished = stroke;
    if (!finished) return;
    await context.commit(finished);
    last = finished.dabs.at(-1) ?? null;
    if (stroke === finished) stroke = null;
    changed();
  }

  function drop() {
    pressed = false;
    stroke = null;
    changed();
  }

  function cancel() {
    if (stroke) drop();
    else if (store.selected) store.select(null);
    else context.exit();
    return true;
  }

  /** @type {Record<string, () => boolean>} */
  const actions = {
    cancel,
    // The next stroke begins a new object.
    finish() {
      if (!store.selected) return false;
      store.select(null);
      return true;
    },
    undo() {
      if (!stroke) return false;
      drop();
      return true;
    },
  };

  function editing() {
    return stroke ? stroke.id : store.selected;
  }

  /** @type {Tool} */
  const tool = {
    id: erases ? "eraser" : "brush",
    keepsSelection: true,
    activate() {
      last = null;
    },
    deactivate() {
      pressed = false;
      stroke = null;
      latest = null;
    },
    down(pointer) {
      latest = pointer;
      // A stroke that waits for its label is not painted over.
      if (!stroke && (pointer.button === 0 || pointer.button === 2)) begin(pointer);
      changed();
    },
    move(pointer) {
      latest = pointer;
      time = pointer.time;
      if (pressed) for (const place of pointer.trail ?? [pointer]) add(dab(place));
      changed();
    },
    up(pointer) {
      latest = pointer;
      if (pressed) void end();
    },
    leave() {
      latest = null;
      if (pressed) drop();
      changed();
    },
    resize(steps) {
      options.resize(steps);
      changed();
    },
    action: (action) => actions[action]?.() ?? false,
    cursor: () => "none",
    scene() {
      const id = editing();
      const ring = latest && { dab: dab(latest), shape: options.values.shape, erase: stroke?.erase ?? erases };
      return {
        mask: null,
        hover: null,
        color: context.color(),
        points: [],
        box: null,
        draftBox: null,
        editing: id,
        edit: { annotation: (id && store.get(id)) || null, stroke, ring },
      };
    },
  };
  return {
    tool,
    /** When the pointer moved that the last scene shows. */
    get time() {
      return pressed ? time : 0;
    },
  };
}
