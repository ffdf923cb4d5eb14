/**
 * The panel of objects: the list with its filter, what is selected, flags and history. Loaded beside the image.
 * @module pages/annotate/annotation_panel
 */
import { missingOf } from "../../core/attributes.js";
import { arrange, numbersOf } from "../../core/listing.js";
import { restack } from "../../core/z_order.js";
import { createAnnotationDetails } from "../../ui/annotation_details.js";
import { createAnnotationFilter } from "../../ui/annotation_filter.js";
import { createAnnotationList } from "../../ui/annotation_list.js";
import { h } from "../../ui/element.js";
import { createFlags, SMALL } from "./flags.js";

/** @typedef {import("../../net/types.js").Annotation} Annotation */
/** @typedef {import("../../core/z_order.js").Move} Move */
/** @typedef {import("../../core/listing.js").Flag} Flag */
/** @typedef {import("../../net/types.js").RevisionDetail} RevisionDetail */

/**
 * @typedef {object} AnnotationPanelContext
 * @property {{root: HTMLElement, count: HTMLElement, selected: HTMLElement}} places
 * @property {import("../../net/types.js").ImageInfo} image
 * @property {import("../../net/api.js").Api} api
 * @property {import("../../core/store.js").Store} store
 * @property {import("../../net/sync.js").Sync} sync
 * @property {import("./annotation_edits.js").AnnotationEdits} edits
 * @property {import("../../ui/shortcuts.js").Shortcuts} shortcuts
 * @property {import("../../canvas/renderer.js").Renderer} renderer
 * @property {import("../../canvas/mask_paths.js").Decode} decode
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {(id: string) => void} select the one, and shows where it is
 * @property {(ids: readonly string[]) => string[]} unlocked those that are not locked; tells when some are
 * @property {(id: string) => void} refine
 * @property {() => void} done gives the focus back to the canvas
 */

/** @typedef {ReturnType<typeof createAnnotationPanel>} AnnotationPanel */

/** @type {Record<Move, string>} */
const MOVES = { front: "To the front", forward: "Forward", backward: "Backward", back: "To the back" };

