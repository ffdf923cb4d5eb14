/**
 * The image's clusters of colour as suggestions.
 * @module pages/annotate/colour_clusters
 */
import { createColourClusterPanel } from "../../ui/colour_clusters.js";
import { createSuggestions } from "./suggestions.js";

/** @typedef {import("../../canvas/suggestion_layer.js").Suggestion} Cluster */

const GIVE_UP_AFTER = 120_000;
/** No model judged them, and no prompts made them. */
const WITHOUT_MODEL = { prompts: null, candidate: null, score: null, model: "" };

/** @param {import("./suggestions.js").SuggestionsContext} context */
export function createColourClusters(context) {
  const { root, image, api, store, tools, done } = context;
  const suggestions = createSuggestions(context, {
    tool: "regions",
    source: "colour",
    keeps: true,
    activated: search,
    giveUpAfter: GIVE_UP_AFTER,
    words: {
      late: "The server did not find the regions in time.",
      failed: "The server could not find the regions.",
      title: "The regions could not be found",
    },
    panel: () => createColourClusterPanel({ root, search, drop: () => suggestions.drop(), done }),
  });

  function search() {
    const ask = () => api.post(`/images/${image.id}/regions`, suggestions.panel.options());
    suggestions.search(ask, ({ regions }) => regions.map((/** @type {Cluster} */ one) => ({ ...one, ...WITHOUT_MODEL })));
  }
  return {
    use() {
      store.select(null);
      tools.use("regions");
    },
  };
}
