import assert from "node:assert/strict";
import { test } from "node:test";
import { createHistory } from "../../../../static/js/core/history.js";
import { createStore } from "../../../../static/js/core/store.js";
import { createAnnotationEdits } from "../../../../static/js/pages/annotate/annotation_edits.js";
import { createRemote } from "../../../../static/js/pages/annotate/remote.js";

/** @typedef {import("../../../../static/js/net/types.js").Annotation} Annotation */

const settle = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
const CONTENT = {
  label: 1, rle: { size: /** @type {[number, number]} */ ([2, 2]), counts: "x" }, bbox: /** @type {[number, number, number, number]} */ ([0, 0, 1, 1]),
  area: 1, prompts: null, candidate: 1, score: 0.5, model: "m",
};

function make() {
  const store = createStore({ labels: [{ id: 1, name: "cat", color: "#111111", order: 0 }, { id: 2, name: "dog", color: "#222222", order: 1 }] });
  const history = createHistory();
  /** @type {any[]} */
  const sent = [];
  /** @type {Map<string, (event: any) => void>} */
  const syncListeners = new Map();
  /** @type {Set<string>} */
  const pending = new Set();
  const sync = /** @type {any} */ ({
    submit: (/** @type {any} */ change) => sent.push(change),
    on: (/** @type {string} */ type, /** @type {any} */ listener) => syncListeners.set(type, listener),
    isPending: (/** @type {string} */ id) => pending.has(id),
    acknowledgedAfter: () => false,
    mark: () => 0,
    retry() {},
  });
  const edits = createAnnotationEdits({ store, history, sync, image: 7, username: "ann" });
  return { store, history, sync, sent, edits, syncListeners, pending };
}

test("creating shows at once, sends everything but what the server derives, and can be undone and done again", () => {
  const { store, history, sent, edits } = make();
  edits.create(CONTENT);
  const [{ kind, body, id }] = sent;
  assert.equal(kind, "create");
  assert.deepEqual(Object.keys(body).sort(), ["attributes", "candidate", "id", "label", "model", "prompts", "rle", "score", "source", "z"]);
  assert.equal(store.get(id)?.author, "ann");
  history.undo();
  assert.equal(store.size, 0);
  history.redo();
  assert.deepEqual(sent.map((change) => [change.kind, change.id === id]), [["create", true], ["delete", true], ["create", true]]);
});

test("undoing a creation after the server answered deletes the version it gave", () => {
  const { store, history, sent, edits } = make();
  edits.create(CONTENT);
  const made = /** @type {Annotation} */ (store.list()[0]);
  store.put({ ...made, version: 4 }, "remote");
  history.undo();
  assert.equal(sent.at(-1).version, 4);
});

test("a new label is a change of that field alone, and its undo too", () => {
  const { store, history, sent, edits } = make();
  edits.create(CONTENT);
  const { id } = store.list()[0];
  edits.relabel(id, 1);
  assert.equal(sent.length, 1);
  edits.relabel(id, 2);
  assert.deepEqual(sent.at(-1).body, { label: 2 });
  history.undo();
  assert.deepEqual(sent.at(-1).body, { label: 1 });
  assert.equal(store.get(id)?.label, 1);
});

test("reworking an object undoes to what it was, and sends no derived fields", () => {
  const { store, history, sent, edits } = make();
  edits.create(CONTENT);
  const { id } = store.list()[0];
  edits.rework(id, { ...CONTENT, rle: { size: [2, 2], counts: "y" }, area: 3 });
  assert.ok(!("area" in sent.at(-1).body) && !("bbox" in sent.at(-1).body));
  assert.equal(sent.at(-1).full.area, 3);
  history.undo();
  assert.equal(store.get(id)?.rle.counts, "x");
  assert.equal(store.get(id)?.area, 1);
});

test("undo of what somebody else deleted does nothing", () => {
  const { store, history, sent, edits } = make();
  edits.create(CONTENT);
  const { id } = store.list()[0];
  edits.relabel(id, 2);
  store.remove(id, "remote");
  const before = sent.length;
  history.undo();
  assert.equal(sent.length, before);
});

