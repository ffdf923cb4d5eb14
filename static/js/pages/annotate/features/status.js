/**
 * The top bar and the toolbar tell what is going on.
 * @module pages/annotate/features/status
 */
import { createTopbar } from "../../../ui/topbar.js";
import { describeDecoder } from "../decoders.js";
import { defineFeature } from "../feature.js";
import { createState } from "../state.js";

export const status = defineFeature({
  id: "status",
  load({ canvas, view, history, tools, sync, decoder, events }) {
    const topbar = createTopbar({ view, history });
    const state = createState({ canvas, sync, topbar, armed: () => decoder.armed });

    function showSteps() {
      topbar.setHistory((tools.active?.canUndo?.() ?? false) || history.canUndo, (tools.active?.canRedo?.() ?? false) || history.canRedo);
    }

    function showTool() {
      const id = tools.active?.button ?? tools.active?.id;
      for (const button of document.querySelectorAll(".ws-tool[id^=tool-]")) {
        button.setAttribute("aria-pressed", String(button.id === `tool-${id}`));
      }
    }

    decoder.on("used", (used) => {
      const { text, title } = describeDecoder(used);
      topbar.setDecoder(text, title);
    });
    decoder.on("armed", state.update);
    events.on("steps", showSteps);
    tools.on("change", showTool);
    showSteps();
    showTool();
  },
});
