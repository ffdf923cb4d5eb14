/**
 * News from the server into the page: the list of objects, what others change, what became of one's own changes.
 * @module pages/annotate/remote
 */
import { isRetriable } from "../../net/api.js";

/** @typedef {import("../../net/types.js").Annotation} Annotation */

/**
 * @typedef {object} RemoteContext
 * @property {import("../../net/api.js").Api} api
 * @property {import("../../core/store.js").Store} store
 * @property {import("../../net/sync.js").Sync} sync
 * @property {import("../../net/socket.js").Socket} socket
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {number} image
 * @property {number} project
 * @property {(id: number, change: Record<string, any>) => void} imageChanged
 */

/** Events often come in bursts: one fetch serves them all. */
const COLLECT_MS = 120;
const MANY = 5;
const ADOPT_MS = 3000;
/** A server that could not be asked is asked again after so long. */
const RETRY_MS = 5000;
/** Events are hints and may be lost: so often the list is looked at without one. */
const RECHECK_MS = 30_000;
/** What seldom changes is asked for when the page is at work, and not by those who go through images fast. */
const LABELS_AFTER_MS = 3000;

/** @param {RemoteContext} context */
export function createRemote({ api, store, sync, socket, toasts, image, project, imageChanged }) {
  /** @type {Set<string>} */
  const changed = new Set();
  /** @type {Map<string, number>} the newest version that was told of while an own change of the object was on its way */
  const missed = new Map();
  /** @type {Map<string, number>} when what is known of an object was asked for, or told: answers may overtake each other */
  const asOf = new Map();
  let listAsOf = 0;
  let clock = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let due = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;

  /** Fetches the list; what is on its way to the server stays as it is here. */
  async function loadAll() {
    const [mark, asked] = [sync.mark(), ++clock];
    /** @type {Annotation[]} */
    const list = await api.all(`/images/${image}/annotations`, {}, { cache: "no-cache" });
    if (asked < listAsOf) return;
    listAsOf = asked;
    const versions = new Map(list.map(({ id, version }) => [id, version]));
    store.replaceAll(list, (id) => isOld(id, asked) || spare(id, versions.get(id), mark));
  }

  /** Whether more was learned of the object than what was asked for then. @param {string} id @param {number} asked */
  const isOld = (id, asked) => asked < Math.max(listAsOf, asOf.get(id) ?? 0);

  /**
   * Whether the object stays as it is here, since what the server said may be older than one's own change of it. Where it
   * may be newer, it is asked again once the change was answered.
   * @param {string} id
   * @param {number | undefined} version that the server has; undefined: none
   * @param {number} mark when it was asked
   */
  function spare(id, version, mark) {
    if (sync.isPending(id)) {
      noteMissed(id, version ?? Infinity);
      return true;
    }
    if (!sync.acknowledgedAfter(id, mark)) return false;
    const here = store.get(id);
    if (here && version !== undefined) return here.version >= version;
    // Made or deleted since the question, by this page or by somebody else.
    if (here) fetchSoon(id);
    return true;
  }

  /** @param {string} id */
  async function loadOne(id) {
    const [mark, asked] = [sync.mark(), ++clock];
    /** @type {Annotation | null} */
    let found = null;
    try {
      found = await api.get(`/annotations/${id}`);
    } catch (error) {
      if (isRetriable(error)) fetchSoon(id, RETRY_MS);
      if (/** @type {import("../../net/api.js").ApiError} */ (error).status !== 404) return;
    }
    if (isOld(id, asked)) return;
    asOf.set(id, asked);
    if (spare(id, found?.version, mark)) return;
    if (found) store.put(found, "remote");
    else store.remove(id, "remote");
  }

  async function collect() {
    timer = undefined;
    const ids = [...changed];
    changed.clear();
    if (ids.length <= MANY) return void (await Promise.all(ids.map(loadOne)));
    await loadAll().catch((error) => isRetriable(error) && ids.forEach((id) => fetchSoon(id, RETRY_MS)));
  }

  /** @param {{id: string, image: number, version: number}} event */
  function onChanged({ id, image: where, version }) {
    if (where !== image || (store.get(id)?.version ?? 0) >= version) return;
    if (sync.isPending(id)) noteMissed(id, version);
    else fetchSoon(id);
  }

  /** @param {string} id @param {number} version */
  function noteMissed(id, version) {
    missed.set(id, Math.max(version, missed.get(id) ?? 0));
  }

  /** @param {string} id @param {number} [wait] */
  function fetchSoon(id, wait = COLLECT_MS) {
    changed.add(id);
    const at = performance.now() + wait;
    if (timer !== undefined && due <= at) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(() => void collect(), wait);
  }

  /** The answer to an own change may come after the news of somebody's next one. @param {string} id @param {number} version of the answer */
  function catchUp(id, version) {
    const newest = missed.get(id) ?? 0;
    missed.delete(id);
    if (newest > version) fetchSoon(id);
  }

  /** @param {{id: string, image: number}} event */
  function onDeleted({ id, image: where }) {
    if (where !== image) return;
    asOf.set(id, ++clock);
    if (sync.isPending(id)) noteMissed(id, Infinity);
    else store.remove(id, "remote");
  }

  async function loadLabels() {
    const before = store.labels;
    /** @type {import("../../net/types.js").Project} */
    const current = await api.get(`/projects/${project}?counts=false`);
    // What was added meanwhile may be missing in the answer.
    if (store.labels !== before) return void (await loadLabels());
    store.setLabels(current.labels);
    store.setAttributes(current.attributes);
  }

  /** @param {import("../../net/outbox.js").Change} change */
  function reapply(change) {
    if (change.image !== image) return;
    if (change.kind === "delete") store.remove(change.id);
    else store.put({ ...change.full, version: Math.max(change.full.version, store.get(change.id)?.version ?? 0) });
  }

  socket.on("annotation.created", onChanged);
  socket.on("annotation.updated", onChanged);
  socket.on("annotation.deleted", onDeleted);
  socket.on("image.updated", (data) => imageChanged(data.id, data));
  socket.on("project.updated", () => void loadLabels().catch(() => {}));
  /** Puts what earlier pages could not send back on the screen, and sends it. */
  async function adopt() {
    const orphans = await sync.adopt();
    orphans.forEach(reapply);
    clearTimeout(again);
    // A tab that is being closed may still count as open, and one that is open may be closed.
    if (sync.elsewhere) again = setTimeout(() => void adopt(), ADOPT_MS);
    return orphans.length;
  }

  /** The list again, which costs next to nothing where it is what it was. */
  async function recheck() {
    await loadAll();
    if (store.list().some(({ label }) => !store.label(label))) await loadLabels();
  }

  function lookAgain() {
    if (!globalThis.document?.hidden && socket.status !== "refused") void recheck().catch(() => {});
  }

  // Another tab may have been closed before all was sent: what it left is sent from here.
  globalThis.document?.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    void adopt();
    lookAgain();
  });
  // The page was made, and its list loaded, before the socket was there to tell of what came after.
  socket.onOpen(() => {
    sync.retry();
    // What was left is put on the list once that is there.
    if (listAsOf) void adopt();
    void loadAll().catch((error) => error.status === 404 && gone());
    setTimeout(() => void loadLabels().catch(() => {}), LABELS_AFTER_MS);
  });

  socket.on("image.deleted", ({ id }) => id === image && gone());
  function gone() {
    toasts.error("This image was deleted", "Somebody removed it from the project, with its objects. Go back to the project to continue.");
  }
  socket.onStatus((status) => {
    if (status !== "refused") return;
    toasts.error("You no longer see what others do", "You were signed out, or are no longer a member of this project. What is not saved is kept in this browser; sign in again to send it.");
  });

  sync.on("saved", ({ annotation, last }) => {
    if (last) catchUp(annotation.id, annotation.version);
    const here = store.get(annotation.id);
    if (!here) return;
    const { version, author, createdTime, updatedTime } = annotation;
    store.put(last ? annotation : { ...here, version, author, createdTime, updatedTime }, "remote");
  });
  sync.on("theirs", ({ change, current }) => {
    catchUp(change.id, current?.version ?? Infinity);
    if (change.image !== image) return;
    if (current) store.put(current, "remote");
    else store.remove(change.id, "remote");
  });
  sync.on("deleted", ({ id, version }) => {
    // The news of one's own deletion bring nothing new; those of somebody who brought it back do.
    if (missed.get(id) === Infinity) missed.delete(id);
    catchUp(id, version);
  });
  sync.on("rejected", ({ change, error }) => {
    missed.delete(change.id);
    toasts.error("A change was refused by the server", `${error.message} The object is shown as the server has it.`);
    if (change.image !== image) return;
    if (change.kind === "create") store.remove(change.id);
    else void loadOne(change.id);
  });

  return {
    loadAll,
    adopt,
    /** Looks now and then whether something was missed. */
    watch: () => void setInterval(lookAgain, RECHECK_MS),
  };
}
