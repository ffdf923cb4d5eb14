/**
 * What each key does on the annotate page.
 * @module pages/annotate/keys
 */
import { openHelp } from "../../ui/help.js";
import { editingKeys } from "./editing_keys.js";
import { panelKeys } from "./panel_keys.js";
import { suggestionKeys } from "./suggestion_keys.js";
import { workingKeys } from "./working_keys.js";

/**
 * @typedef {object} KeyContext
 * @property {import("../../ui/shortcuts.js").Shortcuts} shortcuts
 * @property {import("../../tools/registry.js").ToolRegistry} tools
 * @property {import("../../core/store.js").Store} store
 * @property {import("../../canvas/view.js").View} view
 * @property {import("../../canvas/input.js").Input} input
 * @property {import("./commands.js").Commands} commands
 * @property {import("./editing_tools.js").EditingTools | null} editing null when they could not be loaded
 * @property {import("./panel.js").Panel | null} panel null when it could not be loaded
 * @property {import("./working.js").Working | null} working null when it could not be loaded
 * @property {Parameters<typeof suggestionKeys>[0]} suggestions
 * @property {HTMLElement} canvas
 */

const ZOOM_STEP = 1.25;

/** @param {KeyContext} context */
export function bindKeys(context) {
  context.shortcuts.add(allKeys(context));
  context.shortcuts.listen();
  listenToHeldKeys(context);
}

/** Every key and what it does, in the order of the help sheet. @param {KeyContext} context @returns {import("../../ui/shortcuts.js").Shortcut[]} */
export function allKeys(context) {
  const { editing, panel, working } = context;
  return [
    ...smartKeys(context),
    // Before the objects' keys: while a polygon is drawn, Backspace and Delete mean its corners.
    ...(editing ? editingKeys({ ...context, editing }) : []),
    ...suggestionKeys(context.suggestions),
    ...objectKeys(context),
    ...(panel ? panelKeys(panel) : []),
    ...viewKeys(context),
    ...(working ? workingKeys({ ...context, working }) : []),
    { id: "help", group: "Help", keys: ["?", "F1"], does: "Show these keys", run: () => (working ? working.help() : openHelp(context.shortcuts)) },
  ];
}

/** @param {KeyContext} context @returns {import("../../ui/shortcuts.js").Shortcut[]} */
function viewKeys({ view, commands, input }) {
  /** @param {number} factor */
  const zoom = (factor) => () => {
    const at = input.last && view.toCanvas(input.last.x, input.last.y);
    const { width, height } = view.size;
    // At the pointer, where it is over the canvas.
    if (at && at.x >= 0 && at.y >= 0 && at.x <= width && at.y <= height) view.zoomBy(factor, at.x, at.y);
    else view.zoomBy(factor);
  };
  return [
    { id: "pan", group: "View", keys: ["Space"], shown: ["Space-drag", "Middle-drag"], fixed: true, does: "Move the image", run: () => input.holdSpace(true) },
    { group: "View", keys: [], shown: ["Wheel"], does: "Zoom at the pointer" },
    { id: "zoom-in", group: "View", keys: ["+", "="], shown: ["+"], does: "Zoom in", repeats: true, run: zoom(ZOOM_STEP) },
    { id: "zoom-out", group: "View", keys: ["-"], does: "Zoom out", repeats: true, run: zoom(1 / ZOOM_STEP) },
    { id: "zoom-fit", group: "View", keys: ["Ctrl+0"], does: "Fit the image", run: view.fit },
    { id: "zoom-actual", group: "View", keys: ["Ctrl+1"], does: "Actual size", run: view.actualSize },
    { id: "hide-all", group: "View", keys: ["H"], does: "Hide or show all objects", run: commands.toggleAll },
    { id: "image-previous", group: "Images", keys: ["D"], does: "Previous image", run: () => commands.go("prev") },
    { id: "image-next", group: "Images", keys: ["F"], does: "Next image", run: () => commands.go("next") },
  ];
}