/** @param {AnnotationPanelContext} context */
export function createAnnotationPanel({ places, image, api, store, sync, edits, shortcuts, renderer, decode, toasts, select, unlocked, refine, done }) {
  const empty = h("p", { class: "panel-empty" }, "Nothing here yet. Point at something, click it, and press ", h("kbd", {}, "Enter"), " to keep it.");
  const head = h("div", { class: "objects-head" });
  places.root.replaceChildren(head, empty);
  /** @type {Map<string, number>} */
  let numbers = new Map();
  /** @type {Annotation[] | null} until something changes */
  let listed = null;

  /** @type {import("../../ui/annotation_list.js").AnnotationList | null} */
  let list = null;
  /** @type {ReturnType<typeof createAnnotationDetails> | null} */
  let details = null;
  const flags = createFlags({ store, image, changed: refresh });

  /** @param {Annotation} annotation */
  const nameOf = ({ id, label }) => `${store.label(label)?.name ?? "No label"} ${numbers.get(id) ?? ""}`.trim();

  /** @param {Annotation} annotation @returns {import("../../ui/annotation_list.js").Mark[]} */
  function marksOf(annotation) {
    const missing = missingOf(store.attributes, annotation);
    const over = flags.over(annotation.id).size;
    /** @type {(import("../../ui/annotation_list.js").Mark | false)[]} */
    const found = [
      missing.length > 0 && { flag: "missing", text: `Missing: ${missing.join(", ")}` },
      flags.isSmall(annotation) && { flag: "small", text: `Too small: fewer than ${SMALL} pixels` },
      flags.atBorder(annotation) && { flag: "border", text: "Touches the image's border" },
      over > 0 && { flag: "overlaps", text: over === 1 ? "Overlaps another object" : `Overlaps ${over} other objects` },
    ];
    return found.filter((mark) => mark !== false);
  }

  /** @param {Annotation} annotation @returns {Flag[]} */
  function flagsOf(annotation) {
    const found = marksOf(annotation).map(({ flag }) => flag);
    if (store.isHidden(annotation.id)) found.push("hidden");
    if (store.isLocked(annotation.id)) found.push("locked");
    return found;
  }

  const about = {
    label: (/** @type {number | null} */ id) => store.label(id)?.name ?? "",
    order: (/** @type {number | null} */ id) => store.labels.findIndex((label) => label.id === id),
    flags: flagsOf,
  };

  function shown() {
    if (listed) return listed;
    const list = store.list();
    numbers = numbersOf(list);
    listed = arrange(list, filter.filter, about, numbers);
    const lacking = store.attributes.some(({ required }) => required) ? list.filter((one) => missingOf(store.attributes, one).length).length : 0;
    places.count.textContent = list.length ? String(list.length) : "";
    empty.hidden = list.length > 0;
    filter.update(listed.length, lacking);
    return listed;
  }

  const filter = createAnnotationFilter({
    root: head,
    store,
    changed: refresh,
    selectShown: () => list?.selectShown(),
    showDeleted: openDeleted,
    focusList: () => list?.focus(),
    done,
  });
  // Before the list hears of a change: what it shows is found anew then.
  for (const type of /** @type {const} */ (["annotations", "labels", "attributes", "visibility", "lock"])) store.on(type, () => (listed = null));

  list = createAnnotationList({
    root: places.root,
    store, shown, nameOf, marksOf, select, refine, done,
    remove,
    mark: edits.mark,
    isPending: sync.isPending,
  });
  details = createAnnotationDetails({
    root: places.selected,
    store, nameOf, marksOf, remove, done,
    relabel: (ids, label) => edits.relabel(unlocked(ids), label),
    assign: (ids, attribute, value) => void edits.assign(unlocked(ids), attribute, value),
    restack: move,
    mark: edits.mark,
    history: (id) => void showHistory(id),
    keyOf,
  });

  function refresh() {
    listed = null;
    list?.refresh();
    details?.refresh();
  }

  /** @param {readonly string[]} ids */
  function remove(ids) {
    const open = unlocked(ids);
    if (open.length) edits.remove(open);
  }

  /** @param {Move} move */
  function move(move) {
    const ids = unlocked(store.selection);
    if (!store.selection.length) return void toasts.info("No object is selected", "Select those to move in front of or behind others.");
    const zOrders = restack(store.list(), new Set(ids), move);
    if (zOrders.size) edits.restack(MOVES[move], zOrders);
    else if (ids.length) toasts.info(move === "front" || move === "forward" ? "It is in front already" : "It is at the back already");
  }

  /** The key of an action, as it is bound now. @param {string} id */
  function keyOf(id) {
    const shortcut = shortcuts.all().find((one) => one.id === id);
    return shortcut ? (shortcuts.keysOf(shortcut)[0] ?? "") : "";
  }

  const drawing = { store, renderer, decode, image };

  /** @param {import("../../net/types.js").Revision} revision @returns {Promise<RevisionDetail>} */
  const detail = ({ annotation, version }) => api.get(`/annotations/${annotation}/revisions/${version}`);

  const common = { drawing, store, detail, fallback: () => store.activeLabel ?? store.labels[0]?.id ?? null };

  /** @param {string} id */
  async function showHistory(id) {
    const annotation = store.get(id);
    if (!annotation) return;
    if (store.isLocked(id)) return void toasts.info("The object is locked", "Unlock it in the list or with L to go back in its history.");
    const { openHistory } = await import("../../ui/annotation_history.js");
    await openHistory({
      ...common,
      load: (cursor) => api.get(`/annotations/${id}/revisions`, { query: { limit: 50, ...(cursor ? { cursor } : {}) } }),
      restore: (then, label) => back(then, label, 0),
    }, annotation, nameOf(annotation));
    done();
  }

  async function showDeleted() {
    const { openDeleted } = await import("../../ui/annotation_history.js");
    await openDeleted({
      ...common,
      load: (cursor) => api.get(`/images/${image.id}/deleted-annotations`, { query: { limit: 50, ...(cursor ? { cursor } : {}) } }),
      restore: (then, label) => back(then, label, then.version),
    });
    done();
  }

  function openDeleted() {
    void showDeleted();
  }

  /** @param {RevisionDetail} then @param {number} label @param {number} version */
  function back(then, label, version) {
    if (!edits.restore(then, label, version)) return;
    select(then.annotation);
    toasts.success(version ? "The object is back" : `Version ${then.version} is restored`, "Undo takes it back.");
  }

  sync.on("status", () => list?.refresh());

  return {
    shown,
    restack: move,
    selectShown: () => list?.selectShown(),
    toggleHidden() {
      if (!store.selection.length) return void toasts.info("No object is selected", "H hides all.");
      edits.mark(store.selection.every(store.isHidden) ? "Show" : "Hide", store.selection);
    },
    focusList: () => list?.focus(),
    focusFilter: () => filter.focus(),
    focusDetails() {
      if (store.selection.length) details?.focus();
      else toasts.info("No object is selected", "Select those whose attributes are to be changed.");
    },
    openHistory() {
      if (store.selected) void showHistory(store.selected);
      else toasts.info("No object is selected", "Shift+Delete shows deleted ones.");
    },
    openDeleted,
    /** Whether all flags are known. */
    get settled() {
      return flags.settled;
    },
  };
}
