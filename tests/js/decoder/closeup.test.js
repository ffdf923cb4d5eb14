import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { createCloseups } from "../../../static/js/decoder/closeup.js";

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
  /** @type {{region: any, resolve: (value?: any) => void, reject: (error: Error) => void}[]} */
  const fetching = [];
  const state = { view: FAR, moved: () => {}, failing: false };
  const wait = (/** @type {any} */ region) => new Promise((resolve, reject) => fetching.push({ region, resolve, reject }));
  const answer = (/** @type {string} */ method) => async (/** @type {any} */ prompts) => {
    asked.push({ method, region: prompts.region });
    if (state.failing && prompts.region) throw new Error("gone");
    return { candidates: [{ token: 1, score: 0.9, ...(browser ? { logits: new Float32Array(1) } : { rle: {} }) }], ms: 1 };
  };
  /** @type {any} */
  const decoder = { kind: browser ? "browser" : "server", detail: "x", load() {}, preview: answer("preview"), commit: answer("commit"), dispose() {} };
  if (browser) decoder.loadRegion = async (/** @type {any} */ region) => void asked.push({ method: "load", region });
  const closeups = createCloseups({
    image: IMAGE,
    visible: () => state.view,
    onView: (listener) => void (state.moved = listener),
    fetch: /** @type {any} */ (wait),
    make: /** @type {any} */ (wait),
    changed() {},
  });
  const wrapper = closeups.over(decoder);
  const look = async (/** @type {typeof FAR} */ view) => {
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
  return { closeups, wrapper, decoder, asked, fetching, state, look, arrive };
}

test.afterEach(() => mock.timers.reset());

test("the whole image serves until the region's embedding is there", async () => {
  const { wrapper, asked, look, arrive, closeups } = make();
  await look(FAR);
  assert.equal((await wrapper.commit(at(3100, 3100))).region, null);
  await look(NEAR);
  assert.equal(closeups.current, null);
  await wrapper.preview(at(3100, 3100));
  assert.equal(asked.at(-1).region, undefined);
  await arrive();
  assert.ok(closeups.current);
  const result = await wrapper.preview(at(3100, 3100));
  assert.deepEqual(asked.at(-1).region, closeups.current);
  assert.deepEqual(result?.candidates[0].region, closeups.current, "its logits lie over the region");
});

test("an object goes on in the frame of its first prompt, also when a region has become ready", async () => {
  const { wrapper, asked, look, arrive, closeups } = make();
  await look(NEAR);
  const first = await wrapper.commit(at(3100, 3100));
  assert.equal(first.region, null);
  await arrive();
  assert.ok(closeups.current);
  const more = { ...at(3100, 3100), region: first.region };
  more.points.push({ x: 3200, y: 3200, label: 1 });
  assert.equal((await wrapper.commit(more)).region, null);
  assert.equal(asked.at(-1).region, undefined);
});

test("a prompt outside the region takes all of them to the whole image", async () => {
  const { wrapper, asked, look, arrive } = make();
  await look(NEAR);
  await arrive();
  const first = await wrapper.commit(at(3100, 3100));
  assert.ok(first.region);
  const more = { ...at(3100, 3100), region: first.region };
  more.points.push({ x: 9000, y: 100, label: 1 });
  const second = await wrapper.commit(more);
  assert.equal(second.region, null);
  assert.equal(second.candidates[0].region, undefined);
  assert.equal(asked.at(-1).region, undefined);
});

test("only the view that rests is asked for", async () => {
  const { fetching, look, arrive, closeups } = make();
  await look(NEAR);
  await look(ELSEWHERE);
  assert.equal(fetching.length, 2);
  await arrive();
  assert.equal(closeups.current, null, "what came late is of another view");
  await arrive();
  assert.ok(closeups.current && closeups.current[0] > 6000);
  await look(FAR);
  assert.equal(closeups.current, null);
});

test("a reopened object waits for the region that it was made in", async () => {
  const { wrapper, fetching, asked, look, arrive } = make();
  await look(FAR);
  /** @type {[number, number, number, number]} */
  const region = [2816, 2816, 1024, 1024];
  const answer = wrapper.commit({ ...at(3100, 3100), region });
  await tick();
  assert.deepEqual(fetching[0].region, region);
  await arrive();
  assert.deepEqual((await answer).region, region);
  assert.deepEqual(asked.map(({ method }) => method), ["load", "commit"]);
});

test("where the region cannot be had, or not be decoded, the whole image serves", async () => {
  const { wrapper, fetching, state, look, arrive, closeups } = make();
  const warn = mock.method(console, "warn", () => {});
  await look(NEAR);
  fetching.shift()?.reject(new Error("no tiles"));
  await tick();
  assert.equal(closeups.current, null);
  mock.timers.tick(5000);
  await tick();
  assert.equal(fetching.length, 1, "it is tried again");
  await arrive();
  assert.ok(closeups.current);
  state.failing = true;
  assert.equal((await wrapper.commit(at(3100, 3100))).region, null);
  warn.mock.restore();
});

test("the server's decoder needs nothing to be loaded, and names the region", async () => {
  const { wrapper, asked, look, arrive, closeups } = make({ browser: false });
  await look(NEAR);
  await arrive();
  const result = await wrapper.commit(at(3100, 3100));
  assert.deepEqual(asked, [{ method: "commit", region: closeups.current }]);
  assert.equal(result.candidates[0].region, undefined, "its masks are of the whole image already");
  assert.deepEqual(result.region, closeups.current);
});

test("few regions are held", async () => {
  const { asked, look, arrive, wrapper } = make();
  for (const x of [0, 2000, 4000, 6000, 8000]) {
    await look({ x0: x, y0: 3000, x1: x + 600, y1: 3400 });
    await arrive();
  }
  assert.equal(asked.filter(({ method }) => method === "load").length, 5);
  await look({ x0: 0, y0: 3000, x1: 600, y1: 3400 });
  await arrive();
  assert.equal(asked.filter(({ method }) => method === "load").length, 6, "the first was forgotten");
  await wrapper.commit(at(100, 3100));
  assert.ok(asked.at(-1).region);
});
