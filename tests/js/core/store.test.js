import assert from "node:assert/strict";
import { test } from "node:test";
import { createHistory } from "../../../static/js/core/history.js";
import { createStore } from "../../../static/js/core/store.js";
import { uuid } from "../../../static/js/core/uuid.js";

/** @param {string} id @param {number} [version] @param {number} [createdTime] */
const annotation = (id, version = 1, createdTime = 0) => /** @type {any} */ ({ id, version, createdTime });
const labels = [
  { id: 2, name: "b", color: "#222222", order: 1 },
  { id: 1, name: "a", color: "#111111", order: 0 },
];

test("labels are ordered and the first is active until another is chosen", () => {
  const store = createStore({ labels });
  assert.equal(store.activeLabel, 1);
  store.setActiveLabel(2);
  store.setLabels(labels);
  assert.equal(store.activeLabel, 2);
  store.setLabels([labels[1]]);
  assert.equal(store.activeLabel, 1);
});

test("the server's list replaces the rest, but not what is on its way", () => {
  const store = createStore();
  store.put(annotation("gone"));
  store.put(annotation("mine"));
  store.put(annotation("same", 3));
  /** @type {string[][]} */
  const events = [];
  store.on("annotations", ({ ids }) => events.push(ids));
  store.replaceAll([annotation("same", 3), annotation("new", 1, 5)], (id) => id === "mine");
  assert.deepEqual(store.list().map(({ id }) => id).sort(), ["mine", "new", "same"]);
  assert.deepEqual(events, [["gone", "new"]]);
});

test("what is removed is no longer selected or hovered", () => {
  const store = createStore();
  store.put(annotation("a"));
  store.select("a");
  store.hover("a");
  store.remove("a");
  assert.deepEqual([store.selected, store.hovered], [null, null]);
  store.select("never there");
  assert.equal(store.selected, null);
});

test("the list is in the order of making and follows changes", () => {
  const store = createStore();
  store.put(annotation("late", 1, 9));
  store.put(annotation("early", 1, 2));
  assert.deepEqual(store.list().map(({ id }) => id), ["early", "late"]);
  store.put(annotation("early", 2, 10));
  assert.deepEqual(store.list().map(({ id }) => id), ["late", "early"]);
});

test("one and all can be hidden", () => {
  const store = createStore();
  store.put(annotation("a"));
  store.setHidden(["a"], true);
  assert.ok(!store.isVisible("a"));
  store.setHidden(["a"], false);
  store.toggleAll();
  assert.ok(!store.isVisible("a") && !store.isHidden("a"));
});

test("history undoes and does again, and a new command ends the redo", () => {
  const history = createHistory({ limit: 2 });
  /** @type {string[]} */
  const log = [];
  const command = (/** @type {string} */ name) => ({ name, undo: () => void log.push(`-${name}`), redo: () => void log.push(`+${name}`) });
  history.push(command("a"));
  history.push(command("b"));
  history.undo();
  history.redo();
  history.undo();
  history.push(command("c"));
  assert.ok(!history.canRedo);
  assert.deepEqual(log, ["-b", "+b", "-b"]);
  history.push(command("d"));
  history.undo();
  history.undo();
  assert.equal(history.undo(), null);
});

test("uuid is one, also where the browser has no randomUUID", (t) => {
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(uuid(), pattern);
  t.mock.method(globalThis.crypto, "randomUUID", undefined);
  Object.defineProperty(globalThis.crypto, "randomUUID", { value: undefined, configurable: true });
  assert.match(uuid(), pattern);
});
