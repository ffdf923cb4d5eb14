/**
 * The options of the colour clusters, beside the image.
 * @module ui/colour_clusters
 */
import { h } from "./element.js";
import { createSuggestionsPanel, onPress, panelButton } from "./suggestions.js";

/** @typedef {{clusterThreshold: number, smoothingThreshold: number | null, colourSpace: number}} ClusterOptions */
/** @typedef {import("../tools/suggestions.js").SuggestionStatus} SuggestionStatus */

/** By their numbers in the API, the most useful first. @type {[number, string][]} */
const SPACES = [
  [5, "Lab"], [13, "sRGB"], [15, "HSL"], [14, "HSB"], [16, "HWB"], [7, "YCbCr"], [9, "YIQ"], [11, "YUV"], [4, "OHTA"],
  [6, "XYZ"], [1, "Linear RGB"], [22, "CMY"], [12, "CMYK"], [21, "Log"], [8, "YCC"], [10, "YPbPr"], [18, "Rec. 601 YCbCr"],
  [20, "Rec. 709 YCbCr"], [2, "Grey"], [17, "Rec. 601 luma"], [19, "Rec. 709 luma"], [3, "Transparent"],
];
/** Who types a number or looks through the spaces has not finished with each step. */
const LIVE_MS = 350;

/**
 * @typedef {object} ColourClusterPanelOptions
 * @property {HTMLElement} root
 * @property {() => void} search
 * @property {() => void} drop
 * @property {() => void} done gives the focus back to the canvas
 */

/** @param {SuggestionStatus} status */
function statusText({ state, count }) {
  if (state === "running") return "Looking for regions…";
  if (state === "ready") return `${count} ${count === 1 ? "region" : "regions"}`;
  return "No regions";
}

/** @param {ColourClusterPanelOptions} context */
export function createColourClusterPanel({ root, search, drop, done }) {
  const space = h("select", { class: "input", id: "regions-space" }, ...SPACES.map(([value, name]) => h("option", { value: String(value) }, name)));
  const share = h("input", { class: "input", id: "regions-share", type: "number", min: "0", max: "100", step: "0.5", value: "1" });
  const noise = h("input", { class: "input", id: "regions-noise", type: "number", min: "1", max: "255", step: "0.5", placeholder: "automatic" });
  const find = panelButton("Find");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {string} text @param {HTMLElement} input @param {string} title */
  const field = (text, input, title) => h("div", { class: "regions-field", title }, h("label", { for: input.id }, text), input);

  const form = h(
    "form",
    { class: "regions-form" },
    field("Colour space", space, "Where distances between colours are measured"),
    field("Least share, %", share, "Colours that fewer pixels have go to their nearest neighbours"),
    field("Noise", noise, "From 1 to 255: bumps of the histograms up to this are noise; empty: by the size of the image"),
  );
  const panel = createSuggestionsPanel({ root, controls: [form], buttons: [find], hint: ["Click one to keep it"], statusText, drop, done });

  function searchSoon() {
    clearTimeout(timer);
    timer = setTimeout(() => form.checkValidity() && search(), LIVE_MS);
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  for (const input of [space, share, noise]) input.addEventListener("input", searchSoon);
  onPress(find, search, done);

  return {
    /** @returns {ClusterOptions} */
    options: () => ({
      colourSpace: Number(space.value),
      clusterThreshold: share.value === "" ? 1 : share.valueAsNumber,
      smoothingThreshold: noise.value === "" ? null : noise.valueAsNumber,
    }),
    /** @param {SuggestionStatus} status */
    update(status) {
      if (!status.active) clearTimeout(timer);
      panel.update(status);
    },
  };
}
