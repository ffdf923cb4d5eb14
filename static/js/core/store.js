/**
 * What the annotate page knows: the image's objects, what is selected and hidden, the project's labels.
 * Holds no rules about saving: it is changed by `local` use cases and by `remote` news alike.
 * @module core/store
 */
import { createEmitter } from "./emitter.js";
import { byZOrder } from "./z_order.js";

/** @typedef {import("../net/types.js").Annotation} Annotation */
/** @typedef {import("../net/types.js").Attribute} Attribute */
/** @typedef {import("../net/types.js").Label} Label */
/** @typedef {"local" | "remote"} Origin */

/**
 * @typedef {object} StoreEvents
 * @property {{ids: string[], origin: Origin}} annotations
 * @property {{id: string | null, previous: string | null, ids: readonly string[]}} selection id: the one selected last
 * @property {{ids: readonly string[]}} lock
 * @property {{id: string | null}} hover
 * @property {{labels: Label[]}} labels
 * @property {{attributes: readonly Attribute[]}} attributes of the project
 * @property {{id: number | null}} label
 * @property {{all: boolean}} visibility
 */

/** @typedef {ReturnType<typeof createStore>} Store */

/** @param {{labels?: Label[], attributes?: Attribute[]}} [initial] */
export function createStore(initial = {}) {
  /** @type {ReturnType<typeof createEmitter<StoreEvents>>} */
  const events = createEmitter();
  /** @type {Map<string, Annotation>} */
  const annotations = new Map();
  /** @type {Annotation[] | null} the list in its order, until something changes */
  let ordered = null;
  /** @type {Set<string>} */
  const hidden = new Set();
  /** @type {Label[]} */
  let labels = [];
  /** @type {readonly Attribute[]} */
  let attributes = initial.attributes ?? [];
  /** @type {Set<string>} */
  const locked = new Set();
  /** @type {readonly string[]} in the order of selecting */
  let selection = [];
  /** @type {string | null} */
  let hovered = null;
  /** @type {number | null} */
  let activeLabel = null;
  let allHidden = false;
  let alone = false;

  /** @param {Label[]} next */
  function setLabels(next) {
    labels = [...next].sort((a, b) => a.order - b.order || a.id - b.id);
    events.emit("labels", { labels });
    if (!labels.some((label) => label.id === activeLabel)) setActiveLabel(labels[0]?.id ?? null);
  }

  /** @param {number | null} id */
  function setActiveLabel(id) {
    if (id === activeLabel) return;
    activeLabel = id;
    events.emit("label", { id });
  }

  /** The object selected last: the one that tools for a single object work on. */
  const selected = () => selection.at(-1) ?? null;

  /** @param {readonly string[]} ids what is not there is left out */
  function selectAll(ids) {
    const next = [...new Set(ids)].filter((id) => annotations.has(id));
    if (next.length === selection.length && next.every((id, k) => id === selection[k])) return;
    const previous = selected();
    selection = next;
    events.emit("selection", { id: selected(), previous, ids: selection });
  }

  /** @param {string | null} id */
  function select(id) {
    if (id === null || annotations.has(id)) selectAll(id === null ? [] : [id]);
  }

  /** @param {string | null} id */
  function hover(id) {
    if (id === hovered) return;
    hovered = id;
    events.emit("hover", { id });
  }

  /** @param {string} id */
  function forget(id) {
    annotations.delete(id);
    ordered = null;
    hidden.delete(id);
    if (hovered === id) hover(null);
    if (selection.includes(id)) selectAll(selection.filter((other) => other !== id));
  }

  /** @param {Annotation} annotation */
  function keep(annotation) {
    annotations.set(annotation.id, annotation);
    ordered = null;
  }

  /** @param {Annotation} annotation @param {Origin} [origin] */
  function put(annotation, origin = "local") {
    keep(annotation);
    events.emit("annotations", { ids: [annotation.id], origin });
  }

  /** @param {string} id @param {Origin} [origin] */
  function remove(id, origin = "local") {
    if (!annotations.has(id)) return;
    forget(id);
    events.emit("annotations", { ids: [id], origin });
  }

  /**
   * Takes over the server's list, but leaves alone what `spare` names: changes on their way to the server.
   * @param {Annotation[]} list
   * @param {(id: string) => boolean} [spare]
   */
  function replaceAll(list, spare = () => false) {
    const incoming = new Map(list.map((annotation) => [annotation.id, annotation]));
    /** @type {string[]} */
    const changed = [];
    for (const id of [...annotations.keys()]) {
      if (incoming.has(id) || spare(id)) continue;
      forget(id);
      changed.push(id);
    }
    for (const annotation of list) {
      if (spare(annotation.id)) continue;
      const known = annotations.get(annotation.id);
      if (known && known.version === annotation.version) continue;
      keep(annotation);
      changed.push(annotation.id);
    }
    if (changed.length) events.emit("annotations", { ids: changed, origin: "remote" });
  }

  /** @param {Set<string>} marked @param {readonly string[]} ids @param {boolean} on */
  function mark(marked, ids, on) {
    for (const id of ids) on ? marked.add(id) : marked.delete(id);
  }

  if (initial.labels) setLabels(initial.labels);

  return {
    on: events.on,
    put,
    remove,
    replaceAll,
    select,
    selectAll,
    /** Adds to the selection, or takes out of it. @param {string} id */
    toggleSelected: (id) => selectAll(selection.includes(id) ? selection.filter((other) => other !== id) : [...selection, id]),
    hover,
    setLabels,
    setActiveLabel,
    /** @param {string} id */
    get: (id) => annotations.get(id),
    /** Back to front, as they are drawn: what nobody moved in the order of its making. */
    list: () => (ordered ??= [...annotations.values()].sort(byZOrder)),
    get size() {
      return annotations.size;
    },
    get selected() {
      return selected();
    },
    /** All that are selected, in the order of selecting. */
    get selection() {
      return selection;
    },
    /** @param {string} id */
    isSelected: (id) => selection.includes(id),
    /** Whether nobody may change it on this page by mistake. @param {string} id */
    isLocked: (id) => locked.has(id),
    /** @param {readonly string[]} ids @param {boolean} on */
    setLocked(ids, on) {
      mark(locked, ids, on);
      events.emit("lock", { ids });
    },
    get hovered() {
      return hovered;
    },
    get labels() {
      return labels;
    },
    get attributes() {
      return attributes;
    },
    /** @param {readonly Attribute[]} next */
    setAttributes(next) {
      attributes = next;
      events.emit("attributes", { attributes });
    },
    get activeLabel() {
      return activeLabel;
    },
    get allHidden() {
      return allHidden;
    },
    /** @param {number | null} id */
    label: (id) => labels.find((label) => label.id === id),
    /** @param {string} id */
    isVisible: (id) => !allHidden && !hidden.has(id) && !(alone && selection.length && !selection.includes(id)),
    /** @param {string} id */
    isHidden: (id) => hidden.has(id),
    /** @param {readonly string[]} ids @param {boolean} on */
    setHidden(ids, on) {
      mark(hidden, ids, on);
      events.emit("visibility", { all: allHidden });
    },
    /** Whether the selected objects, while there are some, are the only ones to be seen. */
    get alone() {
      return alone;
    },
    /** @param {boolean} next */
    setAlone(next) {
      if (next === alone) return;
      alone = next;
      events.emit("visibility", { all: allHidden });
    },
    toggleAll() {
      allHidden = !allHidden;
      events.emit("visibility", { all: allHidden });
    },
  };
}
