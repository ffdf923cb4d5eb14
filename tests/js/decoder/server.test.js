import assert from "node:assert/strict";
import { test } from "node:test";
import { createServerDecoder } from "../../../static/js/decoder/server.js";

const ONE = { points: [{ x: 1, y: 2, label: 1 }], box: null };
const MASK = { candidate: 2, score: 0.9, rle: { size: [2, 3], counts: "06" }, bbox: [0, 0, 3, 2], area: 6 };
const tick = () => new Promise((resolve) => setImmediate(resolve));

function make(answers) {
  const asked = [];
  let listener = null;
  const api = {
    async post(path, json) {
      asked.push(`POST ${path} ${JSON.stringify(json)}`);
      return { id: 5, status: "Queued" };
    },
    async get(path) {
      asked.push(`GET ${path}`);
      return answers.shift();
    },
  };
  const onJob = (given) => {
    listener = given;
    return () => (listener = null);
  };
  const decoder = createServerDecoder({ imageId: 3, api, onJob });
  return { decoder, asked, tell: (event) => listener(event), subscribed: () => listener !== null };
}

const completed = { id: 5, status: "Completed", result: { masks: [MASK], model: "mobile_sam" } };

test("a question is a job; its event fetches the masks at once", async () => {
  const { decoder, asked, tell } = make([completed]);
  const result = decoder.commit(ONE);
  await tick();
  tell({ id: 5, status: "Running" });
  assert.equal(asked.length, 1);
  tell({ id: 5, status: "Completed" });
  const { candidates, ms } = await result;
  assert.deepEqual(candidates, [{ maskIndex: 2, score: 0.9, rle: MASK.rle, model: "mobile_sam" }]);
  assert.equal(typeof ms, "number");
  assert.deepEqual(asked, [`POST /images/3/segment ${JSON.stringify(ONE)}`, "GET /jobs/5"]);
});

test("an event that comes before the answer to the request counts", async () => {
  const { decoder, asked, tell } = make([completed]);
  const result = decoder.commit(ONE);
  tell({ id: 5, status: "Completed" });
  await result;
  assert.equal(asked.length, 2);
});

test("without events the job is asked for", async () => {
  const { decoder, asked } = make([{ id: 5, status: "Running" }, completed]);
  const { candidates } = await decoder.preview(ONE);
  assert.match(asked[0], /"preview":true/);
  assert.equal(candidates.length, 1);
  assert.equal(asked.length, 3);
});

test("a failed job rejects with its reason", async () => {
  const { decoder, tell } = make([{ id: 5, status: "Failed", error: { code: "x", message: "The worker has no model." } }]);
  const result = decoder.commit(ONE);
  await tick();
  tell({ id: 5, status: "Failed" });
  await assert.rejects(result, /no model/);
});

test("it says what it is, and disposing ends its subscription", () => {
  const { decoder, subscribed } = make([]);
  assert.deepEqual([decoder.kind, decoder.detail], ["server", "server"]);
  decoder.dispose();
  assert.equal(subscribed(), false);
});
