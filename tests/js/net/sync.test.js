import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../../static/js/net/api.js";
import { createSync } from "../../../static/js/net/sync.js";

/** @typedef {import("../../../static/js/net/outbox.js").Change} Change */
/** @typedef {import("../../../static/js/net/types.js").Annotation} Annotation */

/** @param {string} id @param {Partial<Annotation>} [more] @returns {Annotation} */
function annotation(id, more = {}) {
  return {
    id, image: 1, label: 1, rle: { size: [2, 2], counts: "x" }, bbox: [0, 0, 1, 1], area: 1, source: "smart", prompts: null,
    attributes: {}, candidate: 1, score: 0.9, model: "m", author: "a", version: 0, createdTime: 1, updatedTime: 1, ...more,
  };
}

/** @param {string} id @param {Change["kind"]} kind @param {Partial<Change>} [more] @returns {Change} */
const change = (id, kind, more = {}) => ({ id, image: 1, kind, body: { id }, version: 1, full: annotation(id), ...more });

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const down = () => new ApiError(0, "network", "down");
/** @param {Annotation | null} current */
const stale = (current) => new ApiError(409, "stale_version", "stale", { body: { current } });

/** @param {{resolve?: (change: Change, current: Annotation | null) => Promise<"mine" | "theirs">}} [options] */
function make({ resolve = async () => /** @type {const} */ ("mine") } = {}) {
  /** @type {string[]} */
  const sent = [];
  /** @type {any[]} answers in order; anything after them succeeds */
  const answers = [];
  /** @type {Map<number, Change>} */
  const disk = new Map();
  let seq = 0;
  /** @param {string} text @param {string} id */
  async function reply(text, id) {
    sent.push(text);
    const answer = answers.shift();
    if (answer instanceof ApiError) throw answer;
    return answer === undefined ? annotation(id, { version: sent.length }) : answer;
  }
  /** @type {any[]} */
  const bodies = [];
  const api = /** @type {any} */ ({
    post: (/** @type {string} */ path, /** @type {any} */ body) => (bodies.push(body), reply(`POST ${path}`, body.id)),
    patch: (/** @type {string} */ path, /** @type {any} */ body) => (bodies.push(body), reply(`PATCH ${path} v${body.version}`, path.split("/")[2])),
    delete: (/** @type {string} */ path, /** @type {any} */ { query }) => reply(`DELETE ${path} v${query.version}`, "").then(() => null),
  });
  const outbox = {
    durable: true,
    elsewhere: 0,
    add: async (/** @type {Change} */ item) => {
      disk.set(++seq, item);
      return { ...item, seq };
    },
    update: async (/** @type {Change} */ item) => void (disk.has(item.seq ?? -1) && disk.set(item.seq ?? -1, { ...item })),
    remove: async (/** @type {Change} */ item) => void disk.delete(item.seq ?? -1),
    adopt: async () => [change("old", "create")],
  };
  const sync = createSync({ api, outbox, resolve, delay: () => 1 });
  /** @type {string[]} */
  const states = [];
  sync.on("status", ({ state, pending }) => states.push(`${state} ${pending}`));
  return { sync, sent, bodies, answers, disk, states };
}

test("a change is sent at once, kept until acknowledged, then forgotten", async () => {
  const { sync, sent, disk, states } = make();
  sync.submit(change("a", "create"));
  await Promise.resolve();
  assert.deepEqual(sent, ["POST /images/1/annotations"]);
  assert.equal(disk.size, 1);
  await settle();
  assert.equal(disk.size, 0);
  assert.deepEqual([states[0], states.at(-1)], ["saving 1", "saved 0"]);
});

test("changes of one object go in their order and with the version of the answer before", async () => {
  const { sync, sent } = make();
  sync.submit(change("a", "create"));
  sync.submit(change("a", "update"));
  sync.submit(change("a", "delete"));
  await Promise.resolve();
  assert.equal(sent.length, 1);
  await settle();
  assert.deepEqual(sent.slice(1), ["PATCH /annotations/a v1", "DELETE /annotations/a v2"]);
});

test("a page that is closed between two saves of one object leaves the second with the version of the first", async () => {
  const { sync, sent, answers, disk } = make();
  answers.push(annotation("a", { version: 2 }), down());
  sync.submit(change("a", "update"));
  sync.submit(change("a", "update"));
  while (sent.length < 2) await Promise.resolve();
  for (let turns = 0; turns < 50; turns++) await Promise.resolve();
  assert.deepEqual([...disk.values()].map(({ version }) => version), [2]);
});

test("without a network it waits, says so, and loses nothing", async () => {
  const { sync, sent, answers, states, disk } = make();
  answers.push(down(), down());
  sync.submit(change("a", "create"));
  sync.submit(change("b", "create"));
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.ok(states.includes("offline 2"));
  assert.equal(states.at(-1), "saved 0");
  assert.equal(sent.length, 4);
  assert.equal(disk.size, 0);
});