test("others' news are fetched; one's own and those of other images are not", async () => {
  const { store, sync, pending, syncListeners } = make();
  /** @type {Map<string, (data: any) => void>} */
  const socketListeners = new Map();
  const socket = /** @type {any} */ ({
    on: (/** @type {string} */ type, /** @type {any} */ listener) => socketListeners.set(type, listener),
    onOpen() {},
    onStatus() {},
  });
  /** @type {string[]} */
  const asked = [];
  const api = /** @type {any} */ ({
    get: async (/** @type {string} */ path) => {
      asked.push(path);
      return { ...CONTENT, id: path.split("/")[2], version: 2, createdTime: 1 };
    },
  });
  createRemote({ api, store, sync, socket, toasts: /** @type {any} */ ({}), image: 7, project: 1, imageChanged() {} });
  const tell = (/** @type {any} */ data) => socketListeners.get("annotation.updated")?.(data);
  pending.add("mine");
  store.put(/** @type {any} */ ({ ...CONTENT, id: "known", version: 2 }), "remote");
  tell({ id: "mine", image: 7, version: 2 });
  tell({ id: "known", image: 7, version: 2 });
  tell({ id: "elsewhere", image: 8, version: 2 });
  tell({ id: "news", image: 7, version: 2 });
  await settle(200);
  assert.deepEqual(asked, ["/annotations/news"]);
  assert.ok(store.get("news"));
  socketListeners.get("annotation.deleted")?.({ id: "news", image: 7 });
  assert.equal(store.get("news"), undefined);
  const own = store.list()[0];
  syncListeners.get("saved")?.({ annotation: { ...own, label: 2, version: 3 }, last: false });
  assert.deepEqual([store.get(own.id)?.version, store.get(own.id)?.label], [3, 1]);
});

/** @param {string} counts */
const mask = (counts) => ({ rle: { size: /** @type {[number, number]} */ ([2, 2]), counts }, bbox: CONTENT.bbox, area: 1 });

test("an edit of several objects is one step: changed, deleted and new ones", () => {
  const { store, history, sent, edits } = make();
  for (const label of [1, 2]) edits.create({ ...CONTENT, label, prompts: { points: [], box: null } });
  const [a, b] = store.list().map(({ id }) => id);
  const before = sent.length;
  const made = edits.changeMasks("Divide", { changed: new Map([[a, mask("p")], [b, null]]), added: [{ from: a, mask: mask("q") }], source: "brush" });
  assert.deepEqual(sent.slice(before).map(({ kind }) => kind), ["update", "delete", "create"]);
  assert.deepEqual(Object.keys(sent[before].body).sort(), ["candidate", "prompts", "rle", "score", "source"]);
  const fresh = store.get(made[0]);
  assert.deepEqual([fresh?.label, fresh?.source, fresh?.prompts, store.get(a)?.rle.counts], [1, "brush", null, "p"]);
  history.undo();
  assert.deepEqual(store.list().map(({ id, rle, source }) => [id, rle.counts, source]), [[a, "x", "smart"], [b, "x", "smart"]]);
  history.redo();
  assert.deepEqual([store.size, store.get(b), store.get(a)?.rle.counts], [2, undefined, "p"]);
});

test("an edit without a source keeps the objects' own", () => {
  const { store, edits } = make();
  edits.create(CONTENT, "box");
  const { id } = store.list()[0];
  edits.changeMasks("Grow", { changed: new Map([[id, mask("p")]]) });
  assert.equal(store.get(id)?.source, "box");
});

test("several objects are labelled and deleted in one step each", () => {
  const { store, history, edits } = make();
  for (let k = 0; k < 3; k++) edits.create(CONTENT);
  const ids = store.list().map(({ id }) => id);
  edits.relabel(ids, 2);
  edits.remove(ids);
  assert.equal(store.size, 0);
  history.undo();
  assert.deepEqual(store.list().map(({ label }) => label), [2, 2, 2]);
  history.undo();
  assert.deepEqual(store.list().map(({ label }) => label), [1, 1, 1]);
});

test("neither undo nor redo touches what somebody else has changed since", () => {
  const { store, history, sent, edits } = make();
  edits.create(CONTENT);
  const { id } = store.list()[0];
  edits.changeMasks("Paint", { changed: new Map([[id, mask("mine")]]) });
  store.put({ .../** @type {Annotation} */ (store.get(id)), ...mask("theirs"), version: 9 }, "remote");
  const before = sent.length;
  history.undo();
  history.undo();
  assert.deepEqual([sent.length, store.get(id)?.rle.counts], [before, "theirs"]);
  history.redo();
  history.redo();
  assert.deepEqual([sent.filter(({ kind }) => kind === "update").length, store.get(id)?.rle.counts], [1, "theirs"]);
});

/** @typedef {import("../../../../static/js/net/types.js").Attribute} Attribute */
/** @param {string} name @param {Partial<Attribute>} [more] @returns {Attribute} */
const attribute = (name, more = {}) => ({ id: 1, name, type: "text", required: false, default: null, options: [], min: null, max: null, labels: null, order: 0, ...more });

