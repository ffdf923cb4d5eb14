/**
 * The image's objects as a list: select, show and hide, delete.
 * @module ui/objects
 */
import { UNLABELLED } from "../canvas/colors.js";
import { h, icon, swatch } from "./element.js";

/** @typedef {import("../net/types.js").Annotation} Annotation */

/**
 * @typedef {object} ObjectsOptions
 * @property {HTMLElement} root
 * @property {HTMLElement} count
 * @property {import("../core/store.js").Store} store
 * @property {(id: string) => void} select
 * @property {(id: string) => void} refine
 * @property {(id: string) => void} remove
 * @property {(id: string) => boolean} isPending
 * @property {() => void} done gives the focus back to the canvas
 */

/** @param {ObjectsOptions} options */
export function createObjectsPanel({ root, count, store, select, refine, remove, isPending, done }) {
  const list = h("ul", { class: "objects-list", "aria-label": "Objects of this image" });
  const empty = h(
    "p",
    { class: "panel-empty" },
    "Nothing here yet. Point at something, click it, and press ",
    h("kbd", {}, "Enter"),
    " to keep it.",
  );
  root.append(empty, list);
  /** @type {Map<string, {node: HTMLLIElement, key: string}>} */
  const rows = new Map();

  /** @param {Annotation} annotation */
  function keyOf({ id, label, score, author, prompts }) {
    const own = store.label(label);
    return JSON.stringify([own?.name, own?.color, score, author, !!prompts, store.isHidden(id), store.isLocked(id), isPending(id)]);
  }

  /** @param {string} id @param {MouseEvent} event its detail is none when a key pressed the button */
  function clicked(id, { detail: clicks, shiftKey, ctrlKey, metaKey }) {
    if (shiftKey || ctrlKey || metaKey) store.toggleSelected(id);
    else if (clicks === 2) refine(id);
    else select(id);
    // After the mouse, the keys belong to the canvas again.
    if (clicks) done();
  }

  /** @param {Annotation} annotation @param {number} index */
  function build(annotation, index) {
    const { id, score, author } = annotation;
    const label = store.label(annotation.label);
    const name = `${label?.name ?? "No label"} ${index + 1}`;
    const hidden = store.isHidden(id);
    const details = [score === null ? null : score.toFixed(2), author].filter(Boolean).join(" · ");
    const main = h(
      "button",
      { type: "button", class: "object-main", onclick: (/** @type {MouseEvent} */ event) => clicked(id, event) },
      swatch(label?.color ?? UNLABELLED),
      h("span", { class: "object-name" }, name),
      h("span", { class: "object-details" }, isPending(id) ? "saving…" : details),
    );
    return h(
      "li",
      {
        class: `object${hidden ? " is-hidden" : ""}${store.isLocked(id) ? " is-locked" : ""}`,
        dataset: { id },
        onpointerenter: () => store.hover(id),
        onpointerleave: () => store.hover(null),
      },
      main,
      action(store.isLocked(id) ? "lock" : "unlock", `${store.isLocked(id) ? "Unlock" : "Lock"} ${name}`, () => store.toggleLocked(id)),
      action(hidden ? "eye-off" : "eye", `${hidden ? "Show" : "Hide"} ${name}`, () => store.toggleHidden(id)),
      action("trash", `Delete ${name}`, () => remove(id)),
    );
  }

  function render() {
    const annotations = store.list();
    count.textContent = annotations.length ? String(annotations.length) : "";
    empty.hidden = annotations.length > 0;
    list.classList.toggle("all-hidden", store.allHidden);
    const focused = focusedPlace();
    const alive = new Set(annotations.map((annotation) => annotation.id));
    for (const [id, row] of rows) {
      if (alive.has(id)) continue;
      row.node.remove();
      rows.delete(id);
    }
    annotations.forEach((annotation, index) => place(annotation, index));
    restoreFocus(focused);
  }

  /** Rebuilds a row only when what it shows changed. @param {Annotation} annotation @param {number} index */
  function place(annotation, index) {
    const key = `${index}${keyOf(annotation)}`;
    const row = rows.get(annotation.id);
    const node = row?.key === key ? row.node : build(annotation, index);
    if (row && node !== row.node) row.node.replaceWith(node);
    rows.set(annotation.id, { node, key });
    // In place: a row that is replaced under the pointer would swallow the double click.
    node.classList.toggle("is-selected", store.isSelected(annotation.id));
    node.firstElementChild?.setAttribute("aria-pressed", String(store.isSelected(annotation.id)));
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  }

  /** @returns {{id: string, control: number} | null} */
  function focusedPlace() {
    const row = document.activeElement?.closest(".object");
    if (!(row instanceof HTMLElement) || !list.contains(row)) return null;
    return { id: row.dataset.id ?? "", control: [...row.children].indexOf(/** @type {Element} */ (document.activeElement)) };
  }

  /** @param {ReturnType<typeof focusedPlace>} place */
  function restoreFocus(place) {
    if (!place || document.activeElement?.closest(".object")) return;
    const control = rows.get(place.id)?.node.children[place.control];
    if (control instanceof HTMLElement) control.focus();
  }

  let queued = false;
  // Many changes at once (a list arriving, a selection moving) make one rendering.
  function schedule() {
    if (queued) return;
    queued = true;
    queueMicrotask(() => {
      queued = false;
      render();
    });
  }

  for (const type of /** @type {const} */ (["annotations", "selection", "labels", "visibility", "lock"])) store.on(type, schedule);
  store.on("selection", ({ id }) => {
    queueMicrotask(() => queueMicrotask(() => id && rows.get(id)?.node.scrollIntoView({ block: "nearest" })));
  });
  render();
  return { refresh: schedule };
}

/** @param {string} name @param {string} label @param {() => void} run */
function action(name, label, run) {
  return h("button", { type: "button", class: "object-action", "aria-label": label, title: label, onclick: run }, icon(name));
}
