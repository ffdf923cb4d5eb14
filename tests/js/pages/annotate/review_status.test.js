import assert from "node:assert/strict";
import { test } from "node:test";
import { createReviewStatus } from "../../../../static/js/pages/annotate/review_status.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

/** The state of an image that is open, and the server's answers to come. */
function make() {
  /** @type {((answer: any) => void)[]} */
  const waiting = [];
  /** @type {Map<string, () => void>} */
  const saved = new Map();
  const shown = { textContent: "", title: "", dataset: /** @type {Record<string, string>} */ ({}) };
  const state = createReviewStatus(
    /** @type {any} */ ({
      image: { id: 7, work: "open", workBy: null, skipReason: null },
      api: { get: () => new Promise((resolve, reject) => waiting.push((answer) => (answer ? resolve(answer) : reject(new Error("down"))))) },
      sync: { on: (/** @type {string} */ type, /** @type {() => void} */ listener) => saved.set(type, listener) },
      tools: {}, toasts: {}, shown, changed() {}, next: () => false,
    }),
  );
  return { state, waiting, shown, saved };
}

test("what was missed is asked for", async () => {
  const { state, waiting, shown } = make();
  void state.refresh();
  waiting[0]({ work: "skipped", workBy: "bob", skipReason: "Dark" });
  await settle();
  assert.deepEqual([shown.textContent, shown.dataset.work], ["Skipped", "skipped"]);
  assert.match(shown.title, /by bob: Dark/);
  void state.refresh();
  waiting[1](null);
  await settle();
  assert.equal(shown.textContent, "Skipped", "a server that does not answer changes nothing");
});

test("an answer that was overtaken is not believed", async () => {
  const { state, waiting, shown, saved } = make();
  void state.refresh();
  saved.get("saved")?.();
  waiting[0]({ work: "submitted", workBy: "bob", skipReason: null });
  await settle();
  assert.equal(shown.textContent, "");
  void state.refresh();
  void state.stateChanged("open");
  waiting[1]({ work: "submitted", workBy: "bob", skipReason: null });
  await settle();
  assert.equal(shown.textContent, "");
});

test("somebody's change is told, by name where the server answers", async () => {
  const { state, waiting, shown } = make();
  void state.stateChanged("submitted");
  waiting[0]({ work: "submitted", workBy: "bob", skipReason: null });
  await settle();
  assert.equal(shown.title.startsWith("Submitted by bob"), true);
  void state.stateChanged("skipped");
  waiting[1](null);
  await settle();
  assert.equal(shown.textContent, "Skipped");
});
