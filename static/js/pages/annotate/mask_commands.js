/**
 * What can be done to the selected masks: for the bar over the image, the keys and the docs.
 * @module pages/annotate/mask_commands
 */

/** @type {{id: string, name: string, keys: string, icon: string, minSelected?: number}[]} minSelected: so many objects must be selected */
export const MASK_COMMANDS = [
  { id: "merge", name: "Merge the selected objects", keys: "U", icon: "merge", minSelected: 2 },
  { id: "subtract", name: "Subtract from the neighbours", keys: "X", icon: "subtract" },
  { id: "cut-out", name: "Cut the neighbours out", keys: "Shift+X", icon: "cut-out" },
  { id: "separate", name: "Make each part an object", keys: "Shift+K", icon: "separate" },
  { id: "convert", name: "Convert to a polygon", keys: "Shift+P", icon: "polygon" },
  { id: "grow", name: "Grow", keys: "G", icon: "grow" },
  { id: "shrink", name: "Shrink", keys: "Shift+G", icon: "shrink" },
  { id: "smooth", name: "Smooth", keys: "J", icon: "smooth" },
  { id: "fill-holes", name: "Fill holes", keys: "O", icon: "fill-holes" },
  { id: "remove-specks", name: "Remove specks", keys: "Shift+O", icon: "remove-specks" },
];
