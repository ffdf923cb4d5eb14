/**
 * A text field for many label names, with a chip and a colour for each.
 * @module pages/label_field
 */
import { h } from "../ui/element.js";
import { parseNames, withColors } from "./label_names.js";

/** @typedef {{name: string, color: string}} NewLabel */

/**
 * @param {object} parts
 * @param {HTMLTextAreaElement} parts.input
 * @param {HTMLElement} parts.preview list that takes the chips
 * @param {readonly string[]} parts.palette
 * @param {() => {name: string, color: string}[]} [parts.existing] labels that are there already
 */
export function createLabelField({ input, preview, palette, existing = () => [] }) {
  /** @type {Map<string, string>} */
  const colors = new Map();

  /** @returns {NewLabel[]} */
  function labels() {
    const there = existing();
    const names = parseNames(input.value, there.map((label) => label.name));
    return withColors(names, palette, colors, there.map((label) => label.color));
  }

  function draw() {
    preview.replaceChildren(...labels().map(chip));
  }

  /** @param {NewLabel} label */
  function chip({ name, color }) {
    const pick = h("input", { type: "color", class: "color-input", value: color, "aria-label": `Colour of ${name}` });
    pick.addEventListener("input", () => colors.set(name, pick.value));
    return h("li", { class: "chip" }, pick, h("span", {}, name));
  }

  input.addEventListener("input", draw);
  return {
    labels,
    clear() {
      input.value = "";
      colors.clear();
      draw();
    },
  };
}
