/**
 * The keys of what is around the tools: the view's settings, the way through the images, the clipboard.
 * @module pages/annotate/working_keys
 */

/** @typedef {import("../../ui/shortcuts.js").Shortcut} Shortcut */

/**
 * @param {object} context
 * @param {import("./working.js").Working} context.working
 * @returns {Shortcut[]}
 */
export function workingKeys({ working }) {
  return [...lookKeys(working), ...imageKeys(working), ...clipboardKeys(working)];
}

/** @param {import("./working.js").Working} working @returns {Shortcut[]} */
function lookKeys(working) {
  const group = "View";
  return [
    { id: "view-settings", group, keys: ["Y"], does: "Settings of the view: brightness, contrast, gamma, masks", run: working.toggleView },
    { id: "turn-right", group, keys: ["T"], does: "Turn the view to the right", run: () => working.turn(1) },
    { id: "turn-left", group, keys: ["Shift+T"], does: "Turn the view to the left", run: () => working.turn(-1) },
    { id: "tint-less", group, keys: ["W"], does: "Fainter masks", repeats: true, run: () => working.tint(-20) },
    { id: "tint-more", group, keys: ["Shift+W"], does: "Stronger masks", repeats: true, run: () => working.tint(20) },
    { id: "look-outline", group, keys: ["I"], does: "Outlines only, or filled masks", run: () => working.toggle("outline") },
    { id: "look-tags", group, keys: ["Shift+Y"], does: "Show or hide label tags", run: () => working.toggle("tags") },
    { id: "look-alone", group, keys: ["Shift+H"], does: "Hide all but the selected objects, or show them again", run: () => working.toggle("alone") },
    { id: "look-grid", group, keys: ["Shift+I"], does: "Grid between large pixels", run: () => working.toggle("grid") },
  ];
}

/** @param {import("./working.js").Working} working @returns {Shortcut[]} */
function imageKeys(working) {
  const group = "Images";
  return [
    { id: "image-untouched", group, keys: ["Shift+F"], does: "Next image without an object, neither submitted nor skipped", run: working.nextUntouched },
    { id: "work-submit", group, keys: ["Ctrl+Enter"], does: "Submit the image and go to the next", run: working.submit },
    { id: "work-skip", group, keys: ["Ctrl+Shift+Enter"], does: "Skip the image for a reason", run: working.skip },
    { id: "work-reopen", group, keys: ["Shift+R"], does: "Open a submitted or skipped image again", run: working.reopen },
  ];
}

/** @param {import("./working.js").Working} working @returns {Shortcut[]} */
function clipboardKeys(working) {
  const group = "Objects";
  return [
    { id: "copy", group, keys: ["Ctrl+C"], does: "Copy the selected objects", run: working.copy },
    { id: "paste", group, keys: ["Ctrl+V"], does: "Paste them here at the pointer, on another image in the same place", run: working.paste },
    { id: "propagate", group, keys: ["Ctrl+B"], does: "Take the selected objects along to the next image", run: working.propagate },
  ];
}
