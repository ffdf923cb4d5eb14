/**
 * The options of the colour regions, beside the image.
 * @module ui/regions
 */
import { h } from "./element.js";

/** @typedef {import("../tools/regions.js").RegionOptions} RegionOptions */
/** @typedef {import("../tools/regions.js").RegionState} RegionState */

/** By their numbers in the API, the most useful first. @type {[number, string][]} */
const SPACES = [
  [5, "Lab"], [13, "sRGB"], [15, "HSL"], [14, "HSB"], [16, "HWB"], [7, "YCbCr"], [9, "YIQ"], [11, "YUV"], [4, "OHTA"],
  [6, "XYZ"], [1, "Linear RGB"], [22, "CMY"], [12, "CMYK"], [21, "Log"], [8, "YCC"], [10, "YPbPr"], [18, "Rec. 601 YCbCr"],
  [20, "Rec. 709 YCbCr"], [2, "Grey"], [17, "Rec. 601 luma"], [19, "Rec. 709 luma"], [3, "Transparent"],
];
const LIVE_MS = 350;

/**
 * @typedef {object} RegionsPanelOptions
 * @property {HTMLElement} root
 * @property {() => void} run
 * @property {() => void} drop
 * @property {() => void} done gives the focus back to the canvas
 */

/** @param {RegionsPanelOptions} context */
export function createRegionsPanel({ root, run, drop, done }) {
  const space = h("select", { class: "input", id: "regions-space" }, ...SPACES.map(([value, name]) => h("option", { value: String(value) }, name)));
  const share = h("input", { class: "input", id: "regions-share", type: "number", min: "0", max: "100", step: "0.5", value: "1" });
  const noise = h("input", { class: "input", id: "regions-noise", type: "number", min: "1", max: "255", step: "0.5", placeholder: "automatic" });
  const status = h("p", { class: "regions-status", role: "status" });
  const again = h("button", { type: "button", class: "button button-small" }, "Find");
  const away = h("button", { type: "button", class: "button button-small button-quiet" }, "Drop all");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {string} text @param {HTMLElement} input @param {string} title */
  const field = (text, input, title) => h("div", { class: "regions-field", title }, h("label", { for: input.id }, text), input);

  root.append(
    h(
      "form",
      { class: "regions-form" },
      field("Colour space", space, "Where distances between colours are measured"),
      field("Least share, %", share, "Colours that fewer pixels have go to their nearest neighbours"),
      field("Noise", noise, "From 1 to 255: bumps of the histograms up to this are noise; empty: by the size of the image"),
    ),
    status,
    h("div", { class: "regions-buttons" }, again, away),
    h("p", { class: "candidates-hint" }, "Click one to keep it · ", h("kbd", {}, "Esc"), " drop all"),
  );

  function live() {
    clearTimeout(timer);
    timer = setTimeout(() => root.querySelector("form")?.checkValidity() && run(), LIVE_MS);
  }

  root.addEventListener("submit", (event) => event.preventDefault());
  for (const input of [space, share, noise]) input.addEventListener("input", live);
  again.addEventListener("click", (event) => (run(), event.detail && done()));
  away.addEventListener("click", (event) => (drop(), event.detail && done()));

  return {
    /** @returns {RegionOptions} */
    options: () => ({
      colourSpace: Number(space.value),
      clusterThreshold: share.value === "" ? 1 : share.valueAsNumber,
      smoothingThreshold: noise.value === "" ? null : noise.valueAsNumber,
    }),
    /** @param {{active: boolean, state: RegionState, count: number}} tool */
    update({ active, state, count }) {
      root.hidden = !active;
      if (!active) return clearTimeout(timer);
      const words = state === "running" ? "Looking for regions…" : state === "ready" ? `${count} ${count === 1 ? "region" : "regions"}` : "No regions";
      if (status.textContent !== words) status.textContent = words;
      root.dataset.state = state;
      away.disabled = !count;
    },
  };
}
