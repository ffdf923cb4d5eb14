/**
 * How picture and masks are shown.
 * @module pages/annotate/features/view_settings
 */
import { byId } from "../../../ui/element.js";
import { idOf } from "../../../ui/shortcuts.js";
import { defineFeature } from "../feature.js";

export const viewSettings = defineFeature({
  id: "view-settings",
  async load({ viewSettings, shortcuts, done }) {
    const { createViewPanel } = await import("../../../ui/view_panel.js");
    /** @param {number} quarters */
    const rotate = (quarters) => viewSettings.set({ rotation: (viewSettings.values.rotation + quarters + 4) % 4 });
    /** @param {string} id */
    const keyOf = (id) => {
      const shortcut = shortcuts.all().find((one) => idOf(one) === id);
      return shortcut ? (shortcuts.keysOf(shortcut)[0] ?? "") : "";
    };
    const panel = createViewPanel({ button: byId("view-settings", HTMLButtonElement), viewSettings, rotate, keyOf, done });
    return { rotate, togglePanel: panel.toggle };
  },
  // The panel takes the focus.
  toolbar: ({ togglePanel }) => ({ "view-settings": () => (togglePanel(), false) }),
  keys({ rotate, togglePanel }, { viewSettings }) {
    const group = "View";
    /** @param {"outline" | "tags" | "alone" | "grid"} key */
    const toggle = (key) => () => viewSettings.set({ [key]: !viewSettings.values[key] });
    /** @param {number} percent */
    const tint = (percent) => () => viewSettings.set({ opacity: viewSettings.values.opacity + percent });
    return [
      { id: "view-settings", group, keys: ["Y"], does: "Settings of the view: brightness, contrast, gamma, masks", run: togglePanel },
      { id: "turn-right", group, keys: ["T"], does: "Turn the view to the right", run: () => rotate(1) },
      { id: "turn-left", group, keys: ["Shift+T"], does: "Turn the view to the left", run: () => rotate(-1) },
      { id: "tint-less", group, keys: ["W"], does: "Fainter masks", repeats: true, run: tint(-20) },
      { id: "tint-more", group, keys: ["Shift+W"], does: "Stronger masks", repeats: true, run: tint(20) },
      { id: "look-outline", group, keys: ["I"], does: "Outlines only, or filled masks", run: toggle("outline") },
      { id: "look-tags", group, keys: ["Shift+Y"], does: "Show or hide label tags", run: toggle("tags") },
      { id: "look-alone", group, keys: ["Shift+H"], does: "Hide all but the selected objects, or show them again", run: toggle("alone") },
      { id: "look-grid", group, keys: ["Shift+I"], does: "Grid between large pixels", run: toggle("grid") },
    ];
  },
});
