/**
 * What became of an object, version by version, or which objects were deleted: with the mask of then, and the way back.
 * @module ui/annotation_history
 */
import { UNLABELLED } from "../canvas/colors.js";
import { sameValues } from "../core/attributes.js";
import { frame, picture } from "./conflict.js";
import { h, icon, swatch } from "./element.js";
import { timeElement } from "./format.js";

/** @typedef {import("../net/types.js").Annotation} Annotation */
/** @typedef {import("../net/types.js").Revision} Revision */
/** @typedef {import("../net/types.js").RevisionDetail} RevisionDetail */
/** @typedef {import("../net/types.js").Page<Revision>} RevisionPage */

/**
 * @typedef {object} HistoryContext
 * @property {import("./conflict.js").ConflictContext} drawing
 * @property {import("../core/store.js").Store} store
 * @property {(cursor: string | null) => Promise<RevisionPage>} load one page, the newest first
 * @property {(revision: Revision) => Promise<RevisionDetail>} detail
 * @property {(then: RevisionDetail, label: number) => void} restore
 * @property {() => number | null} fallback a label in place of one that is gone
 */

/** @typedef {{title: string, empty: string, action: (revision: Revision) => string, line: (revision: Revision) => Node[], current: () => Annotation | null}} Kind */

/** @type {Record<string, string>} */
const FIELDS = { rle: "mask", label: "label", attributes: "attributes", z: "order", source: "tool", prompts: "prompts", candidate: "candidate", score: "score", model: "model" };

/** @type {Record<Revision["action"], string>} */
const ACTIONS = { created: "Made", updated: "Changed", deleted: "Deleted" };

/** Of the preview, in pixels of the canvas. */
const SIDE = 640;

/** What a version changed, in words. @param {Revision} revision */
export function describe({ action, changed, reason }) {
  if (reason) return reason;
  // A mask that is edited loses its prompts and score: that goes without saying.
  const relevant = changed.includes("rle") ? changed.filter((name) => ["rle", "label", "attributes", "z"].includes(name)) : changed;
  const names = Object.keys(FIELDS).filter((name) => relevant.includes(name)).map((name) => FIELDS[name]);
  return names.length ? `${ACTIONS[action]}: ${names.join(", ")}` : ACTIONS[action];
}

/** @param {HistoryContext} context @param {Annotation} annotation @param {string} name */
export function openHistory(context, annotation, name) {
  const current = () => context.store.get(annotation.id) ?? null;
  return open(context, {
    title: `History of ${name}`,
    empty: "Nothing is kept of this object yet. What is unsent comes here once it is saved.",
    action: ({ version }) => `Restore version ${version}`,
    line: (revision) => [h("strong", {}, `Version ${revision.version}`), h("span", {}, describe(revision))],
    current,
  });
}

/** @param {HistoryContext} context */
export function openDeleted(context) {
  return open(context, {
    title: "Deleted objects",
    empty: "No object of this image is deleted.",
    action: () => "Bring it back",
    line: ({ label }) => {
      const own = context.store.label(label);
      return [h("strong", {}, swatch(own?.color ?? UNLABELLED), own?.name ?? "A label that is gone"), h("span", {}, "Deleted")];
    },
    current: () => null,
  });
}

