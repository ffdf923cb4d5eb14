import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../../static/js/net/api.js";
import { createUploads } from "../../../static/js/upload/queue.js";

const file = (name, size = 10) => new File([new Uint8Array(size)], name);
const image = (id, more = {}) => ({ id, state: "preparing", embedding: "queued", error: null, ...more });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Uploads whose sending the test answers by hand. */
function make(options = {}) {
  const calls = [];
  const seen = [];
  const uploads = createUploads({
    send: (sent, given) =>
      new Promise((resolve, reject) => {
        given.signal.addEventListener("abort", () => reject(new ApiError(0, "aborted", "Cancelled.")));
        calls.push({ name: sent.name, resolve, reject, ...given });
      }),
    sleep: async () => {},
    onChange: (upload) => seen.push(`${upload.name}:${upload.state}`),
    ...options,
  });
  return { uploads, calls, seen, states: () => uploads.list.map((upload) => upload.state) };
}

test("four are in flight, and the next begins when one is answered", async () => {
  const { uploads, calls, states } = make();
  uploads.add(Array.from({ length: 6 }, (_, n) => file(`${n}.png`)));
  assert.equal(calls.length, 4);
  assert.deepEqual(states().slice(3), ["sending", "queued", "queued"]);
  calls[1].resolve({ image: image(1) });
  await turn();
  assert.equal(calls.length, 5);
  assert.equal(uploads.list[1].state, "preparing");
});

test("a file goes from sending over preparing to ready", async () => {
  const { uploads, calls, states } = make();
  uploads.add([file("a.png", 100)]);
  calls[0].onProgress(60);
  assert.equal(uploads.list[0].sent, 60);
  // Headers and boundaries are counted by the browser too: never more than the file.
  calls[0].onProgress(340);
  assert.equal(uploads.list[0].sent, 100);
  calls[0].resolve({ image: image(7) });
  await turn();
  uploads.jobUpdated({ image: 7, kind: "embed", progress: 0.5 });
  assert.equal(uploads.list[0].progress, 0.625);
  uploads.imageUpdated({ id: 7, state: "ready", embedding: "running" });
  assert.deepEqual(states(), ["preparing"]);
  uploads.imageUpdated({ id: 7, state: "ready", embedding: "ready" });
  assert.deepEqual(states(), ["ready"]);
  assert.deepEqual(uploads.awaited(), []);
});

test("news that overtakes the answer is not lost", async () => {
  const { uploads, calls, states } = make();
  uploads.add([file("a.png")]);
  uploads.imageUpdated({ id: 7, state: "ready", embedding: "ready" });
  calls[0].resolve({ image: image(7) });
  await turn();
  assert.deepEqual(states(), ["ready"]);
});

test("refusals keep their reason, by the request or by the worker", async () => {
  const { uploads, calls } = make({ maxBytes: 50 });
  uploads.add([file("big.png", 51), file("text.png"), file("torn.png")]);
  assert.equal(uploads.list[0].state, "refused");
  assert.equal(calls.length, 2);
  calls[0].resolve({ refused: "Not an image." });
  calls[1].resolve({ image: image(3) });
  await turn();
  uploads.imageUpdated({ id: 3, state: "refused", error: { code: "truncated", message: "It ends too early." } });
  assert.deepEqual(uploads.list.slice(1).map((one) => [one.state, one.message]), [
    ["refused", "Not an image."],
    ["refused", "It ends too early."],
  ]);
});

test("content that is here already is said so", async () => {
  const accepted = [];
  const { uploads, calls, states } = make({ onAccepted: (one, duplicate) => accepted.push([one.id, duplicate]) });
  uploads.add([file("a.png")]);
  calls[0].resolve({ image: image(7, { state: "ready", embedding: "ready" }), duplicate: true });
  await turn();
  assert.deepEqual(states(), ["duplicate"]);
  assert.deepEqual(accepted, [[7, true]]);
});

test("a lost connection and a busy server are waited out, within limits", async () => {
  const { uploads, calls, seen, states } = make({ attempts: 3 });
  uploads.add([file("a.png"), file("b.png")]);
  calls[0].reject(new ApiError(0, "network", "Gone."));
  calls[1].reject(new ApiError(507, "disk_full", "Disk full."));
  await turn();
  assert.ok(seen.includes("a.png:waiting"));
  assert.deepEqual(states(), ["sending", "failed"]);
  calls[2].reject(new ApiError(503, "busy", "Busy."));
  await turn();
  calls[3].reject(new ApiError(503, "busy", "Busy."));
  await turn();
  assert.deepEqual(states(), ["failed", "failed"]);
  uploads.retryAll();
  calls[4].resolve({ image: image(1) });
  calls[5].resolve({ image: image(2) });
  await turn();
  assert.deepEqual(states(), ["preparing", "preparing"]);
});

test("cancelling stops what is sent and starts nothing else", async () => {
  const { uploads, calls, states } = make();
  uploads.add(Array.from({ length: 6 }, (_, n) => file(`${n}.png`)));
  uploads.cancelAll();
  await turn();
  assert.equal(calls.length, 4);
  assert.deepEqual([...new Set(states())], ["cancelled"]);
  uploads.retry(1);
  assert.equal(calls.length, 5);
  uploads.clearDone();
  assert.equal(uploads.list.length, 1);
});

test("the summary counts bytes and states", async () => {
  const { uploads, calls } = make();
  uploads.add([file("a.png", 100), file("b.png", 300)]);
  calls[0].resolve({ image: image(1) });
  calls[1].onProgress(150);
  await turn();
  const { total, unsent, active, size, sent } = uploads.summary();
  assert.deepEqual({ total, unsent, active, size, sent }, { total: 2, unsent: 1, active: 2, size: 400, sent: 250 });
  uploads.imageDeleted(1);
  assert.equal(uploads.summary().counts.cancelled, 1);
});
