/**
 * Colour clusters as suggestions.
 * @module pages/annotate/features/colour_clusters
 */
import { defineFeature } from "../feature.js";

export const colourClusters = defineFeature({
  id: "colour-clusters",
  needs: ["selection"],
  panel: "regions",
  async load(page, { selection }, root) {
    const { createColourClusters } = await import("../colour_clusters.js");
    return createColourClusters({ ...page, root, ask: selection.askLabel });
  },
  toolbar: ({ use }) => ({ "tool-regions": use }),
  keys: ({ use }) => [{ id: "tool-regions", group: "Objects", keys: ["C"], does: "Colour regions: click one to keep it, Esc drops them", run: use }],
});
