/**
 * Suggested objects, which nobody asks for in the first second.
 * @module pages/annotate/features/model_suggestions
 */
import { byId } from "../../../ui/element.js";
import { defineFeature } from "../feature.js";

export const modelSuggestions = defineFeature({
  id: "model-suggestions",
  needs: ["selection"],
  panel: "proposals",
  async load(page, { selection }, root) {
    const { createModelSuggestions } = await import("../model_suggestions.js");
    const suggestions = createModelSuggestions({ ...page, root, ask: selection.askLabel });
    byId("tool-proposals", HTMLButtonElement).disabled = false;
    return suggestions;
  },
  toolbar: ({ start }) => ({ "tool-proposals": () => start("autoSegment") }),
  keys({ start, acceptAll }) {
    const group = "Proposals";
    return [
      { id: "tool-proposals", group, keys: ["Q"], does: "Everything: propose all objects of the image", run: () => start("autoSegment") },
      { id: "propose-alike", group, keys: ["Shift+Q"], does: "Propose objects like the selected ones, or like those of the image before", run: () => start("findSimilar") },
      { id: "proposals-keep", group, keys: ["A"], does: "Keep all proposals that are shown", run: acceptAll },
      { group, keys: [], shown: ["Click", "Shift+Click"], does: "Keep a proposal; drop it" },
    ];
  },
});
