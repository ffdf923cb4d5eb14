/**
 * The dialog that makes or changes one attribute of a project's objects.
 * @module pages/labels/attribute_form
 */
import { openDialog } from "../../ui/dialog.js";
import { h, swatch } from "../../ui/element.js";

/** @typedef {import("../../net/types.js").Attribute} Attribute */
/** @typedef {import("../../net/types.js").Label} Label */
/** @typedef {Omit<Attribute, "id" | "order">} Fields */

/** @type {Record<Attribute["type"], string>} */
export const TYPES = { text: "Text", number: "Number", choice: "Choice", checkbox: "Checkbox" };

/**
 * Asks for the attribute and saves it. Resolves with what `save` gave, or null when it was cancelled.
 * @param {{attribute: Attribute | null, labels: readonly Label[], save: (fields: Fields) => Promise<Attribute>}} options
 * @returns {Promise<Attribute | null>}
 */
export function askAttribute({ attribute, labels, save }) {
  const form = createForm(attribute, labels);
  return openDialog({
    title: attribute ? `Edit “${attribute.name}”` : "New attribute",
    body: [form.node],
    action: attribute ? "Save" : "Add",
    ready: form.ready,
    run: () => save(form.fields()),
  });
}

/** @param {Attribute | null} attribute @param {readonly Label[]} labels */
function createForm(attribute, labels) {
  const name = h("input", { class: "input", id: "attribute-name", maxlength: 100, autocomplete: "off", value: attribute?.name ?? "" });
  const type = h("select", { class: "input", id: "attribute-type", disabled: attribute !== null }, ...Object.entries(TYPES).map(([value, text]) => h("option", { value }, text)));
  type.value = attribute?.type ?? "text";
  const options = h("textarea", { class: "input", id: "attribute-options", rows: 4, placeholder: "One a line" }, attribute?.options.join("\n") ?? "");
  const [min, max] = [bound("min", "Minimum", attribute), bound("max", "Maximum", attribute)];
  const required = h("input", { type: "checkbox", checked: attribute?.required ?? false });
  const scope = createScope(attribute, labels);
  const start = createDefault(attribute?.default ?? null);
  const kind = () => /** @type {Attribute["type"]} */ (type.value);
  const choices = () => lines(options.value);
  const parts = {
    options: h("div", { class: "field" }, h("label", { for: "attribute-options" }, "Choices"), options),
    bounds: h("div", { class: "row field-pair" }, min.node, max.node),
    required: h("label", { class: "check-row" }, required, "Required: objects without it are marked, nothing is refused"),
  };

  function update() {
    parts.options.hidden = kind() !== "choice";
    parts.bounds.hidden = kind() !== "number";
    parts.required.hidden = kind() === "checkbox";
    start.update(kind(), choices());
  }
  type.addEventListener("change", update);
  options.addEventListener("input", update);
  update();

  return {
    node: h(
      "div",
      { class: "stack" },
      h("div", { class: "field" }, h("label", { for: "attribute-name" }, "Name"), name),
      h("div", { class: "field" }, h("label", { for: "attribute-type" }, "Type"), type, attribute && h("p", { class: "muted small" }, "The type stays as it is; make another attribute for another type.")),
      parts.options,
      parts.bounds,
      start.node,
      parts.required,
      scope.node,
    ),
    ready: () => name.value.trim() !== "" && (kind() !== "choice" || choices().length > 0) && scope.ready(),
    /** @returns {Fields} */
    fields: () => ({
      name: name.value.trim(),
      type: kind(),
      required: kind() !== "checkbox" && required.checked,
      default: start.value(kind()),
      options: kind() === "choice" ? choices() : [],
      min: kind() === "number" ? number(min.input.value, "minimum") : null,
      max: kind() === "number" ? number(max.input.value, "maximum") : null,
      labels: scope.value(),
    }),
  };
}

/** @param {"min" | "max"} name @param {string} words @param {Attribute | null} attribute */
function bound(name, words, attribute) {
  const input = h("input", { class: "input", id: `attribute-${name}`, inputmode: "decimal", autocomplete: "off", placeholder: "None", value: attribute?.[name] ?? "" });
  return { input, node: h("div", { class: "field" }, h("label", { for: input.id }, words), input) };
}

/** What new objects begin with: a field of the attribute's own type. @param {Attribute["default"]} before */
function createDefault(before) {
  const text = h("input", { class: "input", id: "attribute-default", maxlength: 1000, autocomplete: "off", value: typeof before === "boolean" ? "" : (before ?? "") });
  const select = h("select", { class: "input", id: "attribute-default-choice" });
  const tick = h("input", { type: "checkbox", checked: before === true });
  const typed = h("div", { class: "field" }, h("label", { for: text.id }, "New objects begin with"), text);
  const chosen = h("div", { class: "field" }, h("label", { for: select.id }, "New objects begin with"), select);
  const ticked = h("label", { class: "check-row" }, tick, "New objects begin with it ticked");
  let wanted = typeof before === "string" ? before : "";
  select.addEventListener("change", () => (wanted = select.value.slice(1)));

  /** @param {Attribute["type"]} type @param {string[]} choices */
  function update(type, choices) {
    typed.hidden = type !== "text" && type !== "number";
    chosen.hidden = type !== "choice";
    ticked.hidden = type !== "checkbox";
    text.placeholder = "Nothing";
    select.replaceChildren(h("option", { value: "" }, "Nothing"), ...choices.map((option) => h("option", { value: `=${option}` }, option)));
    select.value = choices.includes(wanted) ? `=${wanted}` : "";
  }

  /** @param {Attribute["type"]} type @returns {Attribute["default"]} */
  function value(type) {
    if (type === "checkbox") return tick.checked ? true : null;
    if (type === "choice") return select.value ? select.value.slice(1) : null;
    return type === "number" ? number(text.value, "value that new objects begin with") : text.value.trim() || null;
  }

  return { node: h("div", {}, typed, chosen, ticked), update, value };
}

/** Which labels' objects have it. @param {Attribute | null} attribute @param {readonly Label[]} labels */
function createScope(attribute, labels) {
  const boxes = labels.map((label) => h("input", { type: "checkbox", value: label.id, checked: attribute?.labels?.includes(label.id) ?? false }));
  const some = attribute?.labels !== null && attribute !== null;
  const every = h("input", { type: "radio", name: "attribute-scope", checked: !some });
  const these = h("input", { type: "radio", name: "attribute-scope", checked: some, disabled: labels.length === 0 });
  const list = h("div", { class: "attribute-labels", hidden: !some }, ...labels.map((label, index) => h("label", { class: "check-row" }, boxes[index], swatch(label.color), label.name)));
  const chosen = () => boxes.filter((box) => box.checked).map((box) => Number(box.value));
  for (const radio of [every, these]) radio.addEventListener("change", () => (list.hidden = !these.checked));
  return {
    node: h("fieldset", { class: "stack" }, h("legend", {}, "Objects that have it"), h("label", { class: "check-row" }, every, "Those of all labels"), h("label", { class: "check-row" }, these, "Only those of some labels"), list),
    ready: () => every.checked || chosen().length > 0,
    value: () => (every.checked ? null : chosen()),
  };
}

/** The lines of a text that say something. @param {string} text */
export function lines(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** A number as people type it, null for nothing. Throws an Error that names the field. @param {string} text @param {string} field */
export function number(text, field) {
  const trimmed = text.trim();
  if (!trimmed) return null;
  const value = Number(trimmed.replace(",", "."));
  if (!Number.isFinite(value)) throw new Error(`The ${field} must be a number.`);
  return value;
}