/** @param {KeyContext} context @returns {import("../../ui/shortcuts.js").Shortcut[]} */
function smartKeys({ tools, commands, input, view, canvas }) {
  const group = "Smart tool";
  const keyboard = createKeyboardPointer(input, view, tools, canvas);
  return [
    { id: "tool-smart", group, keys: ["S"], does: "Smart tool; with an object selected, refine it", run: commands.smart },
    { group, keys: [], shown: ["Click"], does: "Belongs to the object" },
    { group, keys: [], shown: ["Right click", "Shift+Click", "Long touch"], does: "Does not belong to it" },
    { group, keys: [], shown: ["Drag"], does: "Draw a box around it" },
    { id: "candidate-next", group, keys: ["M"], does: "Next candidate", run: () => tools.action("next-candidate") },
    { id: "candidate-previous", group, keys: ["Shift+M"], does: "Previous candidate", run: () => tools.action("previous-candidate") },
    { id: "finish", group, keys: ["Enter", "N"], does: "Keep the object", run: commands.finish },
    { id: "cancel", group, keys: ["Escape"], shown: ["Esc"], does: "Drop the prompts, then leave the tool", run: commands.cancel },
    { group, keys: [], shown: ["Hold Ctrl"], does: "Freeze the preview" },
    { id: "pointer-move", group, keys: ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"], shown: ["Arrows"], fixed: true, does: "Move the keyboard's pointer", repeats: true, run: keyboard.move },
    { id: "pointer-move-fine", group, keys: ["Shift+ArrowUp", "Shift+ArrowDown", "Shift+ArrowLeft", "Shift+ArrowRight"], shown: ["Shift+Arrows"], fixed: true, does: "Move it in fine steps", repeats: true, run: keyboard.move },
    { id: "pointer-click", group, keys: ["."], does: "Click at the keyboard's pointer", run: () => keyboard.click(false) },
    { id: "pointer-background", group, keys: [","], does: "Background click there", run: () => keyboard.click(true) },
  ];
}

/** @param {KeyContext} context @returns {import("../../ui/shortcuts.js").Shortcut[]} */
function objectKeys({ tools, commands, canvas }) {
  const group = "Objects";
  const digits = [..."1234567890"];
  /** @param {1 | -1} step */
  const byTab = (step) => (/** @type {KeyboardEvent} */ event) => event.target === canvas && commands.step(step);
  return [
    { id: "tool-regions", group, keys: ["C"], does: "Colour regions: click one to keep it, Esc drops them", run: commands.regions },
    { id: "tool-select", group, keys: ["V"], does: "Select tool", run: () => tools.use("select") },
    { group, keys: [], shown: ["Click", "Click again"], does: "Select an object; the next one below it" },
    { group, keys: [], shown: ["Shift+Click", "Drag"], does: "Add to the selection; select all that a box meets" },
    { id: "label", group, keys: digits, shown: ["1 … 9", "0"], fixed: true, does: "Choose the label", run: (event) => commands.digit(digits.indexOf(event.key)) },
    { id: "object-next", group, keys: ["Tab"], fixed: true, does: "Next object, while the canvas has the focus", repeats: true, run: byTab(1) },
    { id: "object-previous", group, keys: ["Shift+Tab"], fixed: true, does: "Previous object", repeats: true, run: byTab(-1) },
    { id: "object-delete", group, keys: ["Delete", "Backspace"], shown: ["Delete"], does: "Delete the selected objects", run: commands.removeSelected },
    { id: "undo", group, keys: ["Ctrl+Z"], does: "Undo; inside the smart tool one prompt", repeats: true, run: commands.undo },
    { id: "redo", group, keys: ["Ctrl+Shift+Z", "Ctrl+Y"], does: "Redo", repeats: true, run: commands.redo },
  ];
}

/** Keys that matter while they are held. @param {KeyContext} context */
function listenToHeldKeys({ tools, input }) {
  window.addEventListener("keydown", (event) => {
    if (event.key === "Control") tools.action("freeze");
    // The style sheet shows the canvas's focus to those who came by keyboard.
    if (event.key === "Tab") document.body.dataset.byTab = "";
  });
  window.addEventListener("pointerdown", () => delete document.body.dataset.byTab);
  window.addEventListener("keyup", (event) => {
    if (event.key === "Control") tools.action("thaw");
    if (event.key === " ") input.holdSpace(false);
  });
  window.addEventListener("blur", () => {
    tools.action("thaw");
    input.holdSpace(false);
  });
}

/**
 * A pointer for people who use no mouse: it starts where the mouse was last, or in the middle.
 * @param {import("../../canvas/input.js").Input} input
 * @param {import("../../canvas/view.js").View} view
 * @param {import("../../tools/registry.js").ToolRegistry} tools
 * @param {HTMLElement} canvas
 */
function createKeyboardPointer(input, view, tools, canvas) {
  const STEP = 16;
  const FINE = 2;

  function place() {
    const { width, height } = view.size;
    const image = input.crosshair ?? (input.last ? { x: input.last.x, y: input.last.y } : view.toImage(width / 2, height / 2));
    return view.toCanvas(image.x, image.y);
  }

  return {
    /** @param {KeyboardEvent} event */
    move(event) {
      // Elsewhere the arrows scroll.
      if (event.target !== canvas && event.target !== document.body) return false;
      const step = event.shiftKey ? FINE : STEP;
      const at = place();
      const dx = event.key.endsWith("Right") ? step : event.key.endsWith("Left") ? -step : 0;
      const dy = event.key.endsWith("Down") ? step : event.key.endsWith("Up") ? -step : 0;
      const { width, height } = view.size;
      input.moveCrosshair(Math.min(Math.max(at.x + dx, 0), width), Math.min(Math.max(at.y + dy, 0), height));
      return true;
    },
    /** @param {boolean} background */
    click(background) {
      if (!input.crosshair) return;
      const at = place();
      const pointer = { ...input.keyboardPointer(at.x, at.y), shift: background };
      tools.active?.down(pointer);
      tools.active?.up(pointer);
    },
  };
}
