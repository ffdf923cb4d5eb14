/**
 * The keys of the objects' panel: order, list, attributes, history.
 * @module pages/annotate/panel_keys
 */

/** @typedef {import("../../ui/shortcuts.js").Shortcut} Shortcut */

/** @param {import("./panel.js").Panel} panel @returns {Shortcut[]} */
export function panelKeys(panel) {
  const group = "Objects";
  return [
    { id: "stack-forward", group, keys: ["PageUp"], does: "Move the selected objects one forward", repeats: true, run: () => panel.restack("forward") },
    { id: "stack-backward", group, keys: ["PageDown"], does: "Move them one backward", repeats: true, run: () => panel.restack("backward") },
    { id: "stack-front", group, keys: ["Shift+PageUp"], does: "Move them to the front", run: () => panel.restack("front") },
    { id: "stack-back", group, keys: ["Shift+PageDown"], does: "Move them to the back", run: () => panel.restack("back") },
    { id: "select-shown", group, keys: ["Ctrl+A"], does: "Select all objects that the list shows", run: panel.selectShown },
    { id: "selected-hide", group, keys: ["Z"], does: "Hide or show the selected objects", run: panel.toggleHidden },
    { id: "attributes", group, keys: ["Shift+A"], does: "Edit the attributes of the selected objects", run: panel.focusDetails },
    { id: "objects-list", group, keys: ["Shift+V"], does: "Go to the list of objects: arrows move, Shift extends, Space toggles with Ctrl", run: panel.focusList },
    { id: "objects-filter", group, keys: ["/"], does: "Filter the list of objects", run: panel.focusFilter },
    { id: "object-history", group, keys: ["Shift+L"], does: "History of the selected object", run: panel.openHistory },
    { id: "objects-deleted", group, keys: ["Shift+Delete"], does: "Deleted objects", run: panel.openDeleted },
  ];
}
