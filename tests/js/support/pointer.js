/** @typedef {import("../../../static/js/tools/types.js").ToolPointer} ToolPointer */

/** A pointer over an image that is shown at its actual size. @param {number} x @param {number} y @param {Partial<ToolPointer>} [more] @returns {ToolPointer} */
export function pointer(x, y, more = {}) {
  return { x, y, clientX: x, clientY: y, button: 0, shift: false, ctrl: false, alt: false, pressure: 1, inside: true, type: "mouse", time: 0, clicks: 1, ...more };
}

/** @param {import("../../../static/js/tools/types.js").Tool} tool @param {[number, number][]} places @param {Partial<ToolPointer>} [more] */
export function drag(tool, places, more) {
  tool.down(pointer(...places[0], more));
  for (const place of places.slice(1)) tool.move(pointer(...place, more));
  tool.up(pointer(...places[places.length - 1], more));
}

/** @param {import("../../../static/js/tools/types.js").Tool} tool @param {number} x @param {number} y @param {Partial<ToolPointer>} [more] */
export function click(tool, x, y, more) {
  tool.move(pointer(x, y, more));
  drag(tool, [[x, y]], more);
}