/** @param {HistoryContext} context @param {Kind} kind */
async function open(context, kind) {
  const list = h("ul", { class: "history-list", "aria-label": "Versions" });
  const more = h("button", { type: "button", class: "button button-small", hidden: true }, "Show older");
  const view = h("div", { class: "history-view" });
  const problem = h("p", { class: "field-error", role: "alert" });
  const restore = h("button", { type: "button", class: "button button-primary", disabled: true }, "Restore");
  const close = h("button", { type: "button", class: "button" }, "Close");
  const dialog = h(
    "dialog",
    { class: "history", "aria-labelledby": "history-title" },
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id: "history-title", tabindex: "-1", autofocus: true }, kind.title),
      h("button", { class: "button button-quiet button-icon button-small", type: "button", "aria-label": "Close", onclick: () => dialog.close() }, icon("close")),
    ),
    h("div", { class: "dialog-body history-body" }, h("div", { class: "history-side" }, list, more, problem), view),
    h("div", { class: "dialog-foot" }, close, restore),
  );
  /** @type {string | null} */
  let cursor = null;
  /** @type {RevisionDetail | null} */
  let chosen = null;
  let asked = 0;

  async function load() {
    more.disabled = true;
    try {
      const page = await context.load(cursor);
      list.append(...page.items.map(row));
      if (!cursor) start(page.items);
      cursor = page.next;
      problem.textContent = "";
    } catch (error) {
      problem.textContent = words(error);
    }
    more.disabled = false;
    more.hidden = !cursor && !problem.textContent;
    more.textContent = problem.textContent ? "Try again" : "Show older";
  }

  /** The version before the present one is what people come for. @param {Revision[]} items */
  function start(items) {
    if (!items.length) return view.replaceChildren(h("p", { class: "panel-empty" }, kind.empty));
    const at = kind.current() && items.length > 1 ? 1 : 0;
    void choose(items[at], /** @type {HTMLElement} */ (list.children[at].firstElementChild));
  }

  /** @param {Revision} revision */
  function row(revision) {
    const button = h(
      "button",
      { type: "button", class: "history-row", "aria-pressed": "false", onclick: () => void choose(revision, button) },
      ...kind.line(revision),
      h("span", { class: "history-who" }, revision.user ?? "Somebody", " · ", timeElement(revision.time)),
    );
    return h("li", {}, button);
  }

  list.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    const buttons = [...list.querySelectorAll("button")];
    const next = buttons[buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)) + step];
    event.preventDefault();
    next?.focus();
    next?.click();
  });

  /** @param {Revision} revision @param {HTMLElement} button */
  async function choose(revision, button) {
    for (const one of list.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one === button));
    const own = ++asked;
    chosen = null;
    restore.disabled = true;
    restore.textContent = kind.action(revision);
    try {
      const then = await context.detail(revision);
      if (own !== asked) return;
      chosen = then;
      view.replaceChildren(...shown(then));
      const now = kind.current();
      restore.disabled = labelOf(then) === null || (now !== null && isSame(now, then));
    } catch (error) {
      if (own === asked) view.replaceChildren(h("p", { class: "field-error" }, words(error)));
    }
  }

  /** The label of then, or the one to take in its place. @param {RevisionDetail} then */
  const labelOf = (then) => (context.store.label(then.label) ? then.label : context.fallback());

  /** @param {RevisionDetail} then */
  function shown(then) {
    const now = kind.current();
    const part = frame(now ? [then, now] : [then]);
    const canvas = picture(context.drawing, then, part, { side: SIDE, beside: now && !isSame(now, then) ? now : null });
    const name = context.store.label(then.label)?.name;
    const fallback = context.store.label(labelOf(then))?.name;
    const values = Object.entries(then.attributes).map(([key, value]) => h("li", {}, `${key}: ${typeof value === "object" ? JSON.stringify(value) : value}`));
    return [
      canvas,
      h("p", { class: "history-label" }, swatch(context.store.label(then.label)?.color ?? UNLABELLED), name ?? `A label that is gone${fallback ? `: it comes back as ${fallback}` : ""}`, ` · ${then.area.toLocaleString("en")} px`),
      values.length ? h("ul", { class: "history-values", "aria-label": "Attributes" }, ...values) : h("p", { class: "muted" }, "No attributes"),
      now ? h("p", { class: "history-legend" }, isSame(now, then) ? "This is what the object is now." : "Filled: then. Dashed: now.") : h("p", { class: "history-legend" }, "As it was when it was deleted."),
    ];
  }

  restore.addEventListener("click", () => {
    const label = chosen && labelOf(chosen);
    if (!chosen || label === null) return;
    dialog.close();
    context.restore(chosen, /** @type {number} */ (label));
  });
  close.addEventListener("click", () => dialog.close());
  more.addEventListener("click", () => void load());
  document.body.append(dialog);
  dialog.showModal();
  const closed = new Promise((resolve) => dialog.addEventListener("close", resolve));
  await load();
  await closed;
  dialog.remove();
}

/** @param {Annotation} now @param {RevisionDetail} then */
function isSame(now, then) {
  return now.rle.counts === then.rle.counts && now.label === then.label && (now.z ?? null) === then.z && sameValues(now.attributes, then.attributes);
}

/** @param {unknown} error */
function words(error) {
  return error instanceof Error ? error.message : String(error);
}
