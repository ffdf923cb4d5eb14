/**
 * News from the server into the page: the list of objects, what others change, what became of one's own changes.
 * @module pages/annotate/remote
 */

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

/** @param {RemoteContext} context */
export function createRemote({ api, store, sync, socket, toasts, image, project, imageChanged }) {
  /** @type {Set<string>} */
  const changed = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;

  /** Fetches the list; what is on its way to the server stays as it is here. */
  async function loadAll() {
    const mark = sync.mark();
    /** @type {Annotation[]} */
    const list = await api.all(`/images/${image}/annotations`);
    store.replaceAll(list, (id) => sync.isPending(id) || sync.acknowledgedAfter(id, mark));
  }

  /** @param {string} id */
  async function loadOne(id) {
    const mark = sync.mark();
    try {
      /** @type {Annotation} */
      const annotation = await api.get(`/annotations/${id}`);
      if (!sync.isPending(id) && !sync.acknowledgedAfter(id, mark)) store.put(annotation, "remote");
    } catch (error) {
      const gone = /** @type {import("../../net/api.js").ApiError} */ (error).status === 404;
      if (gone && !sync.isPending(id)) store.remove(id, "remote");
    }
  }

  async function collect() {
    timer = undefined;
    const ids = [...changed];
    changed.clear();
    // What cannot be fetched now comes with the reconnection.
    if (ids.length > MANY) await loadAll().catch(() => {});
    else await Promise.all(ids.map(loadOne));
  }

  /** @param {{id: string, image: number, version: number}} event */
  function onChanged({ id, image: where, version }) {
    if (where !== image || sync.isPending(id)) return;
    if ((store.get(id)?.version ?? 0) >= version) return;
    changed.add(id);
    timer ??= setTimeout(() => void collect(), COLLECT_MS);
  }

  /** @param {{id: string, image: number}} event */
  function onDeleted({ id, image: where }) {
    if (where === image && !sync.isPending(id)) store.remove(id, "remote");
  }

  async function loadLabels() {
    /** @type {import("../../net/types.js").Project} */
    const current = await api.get(`/projects/${project}`);
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

  // Another tab may have been closed before all was sent: what it left is sent from here.
  globalThis.document?.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void adopt());
  socket.onReconnect(() => {
    sync.retry();
    void adopt();
    void loadAll().catch(() => {});
    void loadLabels().catch(() => {});
  });

  socket.on("image.deleted", (data) => {
    if (data.id !== image) return;
    toasts.error("This image was deleted", "Somebody removed it from the project, with its objects. Go back to the project to continue.");
  });
  socket.onStatus((status) => {
    if (status !== "refused") return;
    toasts.error("You no longer see what others do", "You were signed out, or are no longer a member of this project. What is not saved is kept in this browser; sign in again to send it.");
  });

  sync.on("saved", ({ annotation, last }) => {
    const here = store.get(annotation.id);
    if (!here) return;
    const { version, author, createdTime, updatedTime } = annotation;
    store.put(last ? annotation : { ...here, version, author, createdTime, updatedTime }, "remote");
  });
  sync.on("theirs", ({ change, current }) => {
    if (change.image !== image) return;
    if (current) store.put(current, "remote");
    else store.remove(change.id, "remote");
  });
  sync.on("rejected", ({ change, error }) => {
    toasts.error("A change was refused by the server", `${error.message} The object is shown as the server has it.`);
    if (change.image !== image) return;
    if (change.kind === "create") store.remove(change.id);
    else void loadOne(change.id);
  });

  return { loadAll, adopt };
}
