/**
 * The list of a project's attributes: add, edit, reorder, delete.
 * @module pages/labels/attributes
 */
import { confirmDialog } from "../../ui/dialog.js";
import { h, icon } from "../../ui/element.js";
import { askAttribute, TYPES } from "./attribute_form.js";
import { moveButton, redraw } from "./move_button.js";

/** @typedef {import("../../net/types.js").Attribute} Attribute */
/** @typedef {import("../../net/types.js").Label} Label */

/**
 * @param {object} parts
 * @param {string} parts.path of the project in the API
 * @param {Attribute[]} parts.attributes
 * @param {() => readonly Label[]} parts.labels
 * @param {{list: HTMLElement, empty: HTMLElement, add: HTMLElement, status: HTMLElement}} parts.places
 * @param {import("../../net/api.js").Api} parts.api
 * @param {import("../../ui/toast.js").Toasts} parts.toasts
 * @param {(what: string, error: unknown) => void} parts.report
 */
export function createAttributes({ path, attributes, labels, places, api, toasts, report }) {
  places.add.addEventListener("click", add);

  function draw() {
    redraw(places.list, attributes.map(row));
    places.empty.hidden = attributes.length > 0;
  }

  /** @param {Attribute} attribute @param {number} index */
  function row(attribute, index) {
    return h(
      "li",
      {},
      h("span", { class: "row-main" }, h("span", { class: "row-name" }, attribute.name), h("br"), h("span", { class: "muted small" }, describe(attribute, labels()))),
      h(
        "span",
        { class: "row-end" },
        attribute.required && h("span", { class: "chip" }, "Required"),
        moveButton(attribute, -1, index > 0, () => move(index, -1)),
        moveButton(attribute, 1, index < attributes.length - 1, () => move(index, 1)),
        h("button", { class: "button button-small", type: "button", "aria-label": `Edit ${attribute.name}`, dataset: { keep: `${attribute.id}-edit` }, onclick: () => edit(attribute) }, "Edit"),
        h("button", { class: "button button-quiet button-icon button-small", type: "button", "aria-label": `Delete ${attribute.name}`, title: "Delete", onclick: () => remove(attribute) }, icon("trash")),
      ),
    );
  }

  async function add() {
    const made = await askAttribute({ attribute: null, labels: labels(), save: (fields) => api.post(`${path}/attributes`, fields) });
    if (!made) return;
    put(made);
    places.status.textContent = `${made.name} is added.`;
  }

  /** @param {Attribute} attribute */
  async function edit(attribute) {
    const changed = await askAttribute({ attribute, labels: labels(), save: ({ type: _, ...fields }) => api.patch(`/attributes/${attribute.id}`, fields) });
    if (changed) {
      put(changed);
      places.status.textContent = `${changed.name} is saved.`;
    }
    // The row may have been drawn anew behind the dialog, which then finds its button no more.
    /** @type {HTMLElement | null} */ (places.list.querySelector(`[data-keep="${attribute.id}-edit"]`))?.focus();
  }

  /** The socket may have brought it already. @param {Attribute} attribute */
  function put(attribute) {
    const known = attributes.some(({ id }) => id === attribute.id);
    attributes = known ? attributes.map((one) => (one.id === attribute.id ? attribute : one)) : [...attributes, attribute];
    draw();
  }

  /** @param {number} index @param {-1 | 1} by */
  async function move(index, by) {
    const target = index + by;
    if (target < 0 || target >= attributes.length) return;
    const before = attributes;
    const { name } = attributes[index];
    const wanted = attributes.with(index, attributes[target]).with(target, attributes[index]);
    attributes = wanted;
    draw();
    try {
      const moved = wanted.map((attribute, order) => ({ attribute, order })).filter(({ attribute, order }) => attribute.order !== order);
      await Promise.all(moved.map(({ attribute, order }) => api.patch(`/attributes/${attribute.id}`, { order })));
      // The socket may have brought the list meanwhile, with one of the two in its place.
      if (attributes === wanted) attributes = wanted.map((attribute, order) => ({ ...attribute, order }));
      places.status.textContent = `${name} is number ${target + 1}.`;
    } catch (error) {
      attributes = before;
      report("The order was not saved", error);
    }
    draw();
  }

  /** @param {Attribute} attribute */
  async function remove(attribute) {
    const done = await confirmDialog({
      title: `Delete “${attribute.name}”?`,
      text: "The field goes from the annotate page. What objects have in it stays stored with them and is still exported.",
      action: "Delete",
      run: () => api.delete(`/attributes/${attribute.id}`),
    });
    if (!done) return;
    attributes = attributes.filter(({ id }) => id !== attribute.id);
    draw();
    toasts.success(`“${attribute.name}” is deleted`);
  }

  draw();
  return {
    /** @param {Attribute[]} now */
    refresh(now) {
      attributes = now;
      draw();
    },
  };
}

/** An attribute in a line of words. @param {Attribute} attribute @param {readonly Label[]} labels */
export function describe({ type, options, min, max, default: start, labels: own }, labels) {
  const names = own?.map((id) => labels.find((label) => label.id === id)?.name).filter(Boolean);
  return [
    TYPES[type],
    type === "choice" && options.join(", "),
    min !== null && max !== null ? `${min} to ${max}` : min !== null ? `from ${min}` : max !== null && `up to ${max}`,
    start !== null && (start === true ? "ticked at first" : `at first ${start}`),
    names && (names.length ? `only ${names.join(", ")}` : "of no label that is left"),
  ]
    .filter(Boolean)
    .join(" · ");
}
