/**
 * The filter row: name, state, label, order. The address keeps them, so reload and Back do too.
 * @module pages/project/filters
 */
import { byId, h } from "../../ui/element.js";
import { debounce } from "../common.js";

/** @typedef {import("../../net/types.js").Label} Label */
/** @typedef {import("./images.js").Query} Query */

/** @param {{labels: Label[], onChange: (query: Query) => void}} options */
export function createFilters({ labels, onChange }) {
  const name = byId("filter-name", HTMLInputElement);
  const state = byId("filter-state", HTMLSelectElement);
  const label = byId("filter-label", HTMLSelectElement);
  const order = byId("filter-order", HTMLSelectElement);
  const clear = byId("filter-clear", HTMLButtonElement);
  const form = byId("filters", HTMLFormElement);
  /** @type {[keyof Query, HTMLInputElement | HTMLSelectElement][]} */
  const fields = [["q", name], ["state", state], ["label", label], ["order", order]];

  setLabels(labels);
  const address = new URLSearchParams(location.search);
  for (const [key, field] of fields) {
    const value = address.get(key);
    if (value !== null) field.value = value;
    if (field instanceof HTMLSelectElement && field.selectedIndex < 0) field.selectedIndex = 0;
  }

  /** @param {Label[]} next */
  function setLabels(next) {
    const chosen = label.value;
    label.replaceChildren(h("option", { value: "" }, "All labels"), ...next.map((one) => h("option", { value: one.id }, one.name)));
    label.value = chosen;
    if (label.selectedIndex < 0) label.value = "";
    label.hidden = next.length === 0;
  }

  /** @returns {Query} */
  function query() {
    return { q: name.value.trim(), state: state.value, label: label.value, order: order.value };
  }

  function changed() {
    const { q, state, label, order } = query();
    const params = new URLSearchParams();
    for (const [key, value] of Object.entries({ q, state, label })) if (value) params.set(key, value);
    if (order === "oldest") params.set("order", order);
    history.replaceState(null, "", params.size ? `?${params}` : location.pathname);
    clear.hidden = !(q || state || label);
    onChange(query());
  }

  function reset() {
    for (const field of [name, state, label]) field.value = "";
    changed();
  }

  name.addEventListener("input", debounce(changed));
  for (const field of [state, label, order]) field.addEventListener("change", changed);
  clear.addEventListener("click", reset);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    changed();
  });
  const { q, state: s, label: l } = query();
  clear.hidden = !(q || s || l);

  return { query, reset, setLabels };
}
