/**
 * What is selected: label, attributes, place in the stack, and what can be done to all of it at once.
 * @module ui/annotation_details
 */
import { appliesTo, missingOf } from "../core/attributes.js";
import { attributeField } from "./attribute_fields.js";
import { h, icon, swatch } from "./element.js";
import { plural, timeElement } from "./format.js";
import { markNode } from "./annotation_list.js";
import { UNLABELLED } from "../canvas/colors.js";

/** @typedef {import("../net/types.js").Annotation} Annotation */
/** @typedef {import("../core/z_order.js").Move} Move */

/**
 * @typedef {object} DetailsOptions
 * @property {HTMLElement} root
 * @property {import("../core/store.js").Store} store
 * @property {(annotation: Annotation) => string} nameOf
 * @property {(annotation: Annotation) => readonly import("./annotation_list.js").Mark[]} marksOf
 * @property {(ids: readonly string[], label: number) => void} relabel
 * @property {(ids: readonly string[], attribute: import("../net/types.js").Attribute, value: unknown) => void} assign
 * @property {(move: Move) => void} restack
 * @property {(action: "Lock" | "Unlock" | "Hide" | "Show", ids: readonly string[]) => void} mark
 * @property {(ids: readonly string[]) => void} remove
 * @property {(id: string) => void} history
 * @property {(action: string) => string} keyOf the key of an action, for the hints
 * @property {() => void} done gives the focus back to the canvas
 */

/** @type {{move: Move, name: string, icon: string}[]} */
const MOVES = [
  { move: "front", name: "To the front", icon: "to-front" },
  { move: "forward", name: "One forward", icon: "arrow-up" },
  { move: "backward", name: "One backward", icon: "arrow-down" },
  { move: "back", name: "To the back", icon: "to-back" },
];

/** @type {Record<string, string>} */
const SOURCES = { smart: "Smart tool", polygon: "Polygon", brush: "Brush", box: "Box", colour: "Colour regions", import: "Import", api: "API" };

