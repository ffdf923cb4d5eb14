/**
 * Objects copied, pasted, and taken along.
 * @module pages/annotate/features/clipboard
 */
import { defineFeature } from "../feature.js";

export const clipboard = defineFeature({
  id: "clipboard",
  needs: ["navigation"],
  async load(page, { navigation }) {
    const { createClipboard } = await import("../clipboard.js");
    const { data, input, toasts } = page;
    return createClipboard({
      ...page,
      pointer: () => (input.last?.inside ? input.last : input.crosshair),
      propagate(clip) {
        if (data.next !== null) return navigation.leave(data.next, clip);
        toasts.info("This is the last image");
        return true;
      },
      storage: () => localStorage,
    });
  },
  keys({ copy, paste, propagate }) {
    const group = "Objects";
    return [
      { id: "copy", group, keys: ["Ctrl+C"], does: "Copy the selected objects", run: copy },
      { id: "paste", group, keys: ["Ctrl+V"], does: "Paste them here at the pointer, on another image in the same place", run: paste },
      { id: "propagate", group, keys: ["Ctrl+B"], does: "Take the selected objects along to the next image", run: propagate },
    ];
  },
});
