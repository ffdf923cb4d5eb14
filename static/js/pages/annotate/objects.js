/**
 * What a person does to objects: shown at once, sent at once, undone by the same way.
 * @module pages/annotate/objects
 */
import { uuid } from "../../core/uuid.js";
import { creationBody } from "../../net/sync.js";

/** @typedef {import("../../net/types.js").Annotation} Annotation */
/** @typedef {Pick<Annotation, "label" | "rle" | "bbox" | "area" | "prompts" | "candidate" | "score" | "model">} Content */

/**
 * @typedef {object} ObjectsContext
 * @property {import("../../core/store.js").Store} store
 * @property {import("../../core/history.js").History} history
 * @property {import("../../net/sync.js").Sync} sync
 * @property {number} image
 * @property {string} username
 */

/** @typedef {ReturnType<typeof createObjects>} Objects */

/** Derived by the server from the mask, so never sent. */
const DERIVED = new Set(["bbox", "area"]);

/** @param {ObjectsContext} context */
export function createObjects({ store, history, sync, image, username }) {
  /** @param {Annotation} annotation */
  function put(annotation) {
    store.put(annotation);
    sync.submit({ id: annotation.id, image, kind: "create", body: creationBody(annotation), version: 0, full: annotation });
  }

  /** @param {string} id @param {Partial<Annotation>} fields */
  function patch(id, fields) {
    const current = store.get(id);
    if (!current) return;
    const full = { ...current, ...fields };
    const body = Object.fromEntries(Object.entries(fields).filter(([name]) => !DERIVED.has(name)));
    store.put(full);
    sync.submit({ id, image, kind: "update", body, version: current.version, full });
  }

  /** @param {string} id */
  function drop(id) {
    const full = store.get(id);
    if (!full) return;
    store.remove(id);
    sync.submit({ id, image, kind: "delete", body: {}, version: full.version, full });
  }

  /** @param {string} id @param {Partial<Annotation>} fields @param {string} name */
  function change(id, fields, name) {
    const current = store.get(id);
    if (!current) return;
    const keys = /** @type {(keyof Annotation)[]} */ (Object.keys(fields));
    const before = Object.fromEntries(keys.map((key) => [key, current[key]]));
    patch(id, fields);
    history.push({ name, undo: () => patch(id, before), redo: () => patch(id, fields) });
  }

  /** @param {number | null} label */
  const labelName = (label) => store.label(label)?.name ?? "object";

  return {
    /** The new object's id. @param {Content} content @param {string} [source] */
    create(content, source = "smart") {
      const now = Date.now();
      /** @type {Annotation} */
      let annotation = {
        ...content,
        id: uuid(),
        image,
        source,
        attributes: {},
        author: username,
        version: 0,
        createdTime: now,
        updatedTime: now,
      };
      put(annotation);
      const { id } = annotation;
      history.push({
        name: `Add ${labelName(content.label)}`,
        undo() {
          annotation = store.get(id) ?? annotation;
          drop(id);
        },
        redo: () => put(annotation),
      });
      return id;
    },
    /** @param {string} id @param {Content} content */
    rework(id, content) {
      change(id, { ...content, source: "smart" }, `Refine ${labelName(content.label)}`);
    },
    /** @param {string} id @param {number} label */
    relabel(id, label) {
      if (store.get(id)?.label !== label) change(id, { label }, `Label as ${labelName(label)}`);
    },
    /** @param {string} id */
    remove(id) {
      let annotation = store.get(id);
      if (!annotation) return;
      drop(id);
      history.push({
        name: `Delete ${labelName(annotation.label)}`,
        undo: () => annotation && put(annotation),
        redo() {
          annotation = store.get(id) ?? annotation;
          drop(id);
        },
      });
    },
  };
}
