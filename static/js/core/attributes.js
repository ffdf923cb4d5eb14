/**
 * A project's attributes: which an object has, what it begins with, what is missing.
 * @module core/attributes
 */

/** @typedef {import("../net/types.js").Attribute} Attribute */
/** @typedef {import("../net/types.js").Annotation} Annotation */

/** @param {Attribute} attribute @param {number | null} label */
export function appliesTo({ labels }, label) {
  return labels === null || (label !== null && labels.includes(label));
}

/** What a new object with this label begins with. @param {readonly Attribute[]} attributes @param {number | null} label @returns {Record<string, unknown>} */
export function defaultsFor(attributes, label) {
  const own = attributes.filter((attribute) => attribute.default !== null && appliesTo(attribute, label));
  return Object.fromEntries(own.map((attribute) => [attribute.name, attribute.default]));
}

/** Names of the required attributes that an object lacks. @param {readonly Attribute[]} attributes @param {Pick<Annotation, "label" | "attributes">} annotation */
export function missingOf(attributes, { label, attributes: values }) {
  return attributes.filter((one) => one.required && appliesTo(one, label) && isEmpty(values[one.name])).map(({ name }) => name);
}

/** @param {unknown} value */
function isEmpty(value) {
  return value === undefined || value === null || (typeof value === "string" && !value.trim());
}

/** Whether two values mean the same, in whatever order their keys come. @param {unknown} a @param {unknown} b @returns {boolean} */
export function sameValues(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [/** @type {Record<string, unknown>} */ (a), /** @type {Record<string, unknown>} */ (b)];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => key in right && sameValues(left[key], right[key]));
}
