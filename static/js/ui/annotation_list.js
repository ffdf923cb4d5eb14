/**
 * The image's objects as a list: select one or several by mouse and keys, show and hide, lock, delete.
 * @module ui/annotation_list
 */
import { UNLABELLED } from "../canvas/colors.js";
import { range } from "../core/listing.js";
import { h, icon, swatch } from "./element.js";
import { createVirtualList } from "./virtual_list.js";

/** @typedef {import("../net/types.js").Annotation} Annotation */
/** @typedef {import("../core/listing.js").Flag} Flag */
/** @typedef {{flag: Flag, text: string}} Mark */

/**
 * @typedef {object} ObjectsOptions
 * @property {HTMLElement} root
 * @property {import("../core/store.js").Store} store
 * @property {() => readonly Annotation[]} shown those that are listed, in their order
 * @property {(annotation: Annotation) => string} nameOf
 * @property {(annotation: Annotation) => readonly Mark[]} marksOf what may be wrong with it
 * @property {(id: string) => void} select the one, and shows where it is
 * @property {(id: string) => void} refine
 * @property {(ids: readonly string[]) => void} remove
 * @property {(action: "Lock" | "Unlock" | "Hide" | "Show", ids: readonly string[]) => void} mark
 * @property {(id: string) => boolean} isPending
 * @property {() => void} done gives the focus back to the canvas
 */

/** As the style sheet has it. */
const ROW_REM = 2.75;

/** @type {Record<Flag, string>} */
export const FLAG_ICONS = { missing: "alert", small: "speck", border: "at-border", overlaps: "overlap", hidden: "eye-off", locked: "lock" };

/** @typedef {ReturnType<typeof createAnnotationList>} AnnotationList */

