/**
 * What the annotate page knows: the image's objects, what is selected and hidden, the project's labels.
 * Holds no rules about saving: it is changed by `local` use cases and by `remote` news alike.
 * @module core/store
 */
import { createEmitter } from "./emitter.js";

/** @typedef {import("../net/types.js").Annotation} Annotation */
/** @typedef {import("../net/types.js").Label} Label */
/** @typedef {"local" | "remote"} Origin */

/**
 * @typedef {object} StoreEvents
 * @property {{ids: string[], origin: Origin}} annotations
 * @property {{id: string | null, previous: string | null}} selection
 * @property {{id: string | null}} hover
 * @property {{labels: Label[]}} labels
 * @property {{id: number | null}} label
 * @property {{all: boolean}} visibility
 */

/** @typedef {ReturnType<typeof createStore>} Store */

/** @param {{labels?: Label[]}} [initial] */
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
  /** @type {string | null} */
  let selected = null;
  /** @type {string | null} */
  let hovered = null;
  /** @type {number | null} */
  let activeLabel = null;
  let allHidden = false;

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

  /** @param {string | null} id */
  function select(id) {
    if (id === selected || (id !== null && !annotations.has(id))) return;
    const previous = selected;
    selected = id;
    events.emit("selection", { id, previous });
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
    if (selected === id) select(null);
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

  if (initial.labels) setLabels(initial.labels);

  return {
    on: events.on,
    put,
    remove,
    replaceAll,
    select,
    hover,
    setLabels,
    setActiveLabel,
    /** @param {string} id */
    get: (id) => annotations.get(id),
    /** Oldest first, as they are listed and drawn. */
    list: () => (ordered ??= [...annotations.values()].sort((a, b) => a.createdTime - b.createdTime)),
    get size() {
      return annotations.size;
    },
    get selected() {
      return selected;
    },
    get hovered() {
      return hovered;
    },
    get labels() {
      return labels;
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
    isVisible: (id) => !allHidden && !hidden.has(id),
    /** @param {string} id */
    isHidden: (id) => hidden.has(id),
    /** @param {string} id */
    toggleHidden(id) {
      if (!hidden.delete(id)) hidden.add(id);
      events.emit("visibility", { all: allHidden });
    },
    toggleAll() {
      allHidden = !allHidden;
      events.emit("visibility", { all: allHidden });
    },
  };
}
