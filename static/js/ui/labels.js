/**
 * The project's labels as a list to choose from, by click or digit, and a field to add one where it is missed.
 * @module ui/labels
 */
import { h, icon, swatch } from "./element.js";

/** @typedef {import("../net/types.js").Label} Label */

/**
 * @typedef {object} LabelPickerOptions
 * @property {HTMLElement} root
 * @property {import("../core/store.js").Store} store
 * @property {(id: number) => void} choose
 * @property {(name: string) => Promise<Label>} create
 * @property {() => void} done gives the focus back to the canvas
 */

/** @typedef {ReturnType<typeof createLabelPicker>} LabelPicker */

/** The digit that chooses a label by its place: 1 … 9, 0. @param {number} index */
export function digitOf(index) {
  return index < 10 ? String((index + 1) % 10) : "";
}

/** @param {LabelPickerOptions} options */
export function createLabelPicker({ root, store, choose, create, done }) {
  const list = h("ul", { class: "labels-list", role: "listbox", "aria-label": "Label", tabindex: "0" });
  const empty = h("p", { class: "panel-empty" }, "No labels yet. Name the first kind of object.");
  const input = h("input", { class: "input", placeholder: "New label", "aria-label": "Name of the new label", maxlength: "100", autocomplete: "off" });
  const problem = h("p", { class: "field-error", role: "alert" });
  const add = h("button", { class: "button button-small button-icon", type: "submit", "aria-label": "Add label", title: "Add label" }, icon("plus"));
  const form = h("form", { class: "labels-form", novalidate: true }, input, add);
  root.append(empty, list, form, problem);
  /** @type {((label: number | null) => void) | null} somebody waits for a label to be chosen or made */
  let waiter = null;

  /** @param {number | null} id */
  function answer(id) {
    waiter?.(id);
    waiter = null;
    root.classList.remove("is-asking");
  }

  /** @param {number} id */
  function pick(id) {
    choose(id);
    answer(id);
  }

  function shownLabel() {
    const selected = store.selected ? store.get(store.selected) : null;
    return selected ? selected.label : store.activeLabel;
  }

  function render() {
    const current = shownLabel();
    const options = store.labels.map((label, index) => option(label, index, label.id === current));
    list.replaceChildren(...options);
    list.hidden = !options.length;
    empty.hidden = options.length > 0;
    if (current !== null) list.setAttribute("aria-activedescendant", `label-${current}`);
    list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Label} label @param {number} index @param {boolean} selected */
  function option(label, index, selected) {
    const digit = digitOf(index);
    return h(
      "li",
      { id: `label-${label.id}`, role: "option", "aria-selected": String(selected), class: "labels-option", onclick: () => (pick(label.id), done()) },
      swatch(label.color),
      h("span", { class: "labels-name" }, label.name),
      digit ? h("kbd", { "aria-hidden": "true" }, digit) : null,
    );
  }

  /** @param {number} step */
  function move(step) {
    const at = store.labels.findIndex((label) => label.id === shownLabel());
    const next = store.labels[Math.min(Math.max(at + step, 0), store.labels.length - 1)];
    if (next) choose(next.id);
  }

  list.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) move(step);
    else if (event.key === "Enter" || event.key === " ") {
      answer(shownLabel());
      done();
    } else if (event.key === "Escape") {
      answer(null);
      done();
    } else return;
    event.preventDefault();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (!name) return;
    problem.textContent = "";
    add.disabled = true;
    try {
      const label = await create(name);
      input.value = "";
      pick(label.id);
      done();
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      add.disabled = false;
    }
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    input.value = "";
    problem.textContent = "";
    answer(null);
    done();
  });

  for (const type of /** @type {const} */ (["labels", "label", "selection", "annotations"])) store.on(type, render);
  render();

  return {
    /** Draws attention to the picker: the list, or the field when there is nothing to choose. */
    focus() {
      (store.labels.length ? list : input).focus();
    },
    /** Waits until a label is chosen or made; null when that is cancelled. @returns {Promise<number | null>} */
    ask() {
      answer(null);
      root.classList.add("is-asking");
      input.focus();
      return new Promise((resolve) => (waiter = resolve));
    },
  };
}
