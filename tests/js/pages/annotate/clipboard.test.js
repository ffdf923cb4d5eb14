import assert from "node:assert/strict";
import { test } from "node:test";
import { createHistory } from "../../../../static/js/core/history.js";
import { createStore } from "../../../../static/js/core/store.js";
import { rleFromSpans, spansFromRle } from "../../../../static/js/geometry/spans.js";
import { createClipboard, readClip } from "../../../../static/js/pages/annotate/clipboard.js";
import { createAnnotationEdits } from "../../../../static/js/pages/annotate/annotation_edits.js";
import { reviewWords } from "../../../../static/js/pages/annotate/review_status.js";

const SIZE = { width: 10, height: 8 };

/** @param {{id?: number, size?: {width: number, height: number}, labels?: string[], kept?: Record<string, string>}} [options] */
function make({ id = 7, size = SIZE, labels = ["cat", "dog"], kept = {} } = {}) {
  const store = createStore({ labels: labels.map((name, k) => ({ id: 10 * id + k, name, color: "#111111", order: k })) });
  const history = createHistory();
  const sync = /** @type {any} */ ({ submit() {} });
  const edits = createAnnotationEdits({ store, history, sync, image: id, username: "ann" });
  /** @type {string[]} */
  const told = [];
  /** @type {any[]} */
  const propagated = [];
  const toasts = /** @type {any} */ ({ info: (/** @type {string} */ title, /** @type {string} */ text) => told.push(`${title}: ${text}`), error: (/** @type {string} */ title) => told.push(title) });
  let pointer = /** @type {{x: number, y: number} | null} */ (null);
  const clipboard = createClipboard({
    image: { id, ...size }, store, edits, toasts,
    tools: /** @type {any} */ ({ active: { keepsSelection: true } }),
    pointer: () => pointer,
    propagate: (clip) => (propagated.push(clip), true),
    storage: () => ({ getItem: (key) => kept[key] ?? null, setItem: (key, value) => void (kept[key] = value) }),
  });
  /** @param {number[]} spans @param {number} [label] */
  const add = (spans, label = 0) => {
    const rle = rleFromSpans(spans, size);
    return edits.create({ label: 10 * id + label, rle, bbox: [0, 0, 1, 1], area: 1, prompts: { points: [], box: null }, candidate: 1, score: 0.5, model: "m" });
  };
  return { store, history, clipboard, told, propagated, kept, add, point: (/** @type {typeof pointer} */ at) => (pointer = at) };
}

test("copies land under the pointer, in one step, selected, and without their prompts", () => {
  const { store, history, clipboard, add, point } = make();
  store.selectAll([add([0, 2, 8, 10]), add([16, 17], 1)]);
  assert.equal(clipboard.copy(), true);
  point({ x: 5.5, y: 5 });
  clipboard.paste();
  assert.equal(store.size, 4);
  const made = store.selection.flatMap((id) => store.get(id) ?? []);
  // The box around both, 3 by 2 pixels, has its middle there.
  assert.deepEqual(made.map(({ rle }) => spansFromRle(rle)), [[36, 38, 44, 46], [52, 53]]);
  assert.deepEqual(made.map(({ label, prompts, score, source }) => [label, prompts, score, source]), [[70, null, null, "smart"], [71, null, null, "smart"]]);
  history.undo();
  assert.equal(store.size, 2);
});

test("another image gets them in the same place, by the names of their labels", () => {
  const kept = {};
  const here = make({ kept });
  here.store.select(here.add([0, 8], 1));
  here.clipboard.copy();
  const there = make({ id: 8, kept, labels: ["bird", "dog"] });
  there.point({ x: 9, y: 7 });
  there.clipboard.paste();
  const [pasted] = there.store.list();
  assert.deepEqual([spansFromRle(pasted.rle), pasted.label, pasted.image], [[0, 8], 81, 8]);
  // A label that is not there is replaced by the one in use.
  const other = make({ id: 9, kept, labels: ["bird"] });
  other.clipboard.paste();
  assert.equal(other.store.list()[0].label, 90);
});

test("what lies outside is cut off or left out, and that is told", () => {
  const kept = {};
  const here = make({ kept });
  here.store.selectAll([here.add([0, 16]), here.add([72, 80])]);
  here.clipboard.copy();
  const there = make({ id: 8, kept, size: { width: 5, height: 4 } });
  there.clipboard.paste();
  assert.equal(there.store.size, 1);
  assert.deepEqual(there.told, ["1 object pasted: The image they come from has another size (10 × 8). 1 cut off at the edge, 1 left out, outside this image."]);
  const tiny = make({ id: 8, size: { width: 5, height: 4 } });
  tiny.clipboard.arrive(readClip({ image: 7, objects: [{ rle: rleFromSpans([72, 80], SIZE), label: "cat", attributes: {}, source: "box", model: "" }] }));
  assert.equal(tiny.store.size, 0);
  assert.match(tiny.told[0], /^Nothing was pasted/);
});

test("nothing selected, nothing copied, nothing propagated", () => {
  const { clipboard, told, propagated } = make();
  assert.equal(clipboard.copy(), false);
  clipboard.paste();
  clipboard.propagate();
  clipboard.arrive(null);
  assert.deepEqual(told.map((text) => text.split(":")[0]), ["Nothing was copied yet", "No object is selected"]);
  assert.deepEqual(propagated, []);
});

test("what was never copied here is not pasted", () => {
  for (const clip of [null, 3, {}, { objects: [] }, { objects: [{}] }, { objects: [{ rle: { counts: 5, size: [1, 1] } }] }, { objects: [{ rle: { counts: "0", size: [1, -1] } }] }]) {
    assert.equal(readClip(clip), null);
  }
  const { clipboard, told } = make({ kept: { "segweb-clipboard": "{" } });
  clipboard.paste();
  assert.match(told[0], /^Nothing was copied yet/);
});

test("the image's state is told with who and why", () => {
  assert.deepEqual(reviewWords({ work: "open", workBy: "ann", skipReason: null }), { text: "", title: "" });
  assert.match(reviewWords({ work: "submitted", workBy: "ann", skipReason: null }).title, /^Submitted by ann\./);
  assert.match(reviewWords({ work: "skipped", workBy: null, skipReason: "Dark" }).title, /^Skipped: Dark\./);
});
