/**
 * What a person does to objects: shown at once, sent at once, undone by the same way. However many objects an action
 * changes, it is one step to undo; what somebody else changed since is left alone.
 * @module pages/annotate/annotation_edits
 */
import { appliesTo, defaultsFor, sameValues } from "../../core/attributes.js";
import { zOrderOf } from "../../core/z_order.js";
import { uuid } from "../../core/uuid.js";
import { creationBody } from "../../net/sync.js";

/** @typedef {import("../../net/types.js").Annotation} Annotation */
/** @typedef {import("../../net/outbox.js").Change} Change */
/** @typedef {import("../../net/types.js").RevisionDetail} RevisionDetail */
/** @typedef {Pick<Annotation, "label" | "rle" | "bbox" | "area" | "prompts" | "candidate" | "score" | "model">} Content */
/** @typedef {Pick<Annotation, "rle" | "bbox" | "area">} Mask */
/** @typedef {{redo: () => boolean, undo: () => boolean}} Step false: not done, since somebody else changed the object */

/**
 * @typedef {object} AnnotationEditsContext
 * @property {import("../../core/store.js").Store} store
 * @property {import("../../core/history.js").History} history
 * @property {import("../../net/sync.js").Sync} sync
 * @property {number} image
 * @property {string} username
 * @property {() => void} [refused] an object was left as it is: somebody else has changed it
 */

/** @typedef {ReturnType<typeof createAnnotationEdits>} AnnotationEdits */

/** Derived by the server from the mask, so never sent. */
const DERIVED = new Set(["bbox", "area"]);

/** What an edited mask is no longer: the answer to its prompts. */
const WITHOUT_PROMPTS = { prompts: null, candidate: null, score: null };

/** @param {Annotation} a @param {Partial<Annotation>} b whether the object still is, in what matters, as it was left */
function isAs(a, b) {
  return (
    (b.rle === undefined || a.rle.counts === b.rle.counts) &&
    (b.label === undefined || a.label === b.label) &&
    (b.attributes === undefined || sameValues(a.attributes, b.attributes)) &&
    (!("z" in b) || (a.z ?? null) === (b.z ?? null))
  );
}

/** An object's values of these fields. @param {Annotation} annotation @param {Partial<Annotation>} fields @returns {Partial<Annotation>} */
function fieldsOf(annotation, fields) {
  const keys = /** @type {(keyof Annotation)[]} */ (Object.keys(fields));
  return Object.fromEntries(keys.map((key) => [key, annotation[key]]));
}

