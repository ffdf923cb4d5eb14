import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore } from "../../../../static/js/core/store.js";
import { ApiError } from "../../../../static/js/net/api.js";
import { createSync } from "../../../../static/js/net/sync.js";
import { createRemote } from "../../../../static/js/pages/annotate/remote.js";

/** @typedef {import("../../../../static/js/net/outbox.js").Change} Change */
/** @typedef {import("../../../../static/js/net/types.js").Annotation} Annotation */

const IMAGE = 7;

/** @param {string} id @param {Partial<Annotation>} [more] @returns {Annotation} */
function annotation(id, more = {}) {
  return {
    id, image: IMAGE, label: 1, rle: { size: [2, 2], counts: "x" }, bbox: [0, 0, 1, 1], area: 1, source: "smart", prompts: null,
    attributes: {}, candidate: 1, score: 0.9, model: "m", author: "ann", version: 1, createdTime: 1, updatedTime: 1, ...more,
  };
}

/** @param {string} id @param {Change["kind"]} kind @param {Partial<Change>} [more] @returns {Change} */
const change = (id, kind, more = {}) => ({ id, image: IMAGE, kind, body: { id }, version: 1, full: annotation(id), ...more });

/** The page's store, sync and news beside a server of one image, whose answers to what is asked next can be held back. */
function make() {
  /** @type {Map<string, Annotation>} what the server has */
  const rows = new Map();
  /** @type {string[]} */
  const asked = [];
  /** @type {Map<string, {gate: Promise<void>, late: boolean}>} what the answer to a request waits for */
  const held = new Map();
  /** @type {ApiError[]} what goes wrong next */
  const errors = [];
  /** @param {string} request @param {() => any} work */
  async function answer(request, work) {
    asked.push(request);
    const { gate, late = false } = held.get(request) ?? {};
    held.delete(request);
    try {
      if (late) await gate;
      const error = request.startsWith("GET /annotations") ? errors.shift() : undefined;
      if (error) throw error;
      return structuredClone(work());
    } finally {
      await gate;
    }
  }
  /** @param {string} path */
  function row(path) {
    const found = rows.get(path.split("/")[2]);
    if (!found) throw new ApiError(404, "not_found", "gone");
    return found;
  }
  /** @param {Annotation} made */
  const keep = (made) => (rows.set(made.id, made), made);
  const api = /** @type {any} */ ({
    all: (/** @type {string} */ path) => answer(`LIST ${path}`, () => [...rows.values()]),
    get: (/** @type {string} */ path) => answer(`GET ${path}`, () => (path.startsWith("/projects") ? { labels: [], attributes: [] } : row(path))),
    post: (/** @type {string} */ path, /** @type {any} */ { id }) => answer(`POST ${path}`, () => keep(annotation(id))),
    patch: (/** @type {string} */ path, /** @type {any} */ body) => answer(`PATCH ${path}`, () => keep({ ...row(path), ...body, version: body.version + 1 })),
    delete: (/** @type {string} */ path) => answer(`DELETE ${path}`, () => (rows.delete(row(path).id), null)),
  });
  const outbox = {
    durable: true, elsewhere: 0,
    add: async (/** @type {Change} */ item) => ({ ...item, seq: 1 }),
    update: async () => {}, remove: async () => {}, adopt: async () => [],
  };
  const store = createStore();
  const sync = createSync({ api, outbox, resolve: async () => "theirs", delay: () => 1 });
  /** @type {Map<string, (data: any) => void>} */
  const listeners = new Map();
  const socket = /** @type {any} */ ({
    status: "open",
    on: (/** @type {string} */ type, /** @type {any} */ listener) => listeners.set(type, listener),
    onOpen: (/** @type {any} */ listener) => listeners.set("open", listener),
    onStatus() {},
  });
  /** @type {string[]} */
  const told = [];
  const toasts = /** @type {any} */ ({ error: (/** @type {string} */ title) => told.push(title) });
  const remote = createRemote({ api, store, sync, socket, toasts, image: IMAGE, project: 1, imageChanged() {} });
  const news = (/** @type {string} */ type, /** @type {any} */ data) => listeners.get(type)?.(data);
  /** @param {string} request @param {{late?: boolean}} [options] late: it is answered with what there is when it is let go */
  function hold(request, { late = false } = {}) {
    let go = () => {};
    held.set(request, { gate: new Promise((resolve) => void (go = resolve)), late });
    return go;
  }
  /** @param {Change} made */
  function submit(made) {
    if (made.kind === "delete") store.remove(made.id);
    else store.put(made.full);
    sync.submit(made);
  }
  return { rows, asked, errors, store, sync, remote, news, hold, submit, told, socket };
}

