/**
 * Fields for the attributes of one object or of several: what they have in common is shown, what differs is left open, and
 * what is entered goes to all of them.
 * @module ui/attribute_fields
 */
import { sameValues } from "../core/attributes.js";
import { h } from "./element.js";

/** @typedef {import("../net/types.js").Attribute} Attribute */
/** @typedef {{attribute: Attribute, values: readonly unknown[], missing: number, disabled: boolean}} Field values: of each object that has it */

/**
 * @param {Field} field
 * @param {(value: unknown) => void} set undefined takes the value away
 * @param {() => void} done
 * @returns {{node: HTMLElement, commit: () => void}}
 */
export function attributeField({ attribute, values, missing, disabled }, set, done) {
  const mixed = values.some((value) => !sameValues(value, values[0]));
  const value = mixed ? undefined : values[0];
  const id = `attribute-${attribute.id}`;
  const problem = h("span", { class: "field-error", id: `${id}-problem`, role: "alert" });
  const described = `${id}-problem`;
  const common = { id, disabled, class: "input", "aria-describedby": described, "aria-required": String(attribute.required) };
  const made = MAKERS[attribute.type]({ attribute, value, mixed, common, set, problem });
  made.control.addEventListener("keydown", (event) => {
    const { key } = /** @type {KeyboardEvent} */ (event);
    if (key !== "Enter" && key !== "Escape") return;
    event.preventDefault();
    if (key === "Escape") made.revert();
    else if (!made.commit()) return;
    done();
  });
  const lacking = missing ? h("span", { class: "attribute-missing" }, values.length > 1 ? `missing ${missing}×` : "missing") : null;
  const name = h("label", { class: "attribute-name", for: id }, attribute.name);
  const star = attribute.required ? h("span", { class: "attribute-star", title: "Required", "aria-hidden": "true" }, "*") : null;
  const tick = attribute.type === "checkbox";
  const node = h("div", { class: `attribute${tick ? " is-tick" : ""}`, dataset: { attribute: attribute.name } }, h("div", { class: "attribute-line" }, ...(tick ? [made.control, name] : [h("span", { class: "attribute-head" }, name, star, lacking), made.control])), problem);
  return { node, commit: () => void made.commit() };
}

/** @typedef {{attribute: Attribute, value: unknown, mixed: boolean, common: Record<string, any>, set: (value: unknown) => void, problem: HTMLElement}} Making */
/** @typedef {{control: HTMLElement, commit: () => boolean, revert: () => void}} Made commit: false when the entry cannot be taken */

/** @type {Record<Attribute["type"], (making: Making) => Made>} */
const MAKERS = { text: typed, number: typed, choice, checkbox };

/** @param {Making} making @returns {Made} */
function typed({ attribute, value, mixed, common, set, problem }) {
  const number = attribute.type === "number";
  const bounds = number ? { inputmode: "decimal", autocomplete: "off" } : { maxlength: "1000", autocomplete: "off" };
  const shown = value === undefined || value === null ? "" : String(value);
  const control = h("input", { ...common, ...bounds, value: shown, placeholder: mixed ? "Several values" : number ? boundsText(attribute) : "" });
  control.defaultValue = shown;
  let before = shown;
  const commit = () => {
    const text = control.value.trim();
    if (text === before.trim()) return true;
    const wrong = number && text ? numberProblem(text, attribute) : "";
    problem.textContent = wrong;
    control.setAttribute("aria-invalid", String(wrong !== ""));
    if (wrong) return false;
    before = text;
    set(text === "" ? undefined : number ? Number(text.replace(",", ".")) : text);
    return true;
  };
  control.addEventListener("change", commit);
  const revert = () => {
    control.value = before;
    problem.textContent = "";
  };
  return { control, commit, revert };
}

/** @param {Attribute} attribute */
function boundsText({ min, max }) {
  if (min !== null && max !== null) return `${min} to ${max}`;
  return min !== null ? `from ${min}` : max !== null ? `up to ${max}` : "";
}

/** @param {string} text @param {Attribute} attribute */
function numberProblem(text, { min, max }) {
  const value = Number(text.replace(",", "."));
  if (!Number.isFinite(value)) return "Give a number.";
  if (min !== null && value < min) return `It must be at least ${min}.`;
  return max !== null && value > max ? `It must be at most ${max}.` : "";
}

/** @param {Making} making @returns {Made} */
function choice({ attribute, value, mixed, common, set }) {
  const known = value === undefined || value === null || attribute.options.includes(String(value));
  const control = h(
    "select",
    common,
    h("option", { value: "" }, mixed ? "Several values" : "–"),
    // What was taken off the list stays readable until something else is chosen.
    known ? null : h("option", { value: "?", disabled: true }, `${String(value)} (no longer a choice)`),
    ...attribute.options.map((option) => h("option", { value: `=${option}` }, option)),
  );
  control.value = value === undefined || value === null ? "" : known ? `=${value}` : "?";
  control.addEventListener("change", () => set(control.value === "" ? undefined : control.value.slice(1)));
  return { control, commit: () => true, revert: () => {} };
}

/** @param {Making} making @returns {Made} */
function checkbox({ value, mixed, common, set }) {
  const control = h("input", { ...common, class: "", type: "checkbox", checked: value === true, indeterminate: mixed });
  control.addEventListener("change", () => set(control.checked));
  return { control, commit: () => true, revert: () => {} };
}