/** @param {AnnotationEditsContext} context */
export function createAnnotationEdits({ store, history, sync, image, username, refused = () => {} }) {
  /** @param {Annotation} annotation @param {Partial<Change>} [more] */
  function put(annotation, more = {}) {
    store.put(annotation);
    sync.submit({ id: annotation.id, image, kind: "create", body: creationBody(annotation), version: 0, full: annotation, ...more });
    return true;
  }

  /** @param {string} id @param {Partial<Annotation>} fields @param {Partial<Annotation>} expected @param {Partial<Change>} [more] */
  function patch(id, fields, expected, more = {}) {
    const current = store.get(id);
    if (!current || !isAs(current, expected)) return false;
    const full = { ...current, ...fields };
    const body = Object.fromEntries(Object.entries(fields).filter(([name]) => !DERIVED.has(name)));
    store.put(full);
    sync.submit({ id, image, kind: "update", body, version: current.version, full, ...more });
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

  /** @param {Annotation} made @param {Partial<Change>} [more] of the first time: what comes later is sent as it is @returns {Step} */
  function creation(made, more) {
    let annotation = made;
    let first = more;
    return {
      redo() {
        // Where it could not be taken away, it is not made again over what it has become.
        if (store.get(annotation.id)) return false;
        put(annotation, first);
        first = undefined;
        return true;
      },
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
    const before = fieldsOf(current, fields);
    return { redo: () => patch(id, fields, before), undo: () => patch(id, before, fields) };
  }

  /** One attribute, so that others of the same object may be changed by others meanwhile. @param {string} id @param {string} name @param {unknown} value undefined takes it away @returns {Step} */
  function assignment(id, name, value) {
    const before = store.get(id)?.attributes[name];
    /** @param {unknown} to @param {unknown} from */
    const set = (to, from) => {
      const current = store.get(id);
      if (!current || !sameValues(current.attributes[name], from)) return false;
      const { [name]: _from, ...others } = current.attributes;
      return patch(id, { attributes: to === undefined ? others : { ...others, [name]: to } }, {});
    };
    return { redo: () => set(value, before), undo: () => set(before, value) };
  }

  /** What a label brings along. @param {Annotation} annotation @param {number} label @returns {Partial<Annotation>} */
  function labelled({ attributes }, label) {
    const added = Object.entries(defaultsFor(store.attributes, label)).filter(([name]) => attributes[name] === undefined);
    return added.length ? { label, attributes: { ...attributes, ...Object.fromEntries(added) } } : { label };
  }

  /** @param {Content & {attributes?: Annotation["attributes"], z?: number}} content @param {string} source @returns {Annotation} */
  function fresh(content, source) {
    const now = Date.now();
    const attributes = content.attributes ?? defaultsFor(store.attributes, content.label);
    return { z: null, ...content, attributes, id: uuid(), image, source, author: username, version: 0, createdTime: now, updatedTime: now };
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
      perform(name, made.map((annotation) => creation(annotation)));
      return made.map(({ id }) => id);
    },
    /** Many in one step: their ids. @param {Content[]} contents @param {string} [source] */
    createAll(contents, source = "smart") {
      const made = contents.map((content) => fresh(content, source));
      const name = made.length === 1 ? labelName(made[0].label) : `${made.length} objects`;
      perform(`Add ${name}`, made.map((annotation) => creation(annotation)));
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
      const steps = ids.map((id) => change(id, labelled(/** @type {Annotation} */ (store.get(id)), label)));
      if (ids.length) perform(`${name} ${labelName(label)}`, steps);
    },
    /**
     * Sets one attribute of all that have it. An undefined value takes it away.
     * @param {readonly string[]} ids
     * @param {import("../../net/types.js").Attribute} attribute
     * @param {unknown} value
     */
    assign(ids, attribute, value) {
      const own = ids.filter((id) => {
        const annotation = store.get(id);
        return annotation && appliesTo(attribute, annotation.label) && !sameValues(annotation.attributes[attribute.name], value);
      });
      const name = own.length > 1 ? `Set ${attribute.name} of ${own.length} objects` : `Set ${attribute.name}`;
      return perform(name, own.map((id) => assignment(id, attribute.name, value)));
    },
    /** Moves objects in front of or behind others. @param {string} name @param {Map<string, number>} zOrders */
    restack(name, zOrders) {
      return perform(name, [...zOrders].map(([id, z]) => change(id, { z })));
    },
    /** Locks, unlocks, hides or shows objects in one step. @param {"Lock" | "Unlock" | "Hide" | "Show"} action @param {readonly string[]} which */
    mark(action, which) {
      const locking = action === "Lock" || action === "Unlock";
      const on = action === "Lock" || action === "Hide";
      const ids = which.filter((id) => (locking ? store.isLocked(id) : store.isHidden(id)) !== on);
      if (!ids.length) return;
      const set = locking ? store.setLocked : store.setHidden;
      const name = ids.length > 1 ? `${ids.length} objects` : labelName(store.get(ids[0])?.label ?? null);
      set(ids, on);
      history.push({ name: `${action} ${name}`, undo: () => set(ids, !on), redo: () => set(ids, on) });
    },
    /**
     * Makes an object what it was at some version; one that was deleted comes back.
     * @param {RevisionDetail} then
     * @param {number} label that of then, or another one where that is gone
     * @param {number} version the newest one of a deleted object
     */
    restore(then, label, version) {
      const { rle, bbox, area, attributes, source, prompts, candidate, score, model, z } = then;
      const fields = { label, rle, bbox, area, attributes, source, prompts, candidate, score, model, z };
      const restores = { revision: then.version, label };
      const current = store.get(then.annotation);
      if (current) {
        const before = fieldsOf(current, fields);
        const step = { redo: () => patch(current.id, fields, before, { restores }), undo: () => patch(current.id, before, fields) };
        return perform(`Restore ${labelName(label)}`, [step]);
      }
      const now = Date.now();
      const gone = { ...fields, id: then.annotation, image, author: null, version, createdTime: now, updatedTime: now };
      return perform(`Bring back ${labelName(label)}`, [creation(gone, { restores, version })]);
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
    changeMasks(name, { changed, added = [], source }) {
      const own = source === undefined ? {} : { source };
      const steps = [...changed].map(([id, mask]) => (mask ? change(id, { ...mask, ...WITHOUT_PROMPTS, ...own }) : removal(id)));
      /** @type {string[]} */
      const ids = [];
      for (const { from, mask } of added) {
        const origin = store.get(from);
        if (!origin) continue;
        const { label, attributes, model } = origin;
        // Beside what it came from, not in front of everything.
        const annotation = fresh({ label, attributes, model, z: zOrderOf(origin), ...mask, ...WITHOUT_PROMPTS }, source ?? origin.source);
        ids.push(annotation.id);
        steps.push(creation(annotation));
      }
      return perform(name, steps) ? ids : [];
    },
  };
}
