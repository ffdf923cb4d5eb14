/**
 * How picture and masks are shown, in a small panel under its button. It closes by Escape, by its button, and by a click
 * elsewhere; what is set shows at once.
 * @module ui/view_panel
 */
import { PLAIN, RANGES } from "../canvas/view_settings.js";
import { h, icon } from "./element.js";

/** @typedef {import("../canvas/view_settings.js").ViewSettingsValues} ViewSettingsValues */
/** @typedef {"brightness" | "contrast" | "gamma" | "opacity"} Slider */
/** @typedef {"outline" | "tags" | "alone" | "grid"} Switch */

/** @type {{key: Slider, name: string, unit: string, step: number}[]} */
const SLIDERS = [
  { key: "brightness", name: "Brightness", unit: "", step: 1 },
  { key: "contrast", name: "Contrast", unit: "", step: 1 },
  { key: "gamma", name: "Gamma", unit: "", step: 0.05 },
];

/** @type {{key: Switch, name: string}[]} */
const SWITCHES = [
  { key: "outline", name: "Outline only" },
  { key: "tags", name: "Label tags" },
  { key: "alone", name: "Hide all but the selected" },
  { key: "grid", name: "Grid between large pixels" },
];

/**
 * @param {object} options
 * @param {HTMLButtonElement} options.button
 * @param {import("../canvas/view_settings.js").ViewSettings} options.viewSettings
 * @param {(quarters: number) => void} options.rotate
 * @param {(id: string) => string} options.keyOf the key of an action, for the hints
 * @param {() => void} options.done gives the focus back to the canvas
 */
export function createViewPanel({ button, viewSettings, rotate, keyOf, done }) {
  const sliders = SLIDERS.map(slider);
  const opacity = slider({ key: "opacity", name: "Mask opacity", unit: " %", step: 5 });
  const switches = SWITCHES.map(({ key, name }) => {
    const input = h("input", { type: "checkbox", id: `look-${key}` });
    input.addEventListener("change", () => viewSettings.set({ [key]: input.checked }));
    return { key, input, node: h("label", { class: "look-switch" }, input, name, h("kbd", { "aria-hidden": "true", dataset: { action: `look-${key}` } })) };
  });
  const panel = h(
    "div",
    { class: "look", id: "view-panel", role: "dialog", "aria-label": "View", popover: "manual" },
    h("h2", { class: "look-title" }, "Picture"),
    ...sliders.map(({ node }) => node),
    h("h2", { class: "look-title" }, "Masks"),
    opacity.node,
    ...switches.slice(0, 3).map(({ node }) => node),
    h("h2", { class: "look-title" }, "View"),
    switches[3].node,
    h(
      "div",
      { class: "look-row" },
      h("button", { type: "button", class: "button button-small", id: "turn-left", onclick: () => rotate(-1) }, icon("undo"), "Turn left"),
      h("button", { type: "button", class: "button button-small", id: "turn-right", onclick: () => rotate(1) }, icon("redo"), "Turn right"),
    ),
    h("div", { class: "look-foot" }, h("button", { type: "button", class: "button button-small", id: "look-reset", onclick: viewSettings.reset }, "Reset"), h("button", { type: "button", class: "button button-small", onclick: () => close(true) }, "Close")),
  );
  button.after(panel);
  button.setAttribute("aria-haspopup", "dialog");
  button.setAttribute("aria-controls", panel.id);

  /** @param {{key: Slider, name: string, unit: string, step: number}} options */
  function slider({ key, name, unit, step }) {
    // Gamma is felt as a ratio: the slider's middle is 1.
    const curved = key === "gamma";
    const [min, max] = RANGES[key].map((value) => (curved ? Math.log2(value) : value));
    const input = h("input", { type: "range", id: `look-${key}`, min: String(min), max: String(max), step: String(step) });
    const shown = h("output", { for: input.id });
    input.addEventListener("input", () => viewSettings.set({ [key]: curved ? 2 ** input.valueAsNumber : input.valueAsNumber }));
    input.addEventListener("dblclick", () => viewSettings.set({ [key]: PLAIN[key] }));
    return {
      node: h("div", { class: "look-slider" }, h("label", { for: input.id }, name), input, shown),
      update() {
        const value = viewSettings.values[key];
        const text = `${curved ? value.toFixed(2) : Math.round(value)}${unit}`;
        // Not while it is dragged: rounding would pull it away from the hand.
        if (document.activeElement !== input || Math.abs(input.valueAsNumber - (curved ? Math.log2(value) : value)) > step) input.value = String(curved ? Math.log2(value) : value);
        shown.textContent = text;
        input.setAttribute("aria-valuetext", text);
      },
    };
  }

  function update() {
    for (const one of [...sliders, opacity]) one.update();
    for (const { key, input } of switches) input.checked = viewSettings.values[key];
    for (const mark of panel.querySelectorAll("kbd[data-action]")) {
      if (mark instanceof HTMLElement) mark.textContent = keyOf(mark.dataset.action ?? "");
    }
    button.classList.toggle("is-set", /** @type {(keyof ViewSettingsValues)[]} */ (Object.keys(PLAIN)).some((key) => viewSettings.values[key] !== PLAIN[key]));
  }

  const isOpen = () => panel.matches(":popover-open");

  function open() {
    update();
    panel.showPopover();
    const rect = button.getBoundingClientRect();
    panel.style.insetBlockStart = `${rect.bottom + 14}px`;
    panel.style.insetInlineEnd = `${Math.max(8, window.innerWidth - rect.right)}px`;
    button.setAttribute("aria-expanded", "true");
    sliders[0].node.querySelector("input")?.focus();
  }

  /** @param {boolean} back whether the focus goes back to the canvas */
  function close(back) {
    if (!isOpen()) return;
    panel.hidePopover();
    button.setAttribute("aria-expanded", "false");
    if (back) done();
  }

  button.setAttribute("aria-expanded", "false");
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !panel.contains(event.target) && !button.contains(event.target)) close(false);
  }, { capture: true });
  panel.addEventListener("keydown", (event) => {
    // The keys of the canvas stay out of a panel that somebody is in.
    if (event.key === "Escape") close(true);
    if (event.key !== "Tab") event.stopPropagation();
  });
  viewSettings.on("change", update);
  update();

  return {
    toggle: () => (isOpen() ? close(true) : open()),
  };
}
