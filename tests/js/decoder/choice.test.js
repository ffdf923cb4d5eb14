import assert from "node:assert/strict";
import { test } from "node:test";
import { createChoosingDecoder } from "../../../static/js/decoder/choice.js";

const ONE = { points: [{ x: 1, y: 2, label: 1 }], box: null };
const SIZE = { width: 100, height: 50 };

/** A decoder whose every answer claims to have taken `ms`. */
function fake(kind, ms) {
  const decoder = {
    kind,
    detail: kind,
    ms,
    asked: 0,
    points: [],
    cached: false,
    error: null,
    hang: false,
    listeners: [],
    load() {},
    async commit({ points }) {
      decoder.asked++;
      decoder.points.push(points[0]);
      if (decoder.error) throw decoder.error;
      if (decoder.hang) return new Promise(() => {});
      return { candidates: [{ maskIndex: 0, score: 1, from: kind }], ms: decoder.cached ? 0 : decoder.ms, cached: decoder.cached };
    },
    preview: (prompts) => decoder.commit(prompts),
    dispose() {},
    onFailed: (listener) => decoder.listeners.push(listener),
  };
  return decoder;
}

async function make(browserMs, serverMs) {
  const clock = { now: 0, online: true };
  const browser = fake("browser", browserMs);
  const server = fake("server", serverMs);
  const changes = [];
  const choice = createChoosingDecoder({
    browser,
    server,
    size: SIZE,
    changed: () => changes.at(-1) !== choice.kind && changes.push(choice.kind),
    now: () => clock.now,
    online: () => clock.online,
  });
  await choice.load(1, null, SIZE);
  return { clock, browser, server, changes, choice };
}

const from = async (asked) => (await asked).candidates[0].from;

test("until it is measured the browser answers", async () => {
  const { choice } = await make(90, 10);
  assert.equal(choice.kind, "browser");
  assert.equal(await from(choice.commit(ONE)), "browser");
});

test("a clearly faster server takes over", async () => {
  const { choice, changes } = await make(90, 40);
  await choice.calibrate();
  assert.deepEqual(changes, ["server"]);
  assert.deepEqual(choice.times(), { browser: 90, server: 40 });
  assert.equal(await from(choice.preview(ONE)), "server");
});

test("a server that is hardly faster does not", async () => {
  const { choice, changes } = await make(90, 80);
  await choice.calibrate();
  assert.deepEqual(changes, ["browser"], "told, and not changed");
});

test("each probe asks for a point of its own: what was asked before is kept, and takes no time", async () => {
  const { choice, browser, server } = await make(90, 40);
  await choice.calibrate();
  for (const { points } of [browser, server]) {
    assert.equal(points.length, 3);
    assert.equal(new Set(points.map(({ x, y }) => `${x} ${y}`)).size, 3);
    assert.ok(points.every(({ x, y }) => x > 0 && y > 0 && x < SIZE.width && y < SIZE.height));
  }
});

test("answers that were kept from before are not timed", async () => {
  const { choice, browser } = await make(90, 400);
  await choice.calibrate();
  browser.cached = true;
  for (let n = 0; n < 6; n++) await choice.preview(ONE);
  assert.deepEqual(choice.times(), { browser: 90, server: 400 });
});

test("when the server's queue grows the browser takes over again", async () => {
  const { choice, server, changes } = await make(90, 40);
  await choice.calibrate();
  server.ms = 120;
  for (let n = 0; n < 4; n++) await choice.commit(ONE);
  assert.deepEqual(changes, ["server", "browser"]);
  assert.equal(await from(choice.commit(ONE)), "browser");
});

test("a failing server costs no answer and is left alone for a while", async () => {
  const { choice, server, clock } = await make(90, 40);
  await choice.calibrate();
  server.error = new Error("503");
  assert.equal(await from(choice.commit(ONE)), "browser");
  assert.equal(choice.kind, "browser");
  server.error = null;
  const before = server.asked;
  await choice.commit(ONE);
  assert.equal(server.asked, before);
  clock.now += 100_000;
  await choice.commit(ONE);
  await new Promise(setImmediate);
  assert.equal(server.asked, before + 1, "tried again, once");
});

test("a server that does not answer is not waited for", async () => {
  const { choice, server } = await make(90, 40);
  await choice.calibrate();
  server.hang = true;
  assert.equal(await from(choice.commit(ONE)), "browser");
  assert.equal(choice.kind, "browser");
});

test("a browser that dies leaves the server", async () => {
  const { choice, browser, changes } = await make(90, 400);
  await choice.calibrate();
  browser.error = new Error("out of memory");
  browser.listeners.forEach((listener) => listener(browser.error));
  assert.deepEqual(changes, ["browser", "server"]);
  assert.equal(await from(choice.commit(ONE)), "server");
});

test("without a network the browser answers", async () => {
  const { choice, clock } = await make(90, 40);
  await choice.calibrate();
  clock.online = false;
  assert.equal(await from(choice.commit(ONE)), "browser");
});

test("an error of the browser's that it survives is told", async () => {
  const { choice, browser } = await make(90, 400);
  browser.error = new Error("bad prompt");
  await assert.rejects(choice.commit(ONE), /bad prompt/);
});
