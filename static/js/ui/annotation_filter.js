/**
 * The bar over the list of objects: a search field, what else narrows the list down, its order, and how many are shown.
 * @module ui/annotation_filter
 */
import { EVERYTHING, narrows } from "../core/listing.js";
import { h, icon } from "./element.js";

/** @typedef {import("../core/listing.js").Filter} Filter */
/** @typedef {import("../core/listing.js").Flag} Flag */
/** @typedef {import("../core/listing.js").Sort} Sort */

/** @type {{flag: Flag, name: string}[]} */
const FLAGS = [
  { flag: "missing", name: "Attribute missing" },
  { flag: "small", name: "Too small" },
  { flag: "border", name: "Touches border" },
  { flag: "overlaps", name: "Overlaps" },
  { flag: "hidden", name: "Hidden" },
  { flag: "locked", name: "Locked" },
];

/** @type {{sort: Sort, name: string}[]} */
const SORTS = [
  { sort: "made", name: "Oldest first" },
  { sort: "newest", name: "Newest first" },
  { sort: "front", name: "Front first" },
  { sort: "label", name: "By label" },
  { sort: "smallest", name: "Smallest first" },
  { sort: "largest", name: "Largest first" },
  { sort: "score", name: "Lowest score first" },
];

/** Between the filters and what is around them, in pixels. */
const EDGE = 8;

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {import("../core/store.js").Store} options.store
 * @param {() => void} options.changed
 * @param {() => void} options.selectShown
 * @param {() => void} options.showDeleted
 * @param {() => void} options.focusList
 * @param {() => void} options.done gives the focus back to the canvas
 */
