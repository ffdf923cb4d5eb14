/**
 * Checkboxes for the events that a webhook is told of.
 * @module pages/webhooks/choice
 */
import { h } from "../../ui/element.js";

const NOUNS = /** @type {Record<string, string>} */ ({ annotation: "Objects", image: "Images", job: "Jobs" });

/** @param {string} prefix keeps ids apart @param {string[]} names @param {string[]} chosen */
export function createChoice(prefix, names, chosen) {
  const boxes = names.map((name) => h("input", { type: "checkbox", value: name, id: `${prefix}-${name}`, checked: chosen.includes(name) }));
  /** @param {string} noun */
  const group = (noun) =>
    h(
      "div",
      { class: "event-group", role: "group", "aria-label": NOUNS[noun] },
      h("span", { class: "event-noun" }, NOUNS[noun]),
      ...boxes.filter((box) => box.value.startsWith(`${noun}.`)).map((box) => h("label", { class: "check-row" }, box, box.value.split(".")[1])),
    );
  const node = h("fieldset", { class: "events" }, h("legend", {}, "Events"), ...Object.keys(NOUNS).map(group));
  return { node, chosen: () => boxes.filter((box) => box.checked).map((box) => box.value) };
}
