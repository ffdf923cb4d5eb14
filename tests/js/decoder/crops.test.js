import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { createCrops } from "../../../static/js/decoder/crops.js";

const IMAGE = { id: 7, width: 10000, height: 8000 };
const FAR = { x0: 0, y0: 0, x1: 10000, y1: 8000 };
const NEAR = { x0: 3000, y0: 3000, x1: 3600, y1: 3400 };
const ELSEWHERE = { x0: 7000, y0: 5000, x1: 7600, y1: 5400 };
const tick = () => new Promise((resolve) => setImmediate(resolve));
const at = (/** @type {number} */ x, /** @type {number} */ y) => ({ points: [{ x, y, label: /** @type {1} */ (1) }], box: null });

function make({ browser = true } = {}) {
  mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {any[]} */
  const asked = [];
  /** @type {{crop: any, resolve: (value?: any) => void, reject: (error: Error) => void}[]} */
  const fetching = [];
  const state = { view: FAR, moved: () => {}, failing: false };
  const wait = (/** @type {any} */ crop) => new Promise((resolve, reject) => fetching.push({ crop, resolve, reject }));
  const answer = (/** @type {string} */ method) => async (/** @type {any} */ prompts) => {
    asked.push({ method, crop: prompts.region });
    if (state.failing && prompts.region) throw new Error("gone");
    return { candidates: [{ maskIndex: 1, score: 0.9, ...(browser ? { logits: new Float32Array(1) } : { rle: {} }) }], ms: 1 };
  };
  /** @type {any} */
  const decoder = { kind: browser ? "browser" : "server", detail: "x", load() {}, preview: answer("preview"), commit: answer("commit"), dispose() {} };
  if (browser) decoder.loadCrop = async (/** @type {any} */ crop) => void asked.push({ method: "load", crop });
  const crops = createCrops({
    image: IMAGE,
    visible: () => state.view,
    onView: (listener) => void (state.moved = listener),
    fetch: /** @type {any} */ (wait),
    make: /** @type {any} */ (wait),
    changed() {},
  });
  const wrapper = crops.over(decoder);
  const show = async (/** @type {typeof FAR} */ view) => {
    state.view = view;
    state.moved();
    mock.timers.tick(400);
    await tick();
  };
  const arrive = async () => {
    fetching.shift()?.resolve(new ArrayBuffer(1));
    await tick();
    await tick();
  };
  return { crops, wrapper, decoder, asked, fetching, state, show, arrive };
}

test.afterEach(() => mock.timers.reset());

test("the whole image serves until the crop's embedding is there", async () => {
  const { wrapper, asked, show, arrive, crops } = make();
  await show(FAR);
  assert.equal((await wrapper.commit(at(3100, 3100))).crop, null);
  await show(NEAR);
  assert.equal(crops.current, null);
  await wrapper.preview(at(3100, 3100));
  assert.equal(asked.at(-1).crop, undefined);
  await arrive();
  assert.ok(crops.current);
  const result = await wrapper.preview(at(3100, 3100));
  assert.deepEqual(asked.at(-1).crop, crops.current);
  assert.deepEqual(result?.candidates[0].crop, crops.current, "its logits lie over the crop");
});

test("an object goes on in the frame of its first prompt, also when a crop has become ready", async () => {
  const { wrapper, asked, show, arrive, crops } = make();
  await show(NEAR);
  const first = await wrapper.commit(at(3100, 3100));
  assert.equal(first.crop, null);
  await arrive();
  assert.ok(crops.current);
  const more = { ...at(3100, 3100), region: first.crop };
  more.points.push({ x: 3200, y: 3200, label: 1 });
  assert.equal((await wrapper.commit(more)).crop, null);
  assert.equal(asked.at(-1).crop, undefined);
});

test("a prompt outside the crop takes all of them to the whole image", async () => {
  const { wrapper, asked, show, arrive } = make();
  await show(NEAR);
  await arrive();
  const first = await wrapper.commit(at(3100, 3100));
  assert.ok(first.crop);
  const more = { ...at(3100, 3100), region: first.crop };
  more.points.push({ x: 9000, y: 100, label: 1 });
  const second = await wrapper.commit(more);
  assert.equal(second.crop, null);
  assert.equal(second.candidates[0].crop, undefined);
  assert.equal(asked.at(-1).crop, undefined);
});

test("only the view that rests is asked for", async () => {
  const { fetching, show, arrive, crops } = make();
  await show(NEAR);
  await show(ELSEWHERE);
  assert.equal(fetching.length, 2);
  await arrive();
  assert.equal(crops.current, null, "what came late is of another view");
  await arrive();
  assert.ok(crops.current && crops.current[0] > 6000);
  await show(FAR);
  assert.equal(crops.current, null);
});

test("a reopened object waits for the crop that it was made in", async () => {
  const { wrapper, fetching, asked, show, arrive } = make();
  await show(FAR);
  /** @type {[number, number, number, number]} */
  const crop = [2816, 2816, 1024, 1024];
  const answer = wrapper.commit({ ...at(3100, 3100), region: crop });
  await tick();
  assert.deepEqual(fetching[0].crop, crop);
  await arrive();
  assert.deepEqual((await answer).crop, crop);
  assert.deepEqual(asked.map(({ method }) => method), ["load", "commit"]);
});

test("where the crop cannot be had, or not be decoded, the whole image serves", async () => {
  const { wrapper, fetching, state, show, arrive, crops } = make();
  const warn = mock.method(console, "warn", () => {});
  await show(NEAR);
  fetching.shift()?.reject(new Error("no tiles"));
  await tick();
  assert.equal(crops.current, null);
  mock.timers.tick(5000);
  await tick();
  assert.equal(fetching.length, 1, "it is tried again");
  await arrive();
  assert.ok(crops.current);
  state.failing = true;
  assert.equal((await wrapper.commit(at(3100, 3100))).crop, null);
  warn.mock.restore();
});

test("the server's decoder needs nothing to be loaded, and names the crop", async () => {
  const { wrapper, asked, show, arrive, crops } = make({ browser: false });
  await show(NEAR);
  await arrive();
  const result = await wrapper.commit(at(3100, 3100));
  assert.deepEqual(asked, [{ method: "commit", crop: crops.current }]);
  assert.equal(result.candidates[0].crop, undefined, "its masks are of the whole image already");
  assert.deepEqual(result.crop, crops.current);
});

test("few crops are held", async () => {
  const { asked, show, arrive, wrapper } = make();
  for (const x of [0, 2000, 4000, 6000, 8000]) {
    await show({ x0: x, y0: 3000, x1: x + 600, y1: 3400 });
    await arrive();
  }
  assert.equal(asked.filter(({ method }) => method === "load").length, 5);
  await show({ x0: 0, y0: 3000, x1: 600, y1: 3400 });
  await arrive();
  assert.equal(asked.filter(({ method }) => method === "load").length, 6, "the first was forgotten");
  await wrapper.commit(at(100, 3100));
  assert.ok(asked.at(-1).crop);
});