/** @param {ObjectsOptions} options */
export function createAnnotationList({ root, store, shown, nameOf, marksOf, select, refine, remove, mark, isPending, done }) {
  const list = h("ul", { class: "objects-list", "aria-label": "Objects of this image" });
  const scroller = h("div", { class: "objects-scroll" }, list);
  root.append(scroller);
  let rem = fontSize();
  /** @type {readonly Annotation[]} */
  let items = [];
  /** @type {string | null} where a range begins */
  let anchor = null;
  /** @type {string | null} the row that Tab comes to */
  let current = null;

  const rows = createVirtualList({
    scroller,
    list,
    rowHeight: () => ROW_REM * rem,
    idOf: (index) => items[index].id,
    keyOf: (index) => keyOf(items[index]),
    build: (index) => build(items[index]),
    refresh: (node, index) => refresh(node, items[index].id),
    anchored() {
      const at = items.findIndex(({ id }) => id === current);
      return at < 0 ? null : at;
    },
  });

  function fontSize() {
    return parseFloat(getComputedStyle(document.documentElement).fontSize);
  }

  /** @param {Annotation} annotation */
  function keyOf(annotation) {
    const { id, label, score, author, area, prompts } = annotation;
    const own = store.label(label);
    return JSON.stringify([nameOf(annotation), own?.color, score, author, area, !!prompts, store.isHidden(id), store.isLocked(id), isPending(id), marksOf(annotation)]);
  }

  /** @param {Annotation} annotation */
  function build(annotation) {
    const { id, score, author, area } = annotation;
    const name = nameOf(annotation);
    const [hidden, locked] = [store.isHidden(id), store.isLocked(id)];
    const details = [score === null ? null : score.toFixed(2), author, `${area.toLocaleString("en")} px`].filter(Boolean).join(" · ");
    const main = h(
      "button",
      { type: "button", class: "object-main", onclick: (/** @type {MouseEvent} */ event) => clicked(id, event) },
      swatch(store.label(annotation.label)?.color ?? UNLABELLED),
      h("span", { class: "object-name" }, name),
      h("span", { class: "object-details" }, isPending(id) ? "saving…" : details),
      h("span", { class: "object-flags" }, ...marksOf(annotation).map(markNode)),
    );
    return h(
      "li",
      {
        class: `object${hidden ? " is-hidden" : ""}${locked ? " is-locked" : ""}`,
        dataset: { id },
        onpointerenter: () => store.hover(id),
        onpointerleave: () => store.hover(null),
      },
      main,
      h(
        "span",
        { class: "object-actions" },
        action(locked ? "lock" : "unlock", `${locked ? "Unlock" : "Lock"} ${name}`, "object-lock", () => mark(locked ? "Unlock" : "Lock", [id])),
        action(hidden ? "eye-off" : "eye", `${hidden ? "Show" : "Hide"} ${name}`, "object-eye", () => mark(hidden ? "Show" : "Hide", [id])),
        action("trash", `Delete ${name}`, "object-trash", () => remove([id])),
      ),
    );
  }

  /** @param {HTMLElement} node @param {string} id */
  function refresh(node, id) {
    // In place: a row that is replaced under the pointer would swallow the double click.
    const selected = store.isSelected(id);
    node.classList.toggle("is-selected", selected);
    node.classList.toggle("is-hovered", store.hovered === id);
    node.firstElementChild?.setAttribute("aria-pressed", String(selected));
    const reachable = id === (current ?? items[0]?.id) ? 0 : -1;
    for (const button of node.querySelectorAll("button")) button.tabIndex = reachable;
  }

  /** @param {string} id @param {MouseEvent} event its detail is none when a key pressed the button */
  function clicked(id, { detail: clicks, shiftKey, ctrlKey, metaKey }) {
    current = id;
    if (shiftKey) extend(id, ctrlKey || metaKey);
    else if (ctrlKey || metaKey) {
      store.toggleSelected(id);
      anchor = id;
    } else if (clicks === 2) refine(id);
    else choose(id);
    // After the mouse, the keys belong to the canvas again.
    if (clicks) done();
  }

  /** @param {string} id */
  function choose(id) {
    anchor = id;
    select(id);
  }

  /** @param {string} id @param {boolean} keep what was selected before */
  function extend(id, keep) {
    anchor ??= store.selected;
    const ids = range(items.map((one) => one.id), anchor, id);
    store.selectAll(keep ? [...store.selection, ...ids] : ids);
  }

  function selectShown() {
    store.selectAll(items.map(({ id }) => id));
  }

  list.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const id = target.closest(".object")?.getAttribute("data-id");
    const at = items.findIndex((one) => one.id === id);
    if (at < 0 || event.altKey) return;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "a") selectShown();
    else if (event.key === " " && command) store.toggleSelected(items[at].id);
    else if (event.key === "Escape") done();
    else {
      const to = destination(event.key, at);
      if (to === null) return;
      go(to, event.shiftKey, command);
    }
    event.preventDefault();
    event.stopPropagation();
  });

  /** @param {string} key @param {number} at */
  function destination(key, at) {
    const page = Math.max(1, Math.floor(scroller.clientHeight / (ROW_REM * rem)) - 1);
    /** @type {Record<string, number>} */
    const places = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: items.length - 1 };
    const to = places[key];
    return to === undefined ? null : Math.min(Math.max(to, 0), items.length - 1);
  }

  /** The focus moves, and the selection with it. @param {number} index @param {boolean} extending @param {boolean} only the focus */
  function go(index, extending, only) {
    const { id } = items[index];
    current = id;
    rows.reveal(index);
    if (extending) extend(id, false);
    else if (!only) choose(id);
    rows.render();
    focusRow(id);
  }

  /** @param {string} id */
  function focusRow(id) {
    const main = rows.node(id)?.firstElementChild;
    if (main instanceof HTMLElement) main.focus({ preventScroll: true });
  }

  function update() {
    items = shown();
    if (current !== null && !items.some(({ id }) => id === current)) current = null;
    list.classList.toggle("all-hidden", store.allHidden);
    rows.update(items.length);
  }

  let queued = false;
  // Many changes at once (a list arriving, a selection moving) make one rendering.
  function schedule() {
    if (queued) return;
    queued = true;
    queueMicrotask(() => {
      queued = false;
      update();
    });
  }

  for (const type of /** @type {const} */ (["annotations", "labels", "attributes", "visibility", "lock", "selection"])) store.on(type, schedule);
  store.on("hover", () => rows.update(items.length));
  store.on("selection", ({ id }) => {
    if (id === null || list.contains(document.activeElement)) return;
    current = id;
    queueMicrotask(() => {
      const at = items.findIndex((one) => one.id === id);
      if (at >= 0) rows.reveal(at);
    });
  });
  window.addEventListener("resize", () => {
    rem = fontSize();
    schedule();
  });
  update();

  return {
    refresh: schedule,
    selectShown,
    /** Gives the focus to the selected row, or to the first. */
    focus() {
      update();
      const id = store.selected && items.some((one) => one.id === store.selected) ? store.selected : items[0]?.id;
      if (!id) return;
      current = id;
      rows.reveal(items.findIndex((one) => one.id === id));
      rows.render();
      focusRow(id);
    },
  };
}

/** @param {Mark} mark */
export function markNode({ flag, text }) {
  return h("span", { class: `object-flag is-${flag}`, title: text }, icon(FLAG_ICONS[flag]), h("span", { class: "visually-hidden" }, text));
}

/** @param {string} name @param {string} label @param {string} kind @param {() => void} run */
function action(name, label, kind, run) {
  return h("button", { type: "button", class: `object-action ${kind}`, "aria-label": label, title: label, onclick: run }, icon(name));
}
