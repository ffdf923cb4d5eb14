/**
 * What a person does to objects: shown at once, sent at once, undone by the same way. However many objects an action
 * changes, it is one step to undo; what somebody else changed since is left alone.
 * @module pages/annotate/objects
 */
import { uuid } from "../../core/uuid.js";
import { creationBody } from "../../net/sync.js";

/** @typedef {import("../../net/types.js").Annotation} Annotation */
/** @typedef {Pick<Annotation, "label" | "rle" | "bbox" | "area" | "prompts" | "candidate" | "score" | "model">} Content */
/** @typedef {Pick<Annotation, "rle" | "bbox" | "area">} Mask */
/** @typedef {{redo: () => boolean, undo: () => boolean}} Step false: not done, since somebody else changed the object */

/**
 * @typedef {object} ObjectsContext
 * @property {import("../../core/store.js").Store} store
 * @property {import("../../core/history.js").History} history
 * @property {import("../../net/sync.js").Sync} sync
 * @property {number} image
 * @property {string} username
 * @property {() => void} [refused] an object was left as it is: somebody else has changed it
 */

/** @typedef {ReturnType<typeof createObjects>} Objects */

/** Derived by the server from the mask, so never sent. */
const DERIVED = new Set(["bbox", "area"]);

/** What an edited mask is no longer: the answer to its prompts. */
const WITHOUT_PROMPTS = { prompts: null, candidate: null, score: null };

/** @param {Annotation} a @param {Partial<Annotation>} b whether the object still is, in what matters, as it was left */
function isAs(a, b) {
  return (b.rle === undefined || a.rle.counts === b.rle.counts) && (b.label === undefined || a.label === b.label);
}

/** @param {ObjectsContext} context */
export function createObjects({ store, history, sync, image, username, refused = () => {} }) {
  /** @param {Annotation} annotation */
  function put(annotation) {
    store.put(annotation);
    sync.submit({ id: annotation.id, image, kind: "create", body: creationBody(annotation), version: 0, full: annotation });
    return true;
  }

  /** @param {string} id @param {Partial<Annotation>} fields @param {Partial<Annotation>} expected */
  function patch(id, fields, expected) {
    const current = store.get(id);
    if (!current || !isAs(current, expected)) return false;
    const full = { ...current, ...fields };
    const body = Object.fromEntries(Object.entries(fields).filter(([name]) => !DERIVED.has(name)));
    store.put(full);
    sync.submit({ id, image, kind: "update", body, version: current.version, full });
    return true;
  }

  /** @param {Annotation} expected */
  function drop(expected) {
    const full = store.get(expected.id);
    if (!full || !isAs(full, expected)) return null;
    store.remove(full.id);
    sync.submit({ id: full.id, image, kind: "delete", body: {}, version: full.version, full });
    return full;
  }

  /** @param {string} name @param {(Step | null)[]} steps */
  function perform(name, steps) {
    const taken = steps.flatMap((step) => (step ? [step] : [])).filter((step) => step.redo());
    if (!taken.length) return false;
    history.push({
      name,
      undo() {
        if (taken.toReversed().map((step) => step.undo()).includes(false)) refused();
      },
      redo() {
        if (taken.map((step) => step.redo()).includes(false)) refused();
      },
    });
    return true;
  }

  /** @param {Annotation} made @returns {Step} */
  function creation(made) {
    let annotation = made;
    return {
      // Where it could not be taken away, it is not made again over what it has become.
      redo: () => store.get(annotation.id) === undefined && put(annotation),
      undo() {
        const dropped = drop(annotation);
        annotation = dropped ?? annotation;
        return dropped !== null;
      },
    };
  }

  /** @param {string} id @returns {Step | null} */
  function removal(id) {
    const found = store.get(id);
    if (!found) return null;
    const { redo, undo } = creation(found);
    return { redo: undo, undo: redo };
  }

  /** @param {string} id @param {Partial<Annotation>} fields @returns {Step | null} */
  function change(id, fields) {
    const current = store.get(id);
    if (!current) return null;
    const keys = /** @type {(keyof Annotation)[]} */ (Object.keys(fields));
    /** @type {Partial<Annotation>} */
    const before = Object.fromEntries(keys.map((key) => [key, current[key]]));
    return { redo: () => patch(id, fields, before), undo: () => patch(id, before, fields) };
  }

  /** @param {Content & {attributes?: Annotation["attributes"]}} content @param {string} source @returns {Annotation} */
  function fresh(content, source) {
    const now = Date.now();
    return { attributes: {}, ...content, id: uuid(), image, source, author: username, version: 0, createdTime: now, updatedTime: now };
  }

  /** @param {number | null} label */
  const labelName = (label) => store.label(label)?.name ?? "object";

  return {
    /** The new object's id. @param {Content} content @param {string} [source] */
    create(content, source = "smart") {
      const annotation = fresh(content, source);
      perform(`Add ${labelName(content.label)}`, [creation(annotation)]);
      return annotation.id;
    },
    /**
     * New objects in one step; their ids.
     * @param {string} name
     * @param {(Content & {attributes: Annotation["attributes"], source: string})[]} contents
     */
    add(name, contents) {
      const made = contents.map(({ source, ...content }) => fresh(content, source));
      perform(name, made.map(creation));
      return made.map(({ id }) => id);
    },
    /** Many in one step: their ids. @param {Content[]} contents @param {string} [source] */
    createAll(contents, source = "smart") {
      const made = contents.map((content) => fresh(content, source));
      const name = made.length === 1 ? labelName(made[0].label) : `${made.length} objects`;
      perform(`Add ${name}`, made.map(creation));
      return made.map(({ id }) => id);
    },
    /** @param {string} id @param {Content} content */
    rework(id, content) {
      perform(`Refine ${labelName(content.label)}`, [change(id, { ...content, source: "smart" })]);
    },
    /** @param {string | readonly string[]} which @param {number} label */
    relabel(which, label) {
      const ids = [which].flat().filter((id) => store.get(id)?.label !== label);
      const name = ids.length > 1 ? `Label ${ids.length} objects as` : "Label as";
      if (ids.length) perform(`${name} ${labelName(label)}`, ids.map((id) => change(id, { label })));
    },
    /** @param {string | readonly string[]} which */
    remove(which) {
      const ids = [which].flat();
      const name = ids.length === 1 ? labelName(store.get(ids[0])?.label ?? null) : `${ids.length} objects`;
      perform(`Delete ${name}`, ids.map(removal));
    },
    /**
     * Changes masks in one step. An object whose mask is null goes; `added` are new objects with the label and the
     * attributes of the one that they come from. Without a source, objects keep theirs.
     * @param {string} name
     * @param {{changed: Map<string, Mask | null>, added?: {from: string, mask: Mask}[], source?: string}} what
     */
    edit(name, { changed, added = [], source }) {
      const own = source === undefined ? {} : { source };
      const steps = [...changed].map(([id, mask]) => (mask ? change(id, { ...mask, ...WITHOUT_PROMPTS, ...own }) : removal(id)));
      /** @type {string[]} */
      const ids = [];
      for (const { from, mask } of added) {
        const origin = store.get(from);
        if (!origin) continue;
        const { label, attributes, model } = origin;
        const annotation = fresh({ label, attributes, model, ...mask, ...WITHOUT_PROMPTS }, source ?? origin.source);
        ids.push(annotation.id);
        steps.push(creation(annotation));
      }
      return perform(name, steps) ? ids : [];
    },
  };
}