test("a conflict asks; mine is sent again on top of the current version", async () => {
  const { sync, sent, answers } = make();
  answers.push(stale(annotation("a", { version: 7, label: 2 })));
  sync.submit(change("a", "update"));
  await settle();
  assert.deepEqual(sent, ["PATCH /annotations/a v1", "PATCH /annotations/a v7"]);
});

for (const kind of /** @type {const} */ (["update", "create"])) {
  test(`mine, kept after a conflict over ${kind}, is the whole object as it was shown`, async () => {
    const { sync, bodies, answers } = make();
    answers.push(stale(annotation("a", { version: 7, rle: { size: [2, 2], counts: "theirs" } })));
    sync.submit(change("a", kind, { body: { label: 2 }, full: annotation("a", { label: 2 }) }));
    await settle();
    const { id, version, label, rle } = bodies[1];
    assert.deepEqual([id, version, label, rle.counts], [undefined, 7, 2, "x"]);
  });
}

test("a conflict asks; theirs drops what was built on mine", async () => {
  const { sync, sent, answers } = make({ resolve: async () => "theirs" });
  const current = annotation("a", { version: 7, label: 2 });
  answers.push(stale(current));
  /** @type {any} */
  let kept;
  sync.on("theirs", (event) => (kept = event.current));
  sync.submit(change("a", "update"));
  sync.submit(change("a", "update"));
  await settle();
  assert.equal(sent.length, 1);
  assert.equal(kept, current);
  assert.equal(sync.pending, 0);
});

test("an answer that was lost on the way is no conflict", async () => {
  const { sync, answers } = make({ resolve: () => assert.fail("asked") });
  answers.push(stale(annotation("a", { version: 2 })));
  sync.submit(change("a", "update"));
  await settle();
  assert.equal(sync.pending, 0);
});

test("what the server has of several changes is not asked about, nor sent again", async () => {
  const { sync, sent, answers, disk } = make({ resolve: () => assert.fail("asked") });
  const full = annotation("a", { label: 2 });
  answers.push(stale(annotation("a", { version: 4, label: 2 })));
  // Undone and done again; the page went before its outbox knew of the answers.
  sync.submit(change("a", "delete"));
  sync.submit(change("a", "create", { full }));
  sync.submit(change("a", "update", { full: annotation("a", { label: 3 }) }));
  await settle();
  assert.deepEqual(sent, ["DELETE /annotations/a v1", "PATCH /annotations/a v4"]);
  assert.deepEqual([sync.pending, disk.size], [0, 0]);
});

test("an update before a deletion that the server has is no conflict", async () => {
  const { sync, sent, answers } = make({ resolve: () => assert.fail("asked") });
  answers.push(new ApiError(404, "not_found", "gone"));
  /** @type {string[]} */
  const gone = [];
  sync.on("deleted", ({ id }) => gone.push(id));
  sync.submit(change("a", "update"));
  sync.submit(change("a", "delete"));
  await settle();
  assert.deepEqual([sent, gone, sync.pending], [["PATCH /annotations/a v1"], ["a"], 0]);
});

test("an earlier version is put back by the server itself; what is kept against another one is sent as it is", async () => {
  const { sync, sent, answers } = make({ resolve: async () => "mine" });
  sync.submit({ ...change("a", "update"), restores: { revision: 2, label: 1 } });
  await settle();
  assert.equal(sent[0], "POST /annotations/a/restore");
  answers.push(stale(annotation("b", { version: 7, label: 2 })));
  sync.submit({ ...change("b", "update"), restores: { revision: 2, label: 1 } });
  await settle();
  assert.deepEqual(sent.slice(1), ["POST /annotations/b/restore", "PATCH /annotations/b v7"]);
  assert.equal(sync.pending, 0);
});

test("my change of what another deleted makes it anew; deleting it twice is fine", async () => {
  const { sync, sent, answers } = make();
  answers.push(new ApiError(404, "not_found", "gone"));
  sync.submit(change("a", "update"));
  await settle();
  assert.equal(sent[1], "POST /images/1/annotations");
  answers.push(new ApiError(404, "not_found", "gone"));
  sync.submit(change("b", "delete"));
  await settle();
  assert.equal(sync.pending, 0);
});

test("a refusal is told of and not repeated", async () => {
  const { sync, sent, answers } = make();
  answers.push(new ApiError(422, "invalid", "No."));
  /** @type {string[]} */
  const refused = [];
  sync.on("rejected", ({ error }) => refused.push(error.code));
  sync.submit(change("a", "create"));
  await settle();
  assert.deepEqual([sent.length, refused, sync.pending], [1, ["invalid"], 0]);
});

test("what an earlier page left is sent", async () => {
  const { sync, sent } = make();
  const orphans = await sync.adopt();
  await settle();
  assert.equal(orphans.length, 1);
  assert.equal(sent.length, 1);
});

test("acknowledgements can be compared with the moment a list was asked for", async () => {
  const { sync } = make();
  const mark = sync.mark();
  sync.submit(change("a", "create"));
  assert.ok(sync.isPending("a"));
  await settle();
  assert.ok(!sync.isPending("a"));
  assert.ok(sync.acknowledgedAfter("a", mark));
  assert.ok(!sync.acknowledgedAfter("a", sync.mark()));
});