/** @param {DetailsOptions} options */
export function createAnnotationDetails({ root, store, nameOf, marksOf, relabel, assign, restack, mark, remove, history, keyOf, done }) {
  const title = h("button", { type: "button", class: "panel-title panel-toggle", id: "selected-title", "aria-expanded": "true", "aria-controls": "selected-body", onclick: toggle });
  const body = h("div", { class: "panel-body selected-body", id: "selected-body" });
  root.append(h("h2", { class: "panel-heading" }, title), body);
  let folded = false;
  /** @type {readonly string[]} whose fields are shown */
  let shown = [];
  let key = "";
  /** @type {{commit: () => void}[]} */
  let fields = [];

  function toggle() {
    folded = !folded;
    title.setAttribute("aria-expanded", String(!folded));
    body.hidden = folded;
  }

  /** @param {readonly Annotation[]} chosen */
  function keyFor(chosen) {
    const own = chosen.map((one) => [one.id, one.label, one.attributes, one.area, one.score, one.version > 0, store.isLocked(one.id), store.isHidden(one.id), marksOf(one).length]);
    return JSON.stringify([own.length > 50 ? [own.length, hash(JSON.stringify(own))] : own, store.labels, store.attributes]);
  }

  function render() {
    const chosen = store.selection.flatMap((id) => store.get(id) ?? []);
    root.hidden = chosen.length === 0;
    const now = keyFor(chosen);
    if (now === key) return;
    key = now;
    shown = chosen.map(({ id }) => id);
    const focused = document.activeElement instanceof HTMLElement && body.contains(document.activeElement) ? document.activeElement : null;
    title.replaceChildren(icon("chevron-down"), chosen.length === 1 ? nameOf(chosen[0]) : plural(chosen.length, "object"));
    fields = [];
    body.replaceChildren(...(chosen.length ? content(chosen) : []));
    if (focused) goOn(focused);
  }

  /** Somebody is in a field: they stay in it, with what they have typed. @param {HTMLElement} before */
  function goOn(before) {
    const now = document.getElementById(before.id);
    if (!now || !body.contains(now)) return;
    now.focus();
    if (!(before instanceof HTMLInputElement && now instanceof HTMLInputElement) || before.type === "checkbox") return;
    const { value, defaultValue, selectionStart, selectionEnd } = before;
    if (value !== defaultValue) now.value = value;
    now.setSelectionRange(selectionStart, selectionEnd);
  }

  /** @param {readonly Annotation[]} chosen */
  function content(chosen) {
    const free = chosen.filter(({ id }) => !store.isLocked(id));
    return [
      actions(chosen),
      labelField(chosen, free.length === 0),
      ...attributeFields(chosen, free.length === 0),
      chosen.length === 1 ? facts(chosen[0]) : null,
    ].filter((node) => node !== null);
  }

  /** @param {readonly Annotation[]} chosen @param {boolean} disabled */
  function labelField(chosen, disabled) {
    const mixed = chosen.some(({ label }) => label !== chosen[0].label);
    const select = h("select", { class: "input", id: "selected-label", disabled }, mixed ? h("option", { value: "" }, "Several labels") : null, ...store.labels.map(({ id, name }) => h("option", { value: String(id) }, name)));
    select.value = mixed ? "" : String(chosen[0].label);
    select.addEventListener("change", () => select.value && relabel(shown, Number(select.value)));
    leaveBy(select);
    const color = mixed ? UNLABELLED : (store.label(chosen[0].label)?.color ?? UNLABELLED);
    return h("div", { class: "attribute" }, h("div", { class: "attribute-line" }, h("label", { class: "attribute-name", for: select.id }, swatch(color), "Label"), select));
  }

  /** @param {HTMLElement} control */
  function leaveBy(control) {
    control.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" && event.key !== "Enter") return;
      event.preventDefault();
      done();
    });
  }

  /** @param {readonly Annotation[]} chosen @param {boolean} disabled */
  function attributeFields(chosen, disabled) {
    return store.attributes.flatMap((attribute) => {
      const own = chosen.filter(({ label }) => appliesTo(attribute, label));
      if (!own.length) return [];
      const values = own.map(({ attributes }) => attributes[attribute.name] ?? (attribute.type === "checkbox" ? false : undefined));
      const missing = own.filter((one) => missingOf([attribute], one).length).length;
      const ids = own.map(({ id }) => id);
      const field = attributeField({ attribute, values, missing, disabled }, (value) => assign(ids, attribute, value), done);
      fields.push(field);
      return [field.node];
    });
  }

  /** @param {Annotation} one */
  function facts(one) {
    const { author, score, area, bbox, source, model, createdTime, updatedTime } = one;
    /** @type {[string, (Node | string | null)[]][]} */
    const rows = [
      ["Author", [author ?? "Unknown"]],
      ["Area", [`${area.toLocaleString("en")} px, ${bbox[2]} × ${bbox[3]}`]],
      ["Made", [SOURCES[source] ?? source, score === null ? null : `, score ${score.toFixed(2)}`, model ? `, ${model}` : null]],
      ["Changed", [timeElement(updatedTime || createdTime)]],
    ];
    const marks = marksOf(one);
    return h(
      "div",
      { class: "selected-facts" },
      marks.length ? h("ul", { class: "selected-flags" }, ...marks.map((found) => h("li", {}, markNode(found), h("span", { "aria-hidden": "true" }, found.text)))) : null,
      h("dl", {}, ...rows.flatMap(([name, parts]) => [h("dt", {}, name), h("dd", {}, ...parts)])),
    );
  }

  /** @param {readonly Annotation[]} chosen */
  function actions(chosen) {
    const ids = chosen.map(({ id }) => id);
    const [locked, hidden] = [ids.every(store.isLocked), ids.every(store.isHidden)];
    const disabled = locked;
    return h(
      "div",
      { class: "selected-actions" },
      h("div", { class: "selected-group", role: "group", "aria-label": "Order" }, ...MOVES.map((one) => button(one.icon, one.name, `stack-${one.move}`, () => restack(one.move), disabled))),
      h(
        "div",
        { class: "selected-group", role: "group", "aria-label": "Do" },
        button(locked ? "unlock" : "lock", locked ? "Unlock" : "Lock", "lock", () => mark(locked ? "Unlock" : "Lock", ids)),
        button(hidden ? "eye" : "eye-off", hidden ? "Show" : "Hide", "selected-hide", () => mark(hidden ? "Show" : "Hide", ids)),
        ids.length === 1 ? button("clock", "History", "object-history", () => history(ids[0])) : null,
        button("trash", "Delete", "object-delete", () => remove(ids), disabled),
      ),
    );
  }

  /** @param {string} name @param {string} label @param {string} action @param {() => void} run @param {boolean} [disabled] */
  function button(name, label, action, run, disabled = false) {
    const bound = keyOf(action);
    return h("button", { type: "button", class: "options-command", id: `selected-${action}`, "aria-label": label, title: bound ? `${label} (${bound})` : label, disabled, onclick: (/** @type {MouseEvent} */ event) => (run(), event.detail && done()) }, icon(name));
  }

  let queued = false;
  // Not at once: when Tab moves the focus on, it must have arrived before fields are made anew.
  function schedule() {
    if (queued) return;
    queued = true;
    setTimeout(() => {
      queued = false;
      render();
    });
  }

  // What somebody is typing belongs to what was selected then.
  store.on("selection", () => fields.forEach((field) => field.commit()));
  for (const type of /** @type {const} */ (["annotations", "labels", "attributes", "visibility", "lock", "selection"])) store.on(type, schedule);
  render();

  return {
    refresh: schedule,
    /** Gives the focus to the first attribute, or to the label where there is none. */
    focus() {
      render();
      if (folded) toggle();
      const control = body.querySelector(".attribute[data-attribute] :is(input, select)") ?? body.querySelector("#selected-label");
      if (control instanceof HTMLElement) control.focus();
    },
  };
}

/** @param {string} text */
function hash(text) {
  let value = 0;
  for (let k = 0; k < text.length; k++) value = (Math.imul(value, 31) + text.charCodeAt(k)) | 0;
  return value;
}