export function createAnnotationFilter({ root, store, changed, selectShown, showDeleted, focusList, done }) {
  /** @type {Filter} */
  let filter = EVERYTHING;
  const search = h("input", { class: "input", id: "objects-search", type: "search", placeholder: "Filter", "aria-label": "Filter objects by text", autocomplete: "off", spellcheck: "false" });
  const toggle = h("button", { type: "button", class: "ws-button", id: "objects-more", "aria-label": "More filters and sorting", title: "More filters and sorting", "aria-expanded": "false", "aria-controls": "objects-filters", onclick: open }, icon("funnel"));
  const label = h("select", { class: "input", id: "objects-label" });
  const author = h("select", { class: "input", id: "objects-author" });
  const sort = h("select", { class: "input", id: "objects-sort" }, ...SORTS.map(({ sort: value, name }) => h("option", { value }, name)));
  const flags = FLAGS.map(({ flag, name }) => {
    const input = h("input", { type: "checkbox", onchange: read });
    return { flag, input, node: h("label", { class: "check objects-flag" }, input, name) };
  });
  const more = h(
    "div",
    { class: "objects-filters", id: "objects-filters", role: "group", "aria-label": "Filters and sorting", popover: "manual" },
    field("Label", label),
    field("Author", author),
    h("fieldset", { class: "objects-flags" }, h("legend", {}, "Show only"), ...flags.map(({ node }) => node)),
    field("Sort", sort),
    h("button", { type: "button", class: "button button-small", onclick: deleted }, icon("clock"), "Deleted objects…"),
  );
  const status = h("span", { class: "objects-status", role: "status" });
  const missing = h("button", { type: "button", class: "objects-missing", onclick: showMissing });
  const reset = h("button", { type: "button", class: "objects-link", onclick: clear }, "Show all");
  const all = h("button", { type: "button", class: "objects-link", id: "objects-select", onclick: selectShown }, "Select all");
  const line = h("div", { class: "objects-line" }, status, missing, reset, all);
  const search_ = h("div", { class: "objects-search", role: "search" }, h("span", { class: "search" }, icon("search"), search), toggle);
  root.append(search_, more, line);

  /** @param {string} name @param {HTMLElement} control */
  function field(name, control) {
    return h("div", { class: "objects-field" }, h("label", { for: control.id }, name), control);
  }

  const isOpen = () => more.matches(":popover-open");

  function open() {
    if (isOpen()) return close();
    more.showPopover();
    toggle.setAttribute("aria-expanded", "true");
    // Beside the panel, so that the list is seen to follow.
    const panel = root.getBoundingClientRect();
    const from = toggle.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = more;
    more.style.left = `${Math.max(EDGE, panel.left - width - 3 * EDGE)}px`;
    more.style.top = `${Math.max(EDGE, Math.min(from.top, window.innerHeight - height - EDGE))}px`;
    label.focus();
  }

  function close() {
    if (isOpen()) more.hidePopover();
    toggle.setAttribute("aria-expanded", "false");
  }

  // The list may be used meanwhile; work elsewhere closes it.
  document.addEventListener("pointerdown", ({ target }) => {
    if (isOpen() && target instanceof Element && !target.closest(".panel-objects, .panel-selected, .objects-filters")) close();
  });

  function read() {
    filter = {
      text: search.value,
      label: label.value === "" ? null : Number(label.value),
      author: author.value === "" ? null : author.value.slice(1),
      flags: flags.filter(({ input }) => input.checked).map(({ flag }) => flag),
      sort: /** @type {Sort} */ (sort.value),
    };
    const extra = Number(filter.label !== null) + Number(filter.author !== null) + filter.flags.length;
    toggle.classList.toggle("is-on", extra > 0);
    toggle.setAttribute("aria-label", extra ? `More filters and sorting, ${extra} set` : "More filters and sorting");
    changed();
  }

  function clear() {
    search.value = label.value = author.value = "";
    for (const { input } of flags) input.checked = false;
    read();
    search.focus();
  }

  function deleted() {
    close();
    showDeleted();
  }

  function showMissing() {
    for (const { flag, input } of flags) input.checked = flag === "missing";
    read();
    focusList();
  }

  search.addEventListener("input", read);
  for (const select of [label, author, sort]) select.addEventListener("change", read);
  root.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && event.target === search) focusList();
    else if (event.key === "Escape" && event.target === search && search.value) {
      search.value = "";
      read();
    } else if (event.key === "Escape" && more.contains(/** @type {Node} */ (event.target))) {
      close();
      toggle.focus();
    } else if (event.key === "Escape") done();
    else return;
    event.preventDefault();
  });

  /** Keeps what is chosen. @param {HTMLSelectElement} select @param {[string, string][]} choices */
  function offer(select, choices) {
    const key = JSON.stringify(choices);
    if (select.dataset.choices === key) return;
    const { value } = select;
    select.replaceChildren(...choices.map(([choice, name]) => h("option", { value: choice }, name)));
    select.dataset.choices = key;
    select.value = choices.some(([choice]) => choice === value) ? value : "";
    if (select.value !== value) read();
  }

  return {
    get filter() {
      return filter;
    },
    /** @param {number} shown @param {number} lacking how many lack a required attribute */
    update(shown, lacking) {
      const total = store.size;
      offer(label, [["", "All labels"], ...store.labels.map(({ id, name }) => /** @type {[string, string]} */ ([String(id), name]))]);
      const authors = [...new Set(store.list().map((one) => one.author ?? ""))].sort();
      offer(author, [["", "Everybody"], ...authors.map((name) => /** @type {[string, string]} */ ([`=${name}`, name || "Unknown"]))]);
      status.textContent = narrows(filter) ? `${shown.toLocaleString("en")} of ${total.toLocaleString("en")}` : "";
      reset.hidden = !narrows(filter);
      all.hidden = shown === 0;
      all.textContent = narrows(filter) ? "Select these" : "Select all";
      missing.hidden = lacking === 0;
      missing.textContent = `${lacking} incomplete`;
      missing.title = "Objects that lack a required attribute: show them";
      // Without an object there is nothing to filter, but something may have been deleted.
      search.disabled = total === 0;
    },
    focus() {
      search.focus();
      search.select();
    },
  };
}
