/**
 * The sheet of keys, and the dialog in which people change them.
 * @module pages/annotate/features/help
 */
import { defineFeature } from "../feature.js";

export const help = defineFeature({
  id: "help",
  async load({ api, shortcuts }) {
    const [{ openHelp }, { showKeys }] = await Promise.all([import("../../../ui/help.js"), import("../key_hints.js")]);
    showKeys(shortcuts);

    async function changeKeys() {
      const { openRebind } = await import("../../../ui/rebind.js");
      openRebind({ shortcuts, save: (keys) => api.patch("/me/preferences", { keys }) });
    }
    return { open: () => openHelp(shortcuts, () => void changeKeys()) };
  },
  toolbar: ({ open }) => ({ help: open }),
  keys: ({ open }) => [{ id: "help", group: "Help", keys: ["?", "F1"], does: "Show these keys", run: open }],
});
