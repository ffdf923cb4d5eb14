import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { keysOf, loadFeatures } from "../../../../static/js/pages/annotate/feature.js";
import { FEATURES } from "../../../../static/js/pages/annotate/features.js";

/** @type {Map<string, any>} the page's elements */
const elements = new Map();

class Element {
  constructor(id) {
    this.id = id;
    this.clicks = [];
    elements.set(id, this);
  }
  addEventListener(_type, listener) {
    this.clicks.push(listener);
  }
}
const document = { body: new Element("body"), getElementById: (id) => elements.get(id) ?? null, querySelector: () => null };
Object.assign(globalThis, { document, HTMLElement: Element, HTMLButtonElement: Element });

const page = { done() {} };
const shortcut = (does) => ({ does, group: "g", keys: [], run() {} });

/** @param {any[]} features */
async function load(features) {
  const failures = [];
  const parts = await loadFeatures(features, page, (error) => failures.push(error.message));
  return { parts, failures };
}

test("a feature gets what it needs, wherever in the list that stands", async () => {
  const log = [];
  const slow = { id: "slow", load: () => new Promise((resolve) => setTimeout(() => (log.push("slow"), resolve({ word: "here" })), 5)) };
  const user = { id: "user", needs: ["slow"], load: (_page, { slow: found }) => void log.push(`user ${found.word}`) };
  for (const features of [[slow, user], [user, slow]]) {
    log.length = 0;
    const { parts, failures } = await load(features);
    assert.deepEqual([log, failures], [["slow", "user here"], []]);
    assert.deepEqual(Object.keys(parts).sort(), ["slow", "user"]);
  }
});

test("a feature is loaded once, however many need it", async () => {
  let count = 0;
  const base = { id: "base", load: () => ++count };
  const users = ["a", "b", "c"].map((id) => ({ id, needs: ["base"], load: (_page, { base: found }) => found }));
  const { parts } = await load([users[0], base, users[1], users[2]]);
  assert.equal(count, 1);
  assert.deepEqual(parts, { base: 1, a: 1, b: 1, c: 1 });
});

test("one that fails is missed by those alone that need it, and told of once", async () => {
  const features = [
    { id: "good", load: () => "good", keys: () => [shortcut("good")] },
    { id: "user", needs: ["bad"], load: () => assert.fail("it has not what it needs"), keys: () => [shortcut("user")] },
    { id: "bad", load: () => Promise.reject(new Error("not found")), keys: () => [shortcut("bad")] },
    { id: "other", load: () => undefined, keys: (_own, _page, others) => [shortcut(`other with ${Object.keys(others).sort()}`)] },
  ];
  const { parts, failures } = await load(features);
  assert.deepEqual(failures, ["not found"]);
  assert.deepEqual(keysOf(features, page, parts).map(({ does }) => does), ["good", "other with good,other"]);
});

test("needs that cannot be met are faults that are told of, not waited for", async () => {
  const circle = [{ id: "a", needs: ["b"], load() {} }, { id: "b", needs: ["a"], load() {} }];
  assert.match((await load(circle)).failures.join(), /need each other: a, b, a/);
  assert.match((await load([{ id: "a", needs: ["nobody"], load() {} }])).failures.join(), /a needs nobody/);
});

test("a button does what the feature says, and gives the focus back unless told otherwise", async () => {
  const [first, second] = [new Element("first"), new Element("second")];
  let done = 0;
  const log = [];
  const feature = { id: "a", load: () => "part", toolbar: (part) => ({ first: () => void log.push(`first ${part}`), second: () => (log.push("second"), false) }) };
  await loadFeatures([feature], { done: () => done++ }, assert.fail);
  first.clicks[0]({ detail: 0 });
  assert.equal(done, 0, "a keyboard user stays where they are");
  first.clicks[0]({ detail: 1 });
  assert.equal(done, 1);
  second.clicks[0]({ detail: 1 });
  assert.deepEqual([log, done], [["first part", "first part", "second"], 1]);
});

test("a feature is handed its panel", async () => {
  const panel = new Element("own-panel");
  const { parts } = await load([{ id: "a", panel: "own-panel", load: (_page, _needs, root) => root }, { id: "b", load: (_page, _needs, root) => root }]);
  assert.deepEqual([parts.a, parts.b], [panel, document.body]);
  assert.match((await load([{ id: "a", panel: "nowhere", load() {} }])).failures.join(), /#nowhere is missing/);
});

test("the page's features have names of their own, needs that are there, and places on the page", () => {
  const template = readFileSync(new URL("../../../../templates/annotate.html", import.meta.url), "utf8");
  const ids = FEATURES.map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)]);
  /** @type {any} */
  const anything = new Proxy(() => anything, { get: () => anything });
  for (const { id, needs = [], panel, toolbar } of FEATURES) {
    for (const need of needs) assert.ok(ids.includes(need), `${id} needs ${need}`);
    for (const place of [...(panel ? [panel] : []), ...Object.keys(toolbar?.(anything, anything, anything) ?? {})]) {
      assert.ok(template.includes(`id="${place}"`), `${id} has ${place}`);
    }
  }
  /** @param {string} id @param {string[]} path */
  function visit(id, path) {
    assert.ok(!path.includes(id), `${[...path, id]}`);
    for (const need of FEATURES.find((one) => one.id === id)?.needs ?? []) visit(need, [...path, id]);
  }
  for (const id of ids) visit(id, []);
});
