/**
 * What may be wrong with objects: too small, at the image's edge, over another one. Found from boxes and runs, a few objects
 * at a time while the page has nothing else to do; a change asks about the changed object and those around it alone.
 * @module pages/annotate/flags
 */
import { boxesMeet, spansMeet, touchesBorder } from "../../geometry/overlap.js";
import { spansFromRle } from "../../geometry/spans.js";

/** @typedef {import("../../net/types.js").Annotation} Annotation */
/** @typedef {{counts: string, bbox: Annotation["bbox"], area: number, spans: Int32Array, over: Set<string>}} Known */
/** @typedef {(run: (until: number) => void) => void} Later */

/** @typedef {ReturnType<typeof createFlags>} Flags */

/** An object of fewer pixels is hardly one. */
export const SMALL = 64;
const SLICE_MS = 5;

/** @type {Later} */
const whenIdle = (run) => {
  const begin = () => run(performance.now() + SLICE_MS);
  if ("requestIdleCallback" in globalThis) requestIdleCallback(begin, { timeout: 300 });
  else setTimeout(begin, 16);
};

/**
 * @param {object} context
 * @param {import("../../core/store.js").Store} context.store
 * @param {{width: number, height: number}} context.image
 * @param {() => void} context.changed more is known than before
 * @param {Later} [context.later]
 */
export function createFlags({ store, image, changed, later = whenIdle }) {
  /** @type {Map<string, Known>} */
  const known = new Map();
  /** @type {Set<string>} */
  const dirty = new Set();
  let queued = false;

  /** @param {Iterable<string>} ids */
  function mark(ids) {
    for (const id of ids) {
      const now = store.get(id);
      if (now && known.get(id)?.counts === now.rle.counts) continue;
      forget(id);
      if (now) dirty.add(id);
      else dirty.delete(id);
    }
    schedule();
  }

  /** @param {string} id */
  function forget(id) {
    for (const other of known.get(id)?.over ?? []) known.get(other)?.over.delete(id);
    known.delete(id);
  }

  function schedule() {
    if (queued || !dirty.size) return;
    queued = true;
    later(work);
  }

  /** @param {number} until */
  function work(until) {
    queued = false;
    for (const id of dirty) {
      dirty.delete(id);
      const annotation = store.get(id);
      if (annotation) measure(annotation);
      if (performance.now() > until) break;
    }
    changed();
    schedule();
  }

  /** @param {Annotation} annotation */
  function measure({ id, rle, bbox, area }) {
    /** @type {Known} */
    const own = { counts: rle.counts, bbox, area, spans: Int32Array.from(spansFromRle(rle)), over: new Set() };
    for (const [other, that] of known) {
      if (!boxesMeet(bbox, that.bbox) || !spansMeet(own.spans, that.spans)) continue;
      own.over.add(other);
      that.over.add(id);
    }
    known.set(id, own);
  }

  store.on("annotations", ({ ids }) => mark(ids));
  mark(store.list().map(({ id }) => id));

  return {
    /** Ids of the objects that it shares a pixel with, as far as that is known. @param {string} id @returns {ReadonlySet<string>} */
    over: (id) => known.get(id)?.over ?? NOTHING,
    /** @param {Pick<Annotation, "area">} annotation */
    isSmall: ({ area }) => area < SMALL,
    /** @param {Pick<Annotation, "bbox">} annotation */
    atBorder: ({ bbox }) => touchesBorder(bbox, image),
    /** Whether all is known. */
    get settled() {
      return dirty.size === 0;
    },
  };
}

/** @type {ReadonlySet<string>} */
const NOTHING = new Set();
