/**
 * The panel of suggestions: what was found, and buttons for what can be done with it. What a way of finding them has of its
 * own stands above.
 * @module ui/suggestions
 */
import { h } from "./element.js";

/** @typedef {import("../tools/suggestions.js").SuggestionStatus} SuggestionStatus */
/** @typedef {{update: (status: SuggestionStatus) => void, progress?: (share: number) => void}} SuggestionsPanel */

/**
 * @typedef {object} SuggestionsPanelOptions
 * @property {HTMLElement} root
 * @property {Node[]} controls
 * @property {HTMLElement[]} buttons before the one that drops all
 * @property {(Node | string)[]} hint what a click does
 * @property {(status: SuggestionStatus) => string} statusText
 * @property {() => void} drop
 * @property {() => void} done gives the focus back to the canvas
 */

/** @param {string} text @param {string} [extra] classes @param {string} [title] */
export function panelButton(text, extra = "", title = "") {
  return h("button", { type: "button", class: `button button-small ${extra}`, title }, text);
}

/** A keyboard user stays where they are. @param {HTMLElement} button @param {() => void} run @param {() => void} done */
export function onPress(button, run, done) {
  button.addEventListener("click", (event) => (run(), event.detail && done()));
}

/** @param {SuggestionsPanelOptions} options */
export function createSuggestionsPanel({ root, controls, buttons, hint, statusText, drop, done }) {
  const status = h("p", { class: "regions-status", role: "status" });
  const dropAll = panelButton("Drop all", "button-quiet");
  root.append(
    ...controls,
    status,
    h("div", { class: "regions-buttons" }, ...buttons, dropAll),
    h("p", { class: "candidates-hint" }, ...hint, " · ", h("kbd", {}, "Esc"), " drop all"),
  );
  onPress(dropAll, drop, done);

  return {
    /** @param {SuggestionStatus} now */
    update(now) {
      root.hidden = !now.active;
      root.dataset.state = now.state;
      dropAll.disabled = !now.total && now.state !== "running";
      const text = statusText(now);
      // Even the same words would be read out again.
      if (status.textContent !== text) status.textContent = text;
    },
  };
}
