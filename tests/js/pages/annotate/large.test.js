import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../../../static/js/net/api.js";
import { startLarge } from "../../../../static/js/pages/annotate/large.js";

const IMAGE = { id: 7, width: 10000, height: 8000 };
const tick = () => new Promise((resolve) => setImmediate(resolve));

test("a page of another model says so once, and goes on with the whole image", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(console, "warn", () => {});
  globalThis.window = /** @type {any} */ ({ devicePixelRatio: 1 });
  const queries = [];
  const toasts = [];
  const view = {
    scale: 0.1, moved: [],
    at: 3000,
    visible: () => ({ x0: view.at, y0: 3000, x1: view.at + 600, y1: 3400 }),
    on: (_event, listener) => view.moved.push(listener),
  };
  const context = {
    image: IMAGE, view, version: "0123abcd-m-1",
    picture: { naturalWidth: 2048 },
    canvas: { dataset: {} },
    socket: { on: () => () => {} },
    renderer: { onPainted() {} },
    api: {
      async send(_method, _path, { query }) {
        queries.push(query);
        throw new ApiError(409, "model_changed", "The server uses another model by now.");
      },
    },
    toasts: { show: (options) => toasts.push(options) },
  };
  const crops = startLarge(/** @type {any} */ (context));
  const decoder = { kind: "browser", loadCrop: () => assert.fail("there is nothing to load"), load() {}, dispose() {} };
  decoder.commit = async (prompts) => ({ candidates: [], ms: 1, prompts });
  const wrapper = crops.over(/** @type {any} */ (decoder));
  for (const at of [3000, 6000]) {
    view.at = at;
    view.moved.forEach((moved) => moved());
    t.mock.timers.tick(400);
    await tick();
    await tick();
  }
  assert.equal(queries.length, 2);
  assert.ok(queries.every(({ v }) => v === "0123abcd-m-1"));
  assert.deepEqual(toasts.map(({ text, action }) => [text, action.label]), [["The server uses another model by now.", "Load again"]]);
  assert.equal((await wrapper.commit({ points: [{ x: 6100, y: 3100, label: 1 }], box: null })).crop, null);
});
