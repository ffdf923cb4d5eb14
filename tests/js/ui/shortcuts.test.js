import assert from "node:assert/strict";
import { test } from "node:test";
import { keyName } from "../../../static/js/ui/shortcuts.js";
import { stateOf } from "../../../static/js/ui/strip.js";
import { savedWords } from "../../../static/js/ui/topbar.js";

/** @param {string} key @param {Record<string, any>} [more] */
const press = (key, more = {}) => keyName({ key, code: "", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more });

test("keys are named as they are written in the list", () => {
  assert.equal(press("m"), "M");
  assert.equal(press("M", { shiftKey: true }), "Shift+M");
  assert.equal(press("z", { ctrlKey: true }), "Ctrl+Z");
  assert.equal(press("Z", { metaKey: true, shiftKey: true }), "Ctrl+Shift+Z");
  assert.equal(press("?", { shiftKey: true }), "?");
  assert.equal(press("+", { shiftKey: true }), "+");
  assert.equal(press(" "), "Space");
  assert.equal(press("Tab", { shiftKey: true }), "Shift+Tab");
});

test("on a layout without Latin letters the key's place decides", () => {
  assert.equal(press("ы", { code: "KeyS" }), "S");
});

test("the film strip says what an image waits for", () => {
  const item = { id: 1, name: "a", state: /** @type {const} */ ("ready"), embedding: /** @type {const} */ ("ready"), annotations: 2, v: "", work: /** @type {const} */ ("open"), width: 4, height: 3 };
  assert.deepEqual(stateOf(item), { kind: "annotated", words: "2 objects" });
  assert.equal(stateOf({ ...item, annotations: 0 }).kind, "ready");
  assert.deepEqual(stateOf({ ...item, work: "submitted" }), { kind: "submitted", words: "submitted with 2 objects" });
  assert.equal(stateOf({ ...item, work: "skipped" }).kind, "skipped");
  assert.equal(stateOf({ ...item, embedding: "running" }).kind, "preparing");
  assert.equal(stateOf({ ...item, embedding: "failed" }).kind, "refused");
  assert.equal(stateOf({ ...item, state: "refused" }).kind, "refused");
});

test("the saved state counts what is unsent", () => {
  assert.equal(savedWords("saved", 0).text, "Saved");
  assert.equal(savedWords("saving", 2).text, "Saving 2");
  assert.match(savedWords("offline", 1).title, /^1 change kept/);
});