/** @param {import("node:test").TestContext} t */
const clock = (t) => t.mock.timers.enable({ apis: ["setTimeout"] });
const quiet = async () => {
  for (let k = 0; k < 40; k++) await Promise.resolve();
};
const LIST = `LIST /images/${IMAGE}/annotations`;
const MAKE = `POST /images/${IMAGE}/annotations`;

test("what others did between the page's list and its socket is there once the socket is open", async () => {
  const { rows, store, remote, news } = make();
  rows.set("kept", annotation("kept"));
  rows.set("lost", annotation("lost"));
  await remote.loadAll();
  rows.set("new", annotation("new"));
  rows.set("kept", annotation("kept", { label: 2, version: 2 }));
  rows.delete("lost");
  news("open", {});
  await quiet();
  assert.deepEqual(store.list().map(({ id, label }) => [id, label]).sort(), [["kept", 2], ["new", 1]]);
});

for (const what of ["changed", "deleted"]) {
  test(`what was ${what} before the answer to one's own change, and before the socket was open, is seen`, async (t) => {
    clock(t);
    const { rows, store, news, hold, submit } = make();
    const go = hold(MAKE);
    submit(change("a", "create"));
    await quiet();
    if (what === "changed") rows.set("a", annotation("a", { label: 2, version: 2 }));
    else rows.delete("a");
    news("open", {});
    await quiet();
    assert.equal(store.get("a")?.label, 1, "an own change on its way stays");
    go();
    await quiet();
    t.mock.timers.tick(200);
    await quiet();
    assert.equal(store.get("a")?.label, what === "changed" ? 2 : undefined);
  });
}

test("a list that was on its way while an own change was answered takes back nothing", async () => {
  const { rows, store, news, hold, submit } = make();
  for (const id of ["a", "b", "c"]) {
    rows.set(id, annotation(id));
    store.put(annotation(id), "remote");
  }
  const go = hold(LIST);
  news("open", {});
  submit(change("a", "update", { body: { label: 2 }, full: annotation("a", { label: 2 }) }));
  submit(change("b", "delete"));
  submit(change("d", "create"));
  await quiet();
  assert.deepEqual(store.list().map(({ id, label, version }) => [id, label, version]).sort(), [["a", 2, 2], ["c", 1, 1], ["d", 1, 1]]);
  go();
  await quiet();
  assert.deepEqual(store.list().map(({ id, label, version }) => [id, label, version]).sort(), [["a", 2, 2], ["c", 1, 1], ["d", 1, 1]]);
});

test("a list made after one's own change was answered brings what is newer", async () => {
  const { rows, store, news, hold, submit } = make();
  rows.set("a", annotation("a"));
  store.put(annotation("a"), "remote");
  const go = hold(LIST, { late: true });
  news("open", {});
  submit(change("a", "update", { body: { label: 2 }, full: annotation("a", { label: 2 }) }));
  await quiet();
  assert.deepEqual([store.get("a")?.label, store.get("a")?.version], [2, 2]);
  rows.set("a", annotation("a", { label: 3, version: 3 }));
  go();
  await quiet();
  assert.deepEqual([store.get("a")?.label, store.get("a")?.version], [3, 3]);
});

test("a list that is overtaken takes back nothing: by another list, by an object, by the news of a deletion", async (t) => {
  clock(t);
  const { rows, store, remote, news, hold } = make();
  rows.set("a", annotation("a"));
  rows.set("gone", annotation("gone"));
  const slow = hold(LIST);
  void remote.loadAll();
  rows.set("a", annotation("a", { label: 2, version: 2 }));
  rows.set("b", annotation("b"));
  await remote.loadAll();
  slow();
  await quiet();
  assert.deepEqual(store.list().map(({ id, version }) => [id, version]).sort(), [["a", 2], ["b", 1], ["gone", 1]]);

  const second = hold(LIST);
  void remote.loadAll();
  rows.set("a", annotation("a", { label: 1, version: 3 }));
  rows.set("c", annotation("c"));
  rows.delete("gone");
  news("annotation.updated", { id: "a", image: IMAGE, version: 3 });
  news("annotation.created", { id: "c", image: IMAGE, version: 1 });
  news("annotation.deleted", { id: "gone", image: IMAGE });
  t.mock.timers.tick(200);
  await quiet();
  second();
  await quiet();
  assert.deepEqual(store.list().map(({ id, version }) => [id, version]).sort(), [["a", 3], ["b", 1], ["c", 1]]);
});

