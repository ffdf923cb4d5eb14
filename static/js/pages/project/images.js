/**
 * The project's images as the page knows them: loaded piece by piece as they come into sight, kept fresh by events.
 * @module pages/project/images
 */
import { createLatest } from "../../core/latest.js";

/** @typedef {import("../../net/types.js").ImageInfo} ImageInfo */
/** @typedef {import("../../net/types.js").Page<ImageInfo>} ImagePage */
/** @typedef {{state?: string, label?: string, q?: string, order?: string}} Query */

/**
 * @typedef {object} ImagesOptions
 * @property {(query: Record<string, any>) => Promise<ImagePage>} fetchPage
 * @property {(id: number) => Promise<ImageInfo>} fetchOne
 * @property {() => void} onChange
 * @property {(error: unknown) => void} onError
 * @property {number} [firstPage]
 * @property {number} [page]
 */

/** @typedef {ReturnType<typeof createImages>} Images */

/** @param {ImagesOptions} options */
export function createImages(options) {
  const { firstPage = 120, page: pageSize = 500 } = options;
  /** @type {ImageInfo[]} */
  let items = [];
  /** @type {Map<number, ImageInfo>} */
  let byId = new Map();
  /** @type {Query} */
  let query = {};
  /** @type {string | null} */
  let next = null;
  let known = 0;
  const lists = createLatest();
  let state = /** @type {"idle" | "loading" | "failed"} */ ("idle");
  let wanted = 0;
  /** @type {(() => boolean)[]} what was learned while a list was on its way: it may be newer */
  let meanwhile = [];

  const filtered = () => Boolean(query.state || query.label || query.q);

  /** @param {Query} [change] */
  async function reload(change = query) {
    query = change;
    lists.cancel();
    state = "idle";
    await load(null);
  }

  /** @param {string | null} cursor */
  async function load(cursor) {
    if (state === "loading") return;
    const isLatest = lists.current();
    state = "loading";
    meanwhile = [];
    options.onChange();
    try {
      const answer = await options.fetchPage({ ...query, limit: cursor ? pageSize : firstPage, cursor });
      if (!isLatest()) return;
      state = "idle";
      if (cursor === null) [items, byId] = [[], new Map()];
      take(answer);
      repeat();
    } catch (error) {
      if (!isLatest()) return;
      state = "failed";
      options.onError(error);
    }
    options.onChange();
    if (state === "idle" && next && items.length < wanted) await load(next);
  }

  /** @param {ImagePage} answer */
  function take(answer) {
    for (const image of answer.items) {
      if (!byId.has(image.id)) items.push(image);
      byId.set(image.id, image);
    }
    next = answer.next;
  }

  function repeat() {
    const counted = known;
    for (const change of meanwhile) change();
    known = counted;
  }

  /** Does it now, and once more to a list that is on its way. @param {() => boolean} change tells whether it changed anything */
  function apply(change) {
    if (state === "loading") meanwhile.push(change);
    if (change()) options.onChange();
  }

  /** Makes sure that the images up to `index` are loaded, or on their way. @param {number} index */
  function ensure(index) {
    wanted = index;
    if (state === "idle" && next && items.length < index) void load(next);
  }

  /** @param {ImageInfo} image */
  function put(image) {
    const old = byId.get(image.id);
    if (old) Object.assign(old, image);
    else if (filtered()) return false;
    else insert(image);
    return true;
  }

  /** A new image has the highest id: first or last, and last only once all others are loaded. @param {ImageInfo} image */
  function insert(image) {
    known++;
    if (query.order === "oldest" && next) return;
    const { before, after } = { before: (/** @type {ImageInfo} */ one) => one.id > image.id, after: (/** @type {ImageInfo} */ one) => one.id < image.id };
    const at = items.findIndex(query.order === "oldest" ? before : after);
    items.splice(at < 0 ? items.length : at, 0, image);
    byId.set(image.id, image);
  }

  /** @param {number} id */
  function remove(id) {
    if (!byId.delete(id)) return false;
    items = items.filter((image) => image.id !== id);
    known = Math.max(0, known - 1);
    return true;
  }

  /** @param {Record<string, any>} event `image.updated` */
  function patch(event) {
    const image = byId.get(event.id);
    if (!image) return false;
    if (event.state) image.state = event.state;
    if (event.embedding) image.embedding = event.embedding;
    if ("error" in event) image.error = event.error;
    return true;
  }

  /** Fetches these images anew, a few at a time. @param {Iterable<number>} ids */
  async function refetch(ids) {
    for (const id of ids) {
      try {
        const image = await options.fetchOne(id);
        apply(() => put(image));
      } catch {
        // Gone, or the connection is: the next event or reload tells.
      }
    }
  }

  return {
    reload,
    ensure,
    /** @param {ImageInfo} image */
    put: (image) => apply(() => put(image)),
    /** @param {Record<string, any>} event `image.updated` */
    patch: (event) => apply(() => patch(event)),
    /** @param {number} id */
    remove: (id) => apply(() => remove(id)),
    refetch,
    retry: () => (items.length ? load(next) : reload()),
    /** @param {number} count of the whole project */
    setKnown(count) {
      known = count;
      options.onChange();
    },
    get known() {
      return known;
    },
    /** @param {number} index */
    at: (index) => items[index],
    /** @param {number} id */
    get: (id) => byId.get(id),
    get loaded() {
      return items.length;
    },
    /** How many cells there are: loaded ones, and those that are known to follow. */
    get total() {
      if (!next) return items.length;
      return filtered() ? items.length + 12 : Math.max(known, items.length + 1);
    },
    get complete() {
      return next === null;
    },
    get state() {
      return state;
    },
    get filtered() {
      return filtered();
    },
    get query() {
      return query;
    },
    /** Ids from one image to another, as they stand. @param {number} from @param {number} to */
    between(from, to) {
      const [a, b] = [items.findIndex((one) => one.id === from), items.findIndex((one) => one.id === to)];
      if (a < 0 || b < 0) return [to];
      return items.slice(Math.min(a, b), Math.max(a, b) + 1).map((one) => one.id);
    },
    ids: () => items.map((image) => image.id),
    /** Ids of those that are still being prepared. */
    unfinished: () => items.filter(({ state, embedding }) => state === "preparing" || ["queued", "running"].includes(embedding)).map(({ id }) => id),
  };
}
