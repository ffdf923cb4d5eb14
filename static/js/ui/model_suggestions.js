/**
 * The panel of suggested objects: what is looked for, how far that is, and the least score.
 * @module ui/model_suggestions
 */
import { h } from "./element.js";
import { createSuggestionsPanel, onPress, panelButton } from "./suggestions.js";

/** @typedef {import("../tools/suggestions.js").SuggestionStatus} SuggestionStatus */
/** @typedef {keyof typeof SEARCHES} SearchKind */

/**
 * name: in addresses and on the page. first: the least score to begin with, in percent; those like an object are judged by
 * likeness, too.
 */
export const SEARCHES = {
  autoSegment: { name: "everything", first: 85, running: "Looking for all objects…", nothing: "No objects were found" },
  findSimilar: { name: "alike", first: 40, running: "Looking for more like it…", nothing: "Nothing more like it was found" },
};

/**
 * @typedef {object} ModelSuggestionsPanelOptions
 * @property {HTMLElement} root
 * @property {(kind: SearchKind) => void} search
 * @property {() => void} acceptAll
 * @property {() => void} drop
 * @property {() => void} filter the least score changed
 * @property {() => void} done gives the focus back to the canvas
 */

/** @param {SuggestionStatus} status @param {SearchKind} kind */
function statusText({ state, count, total }, kind) {
  if (state === "running") return SEARCHES[kind].running;
  if (state === "failed") return "Nothing could be looked for";
  if (state === "idle") return "No proposals";
  if (count) return `${count} ${count === 1 ? "proposal" : "proposals"}`;
  if (total) return `None at this score, ${total} below`;
  return SEARCHES[kind].nothing;
}

/** @param {ModelSuggestionsPanelOptions} context */
export function createModelSuggestionsPanel({ root, search, acceptAll, drop, filter, done }) {
  /** @type {SearchKind} */
  let kind = "autoSegment";
  const { first } = SEARCHES[kind];
  const minScore = h("input", { type: "range", id: "proposals-least", min: "0", max: "100", step: "1", value: String(first) });
  const shown = h("output", { for: minScore.id }, `${first}\u00a0%`);
  const crops = h("input", { type: "checkbox", id: "proposals-crops" });
  const progress = h("progress", { class: "proposals-progress", max: "1", value: "0", "aria-label": "Progress", hidden: "" });
  const autoSegment = panelButton("Everything", "", "All objects of the image (Q)");
  const similar = panelButton("More like it", "", "Objects like the selected ones (Shift+Q)");
  const all = panelButton("Keep all", "", "All that are shown, as one step (A)");
  const panel = createSuggestionsPanel({
    root,
    controls: [
      h("div", { class: "regions-buttons" }, autoSegment, similar),
      h(
        "div",
        { class: "regions-form" },
        h("div", { class: "proposals-field" }, h("label", { for: minScore.id }, "Least score"), minScore, shown),
        h("label", { class: "proposals-check", title: "Looks at four parts of the image as well; takes longer" }, crops, "Small objects too"),
      ),
      progress,
    ],
    buttons: [all],
    hint: ["Click keeps one · Shift+click drops one · ", h("kbd", {}, "A"), " keep all"],
    statusText: (status) => statusText(status, kind),
    drop,
    done,
  });

  function showScore() {
    shown.textContent = `${minScore.value}\u00a0%`;
  }

  minScore.addEventListener("input", () => (showScore(), filter()));
  // A range takes the keys for itself; this one means the same everywhere.
  minScore.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "a" && !event.ctrlKey && !event.metaKey && !event.altKey) acceptAll();
  });
  onPress(autoSegment, () => search("autoSegment"), done);
  onPress(similar, () => search("findSimilar"), done);
  onPress(all, acceptAll, done);

  return {
    /** 0..1 */
    minScore: () => minScore.valueAsNumber / 100,
    crops: () => crops.checked,
    /** A search of this kind begins. @param {SearchKind} next */
    begin(next) {
      if (next !== kind) minScore.value = String(SEARCHES[next].first);
      kind = next;
      progress.removeAttribute("value");
      showScore();
    },
    /** @param {number} share */
    progress(share) {
      if (share > 0) progress.value = share;
    },
    /** @param {SuggestionStatus} status */
    update(status) {
      panel.update(status);
      root.dataset.kind = SEARCHES[kind].name;
      progress.hidden = status.state !== "running";
      all.disabled = !status.count;
      all.textContent = status.count ? `Keep all ${status.count}` : "Keep all";
    },
  };
}
