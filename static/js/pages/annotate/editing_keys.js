/**
 * The keys of the tools that edit masks.
 * @module pages/annotate/editing_keys
 */
import { MASK_COMMANDS } from "./mask_commands.js";

/** @typedef {import("../../ui/shortcuts.js").Shortcut} Shortcut */

/**
 * @param {object} context
 * @param {import("../../tools/registry.js").ToolRegistry} context.tools
 * @param {import("./commands.js").Commands} context.commands
 * @param {import("./editing_tools.js").EditingTools} context.editing
 * @returns {Shortcut[]}
 */
export function editingKeys({ tools, commands, editing }) {
  return [...brushKeys(tools, editing.options), ...shapeKeys(tools), ...maskKeys(commands, editing)];
}

/** @param {import("../../tools/registry.js").ToolRegistry} tools @param {import("../../tools/options.js").ToolOptions} options @returns {Shortcut[]} */
function brushKeys(tools, options) {
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

/** @param {import("../../tools/registry.js").ToolRegistry} tools @returns {Shortcut[]} */
function shapeKeys(tools) {
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

/** @param {import("./commands.js").Commands} commands @param {import("./editing_tools.js").EditingTools} editing @returns {Shortcut[]} */
function maskKeys(commands, editing) {
  const group = "Selected masks";
  return [
    { id: "tool-magic", group, keys: ["Shift+S"], does: "Smart tool that adds to the mask (click) or cuts from it (right click)", run: commands.magic },
    ...MASK_COMMANDS.map(({ id, name, keys }) => ({ id: `command-${id}`, group, keys: [keys], does: name, run: () => editing.run(id) })),
    { id: "lock", group, keys: ["L"], does: "Lock or unlock", run: commands.toggleLock },
  ];
}
