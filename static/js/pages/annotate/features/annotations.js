/**
 * The list of objects and the panel of the selected ones.
 * @module pages/annotate/features/annotations
 */
import { byId } from "../../../ui/element.js";
import { defineFeature } from "../feature.js";

export const annotations = defineFeature({
  id: "annotations",
  needs: ["selection", "smart"],
  panel: "objects",
  async load(page, { selection, smart }, root) {
    const { createAnnotationPanel } = await import("../annotation_panel.js");
    return createAnnotationPanel({
      ...page,
      places: { root, count: byId("objects-count", HTMLElement), selected: byId("selected", HTMLElement) },
      select: selection.reveal,
      unlocked: selection.unlocked,
      refine: smart.refine,
    });
  },
  keys(own) {
    const group = "Objects";
    return [
      { id: "stack-forward", group, keys: ["PageUp"], does: "Move the selected objects one forward", repeats: true, run: () => own.restack("forward") },
      { id: "stack-backward", group, keys: ["PageDown"], does: "Move them one backward", repeats: true, run: () => own.restack("backward") },
      { id: "stack-front", group, keys: ["Shift+PageUp"], does: "Move them to the front", run: () => own.restack("front") },
      { id: "stack-back", group, keys: ["Shift+PageDown"], does: "Move them to the back", run: () => own.restack("back") },
      { id: "select-shown", group, keys: ["Ctrl+A"], does: "Select all objects that the list shows", run: own.selectShown },
      { id: "selected-hide", group, keys: ["Z"], does: "Hide or show the selected objects", run: own.toggleHidden },
      { id: "attributes", group, keys: ["Shift+A"], does: "Edit the attributes of the selected objects", run: own.focusDetails },
      { id: "objects-list", group, keys: ["Shift+V"], does: "Go to the list of objects: arrows move, Shift extends, Space toggles with Ctrl", run: own.focusList },
      { id: "objects-filter", group, keys: ["/"], does: "Filter the list of objects", run: own.focusFilter },
      { id: "object-history", group, keys: ["Shift+L"], does: "History of the selected object", run: own.openHistory },
      { id: "objects-deleted", group, keys: ["Shift+Delete"], does: "Deleted objects", run: own.openDeleted },
    ];
  },
});
