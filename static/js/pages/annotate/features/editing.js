/**
 * The tools that edit masks. The image and the smart tool come first: these are loaded beside them.
 * @module pages/annotate/features/editing
 */
import { defineFeature } from "../feature.js";
import { MASK_COMMANDS } from "../mask_commands.js";
import { measureStrokes } from "../measure.js";

/** @typedef {import("../page.js").Page} Page */
/** @typedef {import("../../../ui/shortcuts.js").Shortcut} Shortcut */
/** @typedef {import("../editing_tools.js").EditingTools} EditingTools */

/** @param {Page} page @param {EditingTools} editing @returns {Shortcut[]} */
function brushKeys({ tools }, { options }) {
  const group = "Brush and eraser";
  /** @param {number} steps */
  const resize = (steps) => () => (tools.active?.resize ?? options.resize)(steps);
  return [
    { id: "tool-brush", group, keys: ["B"], does: "Brush: into the selected object, or a new one", run: () => tools.use("brush") },
    { id: "tool-eraser", group, keys: ["E"], does: "Eraser", run: () => tools.use("eraser") },
    { id: "brush-smaller", group, keys: ["["], does: "Smaller brush", repeats: true, run: resize(-1) },
    { id: "brush-larger", group, keys: ["]"], does: "Larger brush", repeats: true, run: resize(1) },
    { group, keys: [], shown: ["Shift+Wheel"], does: "Size of the brush; a pen's pressure narrows it" },
    { group, keys: [], shown: ["Shift+Click"], does: "Straight line from where the last stroke ended" },
    { group, keys: [], shown: ["Right drag"], does: "Erase with the brush, paint with the eraser" },
    { group, keys: [], shown: ["Enter"], does: "Let go of the object: the next stroke begins another" },
  ];
}

/** @param {Page} page @returns {Shortcut[]} */
function shapeKeys({ tools }) {
  const group = "Polygon, box and split";
  return [
    { id: "tool-polygon", group, keys: ["P"], does: "Polygon; with an object selected, its outline", run: () => tools.use("polygon") },
    { group, keys: [], shown: ["Click", "Drag"], does: "Add a corner, or draw freely" },
    { group, keys: [], shown: ["Enter", "Click the first corner"], does: "Close the polygon" },
    { id: "corner-undo", group, keys: ["Backspace"], does: "Take the last corner back", repeats: true, run: () => tools.action("remove-last") },
    { group, keys: [], shown: ["Drag a corner", "Drag an edge"], does: "Move the corner; make one on the edge" },
    { id: "corner-remove", group, keys: ["Delete"], shown: ["Right click a corner", "Delete"], does: "Remove the corner", run: () => tools.action("remove-corner") },
    { group, keys: [], shown: ["Hold Alt"], does: "Snap to the edges of others; with Snap on, do not" },
    { id: "tool-box", group, keys: ["R"], does: "Box: drag, or click two corners; Shift makes a square", run: () => tools.use("box") },
    { id: "tool-split", group, keys: ["K"], does: "Split: a line across an object makes two of it", run: () => tools.use("split") },
  ];
}

export const editing = defineFeature({
  id: "editing",
  needs: ["selection", "smart"],
  panel: "tool-options",
  async load(page, { selection, smart }, root) {
    const { createEditingTools } = await import("../editing_tools.js");
    const editing = createEditingTools({
      ...page,
      root,
      ask: selection.askLabel,
      decoder: page.decoder.current,
      refine: smart.refine,
      failed: page.decodeFailed,
    });
    page.events.on("steps", editing.stepsChanged);
    measureStrokes(page.renderer, editing.strokeTime);
    return editing;
  },
  toolbar: (_own, { tools }) => Object.fromEntries(["brush", "eraser", "polygon", "box", "split", "select"].map((id) => [`tool-${id}`, () => tools.use(id)])),
  // Before the keys of the selection: while a polygon is drawn, Backspace and Delete mean its corners.
  keys(own, page, { selection, smart }) {
    const group = "Selected masks";
    return [
      ...brushKeys(page, own),
      ...shapeKeys(page),
      { id: "tool-magic", group, keys: ["Shift+S"], does: "Smart tool that adds to the mask (click) or cuts from it (right click)", run: smart.magic },
      ...MASK_COMMANDS.map(({ id, name, keys }) => ({ id: `command-${id}`, group, keys: [keys], does: name, run: () => own.run(id) })),
      { id: "lock", group, keys: ["L"], does: "Lock or unlock", run: selection.toggleLock },
    ];
  },
});
