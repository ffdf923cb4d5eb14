import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { actionsOf, changed, isModifier, refusal, resetRefusal } from "../../../static/js/ui/key_rules.js";
import { createShortcuts, idOf } from "../../../static/js/ui/shortcuts.js";
import { keys, keysPage } from "../support/keys_page.js";

/** @param {string} id */
const action = (id) => /** @type {import("../../../static/js/ui/shortcuts.js").Shortcut} */ (keys.find((one) => idOf(one) === id));

test("the docs name the very keys that are bound", () => {
  const docs = readFileSync(new URL("../../../docs/keys.md", import.meta.url), "utf8");
  assert.equal(docs, keysPage(), "write it anew: node tests/js/support/keys_page.js > docs/keys.md");
});

test("every action has a name of its own that the server takes", () => {
  const ids = actionsOf(keys).map(idOf);
  assert.deepEqual(ids, [...new Set(ids)]);
  for (const id of ids) assert.match(id, /^[a-z0-9][a-z0-9-]{0,59}$/);
});

test("no key does two things, but where one action passes it on", () => {
  /** @type {Map<string, string[]>} */
  const owners = new Map();
  for (const one of actionsOf(keys)) for (const key of one.keys) owners.set(key, [...(owners.get(key) ?? []), idOf(one)]);
  const shared = [...owners].filter(([, ids]) => ids.length > 1);
  assert.deepEqual(shared, [["Backspace", ["corner-undo", "object-delete"]], ["Delete", ["corner-remove", "object-delete"]]]);
});

test("a key that is taken is refused in words", () => {
  const undo = action("undo");
  assert.equal(refusal(keys, {}, undo, "Alt+U"), null);
  assert.match(refusal(keys, {}, undo, "B") ?? "", /^B is taken: Brush/);
  assert.equal(refusal(keys, {}, undo, "Ctrl+Z"), null, "its own key is free for it");
  assert.match(refusal(keys, {}, undo, "5") ?? "", /cannot be given away/);
  assert.match(refusal(keys, {}, undo, "Ctrl+W") ?? "", /belongs to the browser/);
  assert.match(refusal(keys, {}, undo, "Tab") ?? "", /next control/);
  // What somebody has moved away is free, where it went is not.
  const bindings = changed({}, action("tool-brush"), ["Alt+B"]);
  assert.equal(refusal(keys, bindings, undo, "B"), null);
  assert.match(refusal(keys, bindings, undo, "Alt+B") ?? "", /Brush/);
});

test("an action gets its own keys back, unless another one has them now", () => {
  const brush = action("tool-brush");
  const undo = action("undo");
  let bindings = changed({}, brush, ["Alt+B"]);
  assert.equal(resetRefusal(keys, bindings, brush), null);
  bindings = changed(bindings, undo, ["B"]);
  assert.match(resetRefusal(keys, bindings, brush) ?? "", /^B is taken: Undo/);
  assert.equal(resetRefusal(keys, changed(bindings, undo, null), brush), null);
  assert.deepEqual(changed(bindings, undo, null), { "tool-brush": ["Alt+B"] });
});

test("changed keys do what the old ones did, and the old ones nothing", () => {
  /** @type {string[]} */
  const done = [];
  const shortcuts = createShortcuts({ one: ["K"], gone: ["X"] });
  shortcuts.add([
    { id: "one", group: "g", keys: ["A"], does: "First", run: () => void done.push("one") },
    { id: "many", group: "g", keys: ["1", "2"], fixed: true, does: "Digits", run: () => void done.push("many") },
    { group: "g", keys: ["Z"], does: "Has no name: yet!", run: () => void done.push("unnamed") },
  ]);
  const document = { querySelector: () => null };
  Object.assign(globalThis, { document, HTMLElement: class {}, Element: class {} });
  /** @param {string} key */
  const press = (key) => shortcuts.handle(/** @type {any} */ ({ key, code: "", target: null, preventDefault() {} }));
  press("a");
  press("k");
  assert.deepEqual(done, ["one"]);
  shortcuts.rebind({ many: ["9"], "has-no-name-yet": ["Q"] });
  for (const key of ["k", "a", "9", "1", "z", "q"]) press(key);
  assert.deepEqual(done, ["one", "one", "many", "unnamed"]);
  assert.equal(shortcuts.isChanged(shortcuts.all()[1]), false);
  assert.equal(shortcuts.isChanged(shortcuts.all()[2]), true);
});

test("modifiers alone are no keys", () => {
  assert.deepEqual(["Shift", "Control", "Alt", "Meta", "Dead", "a", "F1"].map(isModifier), [true, true, true, true, true, false, false]);
});