test("a new object has the defaults of its label, and another label brings its own", () => {
  const { store, history, sent, edits } = make();
  store.setAttributes([attribute("side", { default: "left" }), attribute("age", { type: "number", default: 3, labels: [2] })]);
  edits.create(CONTENT);
  const id = store.list()[0].id;
  assert.deepEqual(sent[0].body.attributes, { side: "left" });
  edits.relabel(id, 2);
  assert.deepEqual(sent[1].body, { label: 2, attributes: { side: "left", age: 3 } });
  history.undo();
  assert.deepEqual(store.get(id)?.attributes, { side: "left" });
});

test("one attribute of many objects is one step, and leaves what others set alone", () => {
  const { store, history, sent, edits } = make();
  const side = attribute("side");
  edits.add("Add", [{ ...CONTENT, attributes: { side: "left" }, source: "box" }, { ...CONTENT, attributes: {}, source: "box" }]);
  const ids = store.list().map(({ id }) => id);
  sent.length = 0;
  edits.assign(ids, side, "right");
  assert.deepEqual(sent.map(({ body }) => body), [{ attributes: { side: "right" } }, { attributes: { side: "right" } }]);
  // Somebody else sets another attribute of one, and the same of the other.
  store.put({ .../** @type {Annotation} */ (store.get(ids[0])), attributes: { side: "right", age: 4 }, version: 5 }, "remote");
  store.put({ .../** @type {Annotation} */ (store.get(ids[1])), attributes: { side: "top" }, version: 5 }, "remote");
  history.undo();
  assert.deepEqual(store.get(ids[0])?.attributes, { side: "left", age: 4 });
  assert.deepEqual(store.get(ids[1])?.attributes, { side: "top" });
  assert.equal(history.canUndo, true, "adding them can still be undone");
});

test("an attribute of other labels is not set, and an undefined one is taken away", () => {
  const { store, sent, edits } = make();
  edits.create({ ...CONTENT, label: 1 });
  const [{ id }] = store.list();
  assert.equal(edits.assign([id], attribute("age", { labels: [2] }), 5), false);
  edits.assign([id], attribute("side"), "left");
  edits.assign([id], attribute("side"), undefined);
  assert.deepEqual(sent.at(-1).body, { attributes: {} });
});

test("locking and hiding many is one step", () => {
  const { store, history, edits } = make();
  edits.add("Add", [{ ...CONTENT, attributes: {}, source: "box" }, { ...CONTENT, attributes: {}, source: "box" }]);
  const ids = store.list().map(({ id }) => id);
  edits.mark("Hide", [ids[0]]);
  edits.mark("Hide", ids);
  history.undo();
  assert.deepEqual(ids.map(store.isHidden), [true, false]);
  history.redo();
  edits.mark("Lock", ids);
  assert.ok(ids.every(store.isLocked));
  edits.mark("Unlock", ids);
  history.undo();
  assert.ok(ids.every(store.isLocked));
});

test("an earlier version is asked for by its number, and undone by content", () => {
  const { store, history, sent, edits } = make();
  edits.create({ ...CONTENT, label: 1 });
  const now = { ...store.list()[0], version: 3 };
  store.put(now, "remote");
  const then = /** @type {any} */ ({ ...now, annotation: now.id, version: 1, label: 2, attributes: { old: true }, z: 5, rle: { size: [2, 2], counts: "y" } });
  edits.restore(then, 2, 0);
  const { restores, version, kind } = sent.at(-1);
  assert.deepEqual([restores, version, kind], [{ revision: 1, label: 2 }, 3, "update"]);
  assert.equal(store.get(now.id)?.rle.counts, "y");
  history.undo();
  const undone = sent.at(-1);
  assert.equal(undone.restores, undefined);
  assert.deepEqual([undone.body.rle.counts, undone.body.label, undone.body.z], ["x", 1, null]);
});

test("a deleted object comes back by its number, and later by its content", () => {
  const { store, history, sent, edits } = make();
  const then = /** @type {any} */ ({ ...CONTENT, annotation: "gone", version: 4, attributes: {}, z: null, source: "box" });
  edits.restore(then, 1, 4);
  assert.deepEqual([sent[0].kind, sent[0].version, sent[0].restores], ["create", 4, { revision: 4, label: 1 }]);
  history.undo();
  assert.equal(store.size, 0);
  history.redo();
  assert.deepEqual(sent.map(({ kind, restores }) => [kind, restores !== undefined]), [["create", true], ["delete", false], ["create", false]]);
  // Somebody else made it meanwhile: it is not made again.
  history.undo();
  store.put({ ...then, id: "gone", version: 9 }, "remote");
  history.redo();
  assert.equal(sent.length, 4);
});
