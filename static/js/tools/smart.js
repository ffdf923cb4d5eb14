/**
 * The smart tool: pointer and keys over the prompt controller.
 * @module tools/smart
 */
import { createPromptController } from "./prompt_controller.js";
import { boxBetween } from "./session.js";

/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {import("./types.js").ToolPointer} ToolPointer */
/** @typedef {import("./types.js").Scene} Scene */

/**
 * @typedef {object} SmartContext
 * @property {{width: number, height: number}} image
 * @property {() => import("./types.js").Decoder | null} decoder
 * @property {(finished: import("./prompt_controller.js").Finished) => boolean | Promise<boolean>} accept saves the object; false keeps the prompts
 * @property {() => string} color of the current label
 * @property {() => void} changed
 * @property {(error: unknown) => void} failed
 * @property {() => void} exit leaves the tool
 * @property {() => void} undoBefore undoes what came before the object in the making
 */

/** @typedef {ReturnType<typeof createSmartTool>} SmartTool */

/** A press that moves further than this (client pixels) draws a box instead of clicking. */
const DRAG = { mouse: 5, pen: 8, touch: 12, keyboard: 5 };

/** A finger has no second button: holding it means background. */
const LONG_TOUCH_MS = 450;

/** @param {SmartContext} context */
export function createSmartTool(context) {
  const { image, changed } = context;
  const controller = createPromptController({ decoder: context.decoder, changed, failed: context.failed });
  /** @type {ToolPointer | null} */
  let pressed = null;
  /** @type {ToolPointer | null} */
  let latest = null;
  let dragging = false;
  let frozen = false;

  /** @param {ToolPointer} pointer @param {0 | 1} label */
  function addPoint(pointer, label) {
    if (pointer.inside && context.decoder()) controller.point({ x: pointer.x, y: pointer.y, label });
  }

  /** @param {ToolPointer} pointer */
  function hover(pointer) {
    if (frozen || pointer.ctrl) return;
    if (!pointer.inside) return controller.clearHover();
    if (pointer.type === "touch") return;
    controller.hover({ x: pointer.x, y: pointer.y, label: pointer.shift ? 0 : 1 }, pointer.time);
  }

  /** @param {ToolPointer} pointer */
  function drag(pointer) {
    if (!pressed) return;
    const far = Math.hypot(pointer.clientX - pressed.clientX, pointer.clientY - pressed.clientY);
    if (!dragging && far <= DRAG[pointer.type]) return;
    if (!dragging) controller.clearHover();
    dragging = true;
    changed();
  }

  /** @param {ToolPointer} pointer */
  function release(pointer) {
    const start = pressed;
    const wasDragging = dragging;
    pressed = null;
    dragging = false;
    if (!start) return;
    const held = pointer.type === "touch" && pointer.time - start.time > LONG_TOUCH_MS;
    if (!wasDragging) return addPoint(start, start.shift || held ? 0 : 1);
    const box = boxBetween(start, pointer, image);
    if (box && context.decoder()) controller.box(box);
    changed();
  }

  function cancelPress() {
    pressed = null;
    dragging = false;
    changed();
  }

  function cancel() {
    if (pressed) cancelPress();
    else if (!controller.isEmpty || controller.editing) controller.drop();
    else context.exit();
    return true;
  }

  /** @type {Record<string, () => boolean>} */
  const actions = {
    finish() {
      if (controller.isEmpty) return false;
      controller.finish(context.accept);
      return true;
    },
    cancel,
    "next-candidate": () => (controller.cycle(1), true),
    "previous-candidate": () => (controller.cycle(-1), true),
    undo() {
      if (controller.isEmpty) {
        // What is undone now lies before this object: its prompts must not come back by a redo.
        controller.drop();
        return false;
      }
      controller.undo(context.undoBefore);
      return true;
    },
    redo() {
      if (!controller.canRedo) return false;
      controller.redo();
      return true;
    },
    freeze() {
      frozen = true;
      return true;
    },
    thaw() {
      frozen = false;
      return true;
    },
  };

  /** @returns {Scene} */
  function scene() {
    const box = controller.steps.find((step) => step.kind === "box");
    const points = controller.steps.flatMap((step) => (step.kind === "point" ? [step] : []));
    return {
      mask: controller.chosen(),
      hover: controller.hovered?.candidate ?? null,
      color: context.color(),
      points: [...points, ...controller.waiting],
      box: box?.kind === "box" ? box : null,
      draftBox: dragging && pressed && latest ? boxBetween(pressed, latest, image) : null,
      editing: controller.editing,
    };
  }

  /** @type {Tool} */
  const tool = {
    id: "smart",
    activate() {
      frozen = false;
    },
    deactivate() {
      pressed = null;
      dragging = false;
      controller.drop();
    },
    down(pointer) {
      latest = pointer;
      if (pointer.button === 2) return addPoint(pointer, 0);
      if (pointer.button === 0) pressed = pointer;
    },
    move(pointer) {
      latest = pointer;
      if (pressed) drag(pointer);
      else hover(pointer);
    },
    up(pointer) {
      latest = pointer;
      if (pointer.button === 0) release(pointer);
    },
    leave() {
      controller.clearHover();
      if (pressed) cancelPress();
    },
    action: (action) => actions[action]?.() ?? false,
    isMaking: () => !controller.isEmpty,
    canUndo: () => !controller.isEmpty,
    canRedo: () => controller.canRedo,
    cursor: () => (context.decoder() ? "crosshair" : "progress"),
    scene,
  };
  return { tool, controller };
}