test("an object that is overtaken by a list is not put back", async (t) => {
  clock(t);
  const { rows, store, remote, news, hold } = make();
  rows.set("a", annotation("a"));
  const slow = hold("GET /annotations/a");
  news("annotation.created", { id: "a", image: IMAGE, version: 1 });
  t.mock.timers.tick(200);
  await quiet();
  rows.delete("a");
  await remote.loadAll();
  slow();
  await quiet();
  assert.equal(store.size, 0);
});

test("what is missing in such a list is asked for by itself", async (t) => {
  clock(t);
  const { rows, asked, store, news, hold, submit } = make();
  const go = hold(LIST);
  news("open", {});
  submit(change("mine", "create"));
  submit(change("taken", "create"));
  await quiet();
  rows.delete("taken");
  go();
  await quiet();
  assert.equal(store.size, 2);
  t.mock.timers.tick(200);
  await quiet();
  assert.deepEqual(store.list().map(({ id }) => id), ["mine"]);
  assert.deepEqual(asked.filter((request) => request.startsWith("GET /annotations")), ["GET /annotations/mine", "GET /annotations/taken"]);
});

test("an object that cannot be fetched now is fetched later; other news do not wait for that", async (t) => {
  clock(t);
  const { rows, errors, store, news } = make();
  rows.set("a", annotation("a"));
  rows.set("b", annotation("b"));
  errors.push(new ApiError(503, "busy", "busy"));
  news("annotation.created", { id: "a", image: IMAGE, version: 1 });
  t.mock.timers.tick(200);
  await quiet();
  assert.equal(store.size, 0);
  news("annotation.created", { id: "b", image: IMAGE, version: 1 });
  t.mock.timers.tick(200);
  await quiet();
  assert.deepEqual(store.list().map(({ id }) => id).sort(), ["a", "b"]);
});

test("an object that is refused for good is not asked for for ever", async (t) => {
  clock(t);
  const { asked, errors, news } = make();
  errors.push(new ApiError(403, "forbidden", "no"));
  news("annotation.created", { id: "a", image: IMAGE, version: 1 });
  t.mock.timers.tick(200);
  await quiet();
  t.mock.timers.tick(60_000);
  await quiet();
  assert.equal(asked.length, 1);
});

test("a label that was made while the labels were on their way stays", async () => {
  const { store, news, hold } = make();
  const go = hold("GET /projects/1?counts=false");
  news("project.updated", {});
  await quiet();
  const label = { id: 5, name: "new", color: "#111111", order: 0 };
  store.setLabels([label]);
  store.setActiveLabel(5);
  const second = hold("GET /projects/1?counts=false");
  go();
  await quiet();
  assert.deepEqual([store.labels, store.activeLabel], [[label], 5]);
  second();
  await quiet();
  assert.deepEqual(store.labels, [], "asked again, the server has the last word");
});

test("what no event told of is found a little later, with the label that is new, until the page is signed out", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const { rows, asked, store, remote, socket } = make();
  remote.watch();
  rows.set("a", annotation("a", { label: 9 }));
  t.mock.timers.tick(31_000);
  await quiet();
  assert.deepEqual(store.list().map(({ id }) => id), ["a"]);
  assert.deepEqual(asked, [LIST, "GET /projects/1?counts=false"]);
  rows.set("a", annotation("a", { version: 2 }));
  t.mock.timers.tick(30_000);
  await quiet();
  assert.equal(store.get("a")?.version, 2);
  socket.status = "refused";
  t.mock.timers.tick(90_000);
  await quiet();
  assert.equal(asked.length, 4);
});

test("one's own deletion is fetched by nobody", async (t) => {
  clock(t);
  const { rows, asked, store, news, hold, submit } = make();
  rows.set("a", annotation("a"));
  store.put(annotation("a"), "remote");
  const go = hold("DELETE /annotations/a");
  const list = hold(LIST);
  news("open", {});
  submit(change("a", "delete"));
  await quiet();
  list();
  news("annotation.deleted", { id: "a", image: IMAGE });
  await quiet();
  go();
  await quiet();
  t.mock.timers.tick(200);
  await quiet();
  assert.equal(store.size, 0);
  assert.deepEqual(asked.filter((request) => request.startsWith("GET /annotations")), []);
});

test("an image that went while nothing was heard is told of", async () => {
  const { remote, told, news } = make();
  await remote.loadAll();
  news("image.deleted", { id: 8 });
  assert.equal(told.length, 0);
  news("image.deleted", { id: IMAGE });
  assert.equal(told.length, 1);
});
