import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, backoff, createApi, isRetriable, readCookie } from "../../../static/js/net/api.js";

/** An API whose answers are given in order; records the requests. */
function fakeApi(...answers) {
  const calls = [];
  const waits = [];
  const api = createApi({
    csrf: () => "token",
    sleep: async (ms) => void waits.push(ms),
    fetch: async (url, init) => {
      calls.push({ url, ...init });
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { api, calls, waits };
}

const json = (body, status = 200, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });

test("a POST carries JSON and the CSRF token", async () => {
  const { api, calls } = fakeApi(json({ id: 1 }, 201));
  assert.deepEqual(await api.post("/projects", { name: "a" }), { id: 1 });
  assert.equal(calls[0].url, "/api/projects");
  assert.equal(calls[0].headers["X-CSRFToken"], "token");
  assert.equal(calls[0].body, '{"name":"a"}');
});

test("an error answer becomes an ApiError with code, message, field and body", async () => {
  const body = { error: { code: "stale_version", message: "Changed meanwhile.", field: "version" }, current: { id: "x" } };
  const { api } = fakeApi(json(body, 409));
  const error = await api.patch("/annotations/x", {}).catch((e) => e);
  assert.ok(error instanceof ApiError);
  assert.deepEqual([error.status, error.code, error.field, error.body.current.id], [409, "stale_version", "version", "x"]);
  assert.equal(error.message, "Changed meanwhile.");
});

test("an HTML error page still says something readable", async () => {
  const { api } = fakeApi(new Response("<h1>no</h1>", { status: 507 }));
  const error = await api.post("/x", {}).catch((e) => e);
  assert.equal(error.code, "http_507");
  assert.match(error.message, /disk space/);
});

test("a GET is tried again after a network failure and honours Retry-After", async () => {
  const { api, waits, calls } = fakeApi(new TypeError("down"), json({}, 503, { "Retry-After": "3" }), json({ ok: true }));
  assert.deepEqual(await api.get("/me"), { ok: true });
  assert.equal(calls.length, 3);
  assert.equal(waits[1], 3000);
});

test("an unsafe request is not repeated by itself", async () => {
  const { api, calls } = fakeApi(new TypeError("down"), json({}));
  const error = await api.post("/x", {}).catch((e) => e);
  assert.equal(calls.length, 1);
  assert.equal(error.code, "network");
  assert.ok(isRetriable(error));
});

test("a refusal is never retried", async () => {
  const { api, calls } = fakeApi(json({ error: { code: "not_found", message: "Gone." } }, 404), json({}));
  await assert.rejects(api.get("/x"), { code: "not_found" });
  assert.equal(calls.length, 1);
});

test("cancelling is told apart from a lost network", async () => {
  const control = new AbortController();
  control.abort();
  const { api } = fakeApi(new DOMException("aborted", "AbortError"));
  const error = await api.get("/x", { signal: control.signal }).catch((e) => e);
  assert.equal(error.code, "aborted");
  assert.ok(!isRetriable(error));
});

test("204 is null, and all() walks the pages", async () => {
  const { api, calls } = fakeApi(
    new Response(null, { status: 204 }),
    json({ items: [1, 2], next: "c" }),
    json({ items: [3], next: null }),
  );
  assert.equal(await api.delete("/x"), null);
  assert.deepEqual(await api.all("/images/1/annotations"), [1, 2, 3]);
  assert.match(calls[2].url, /cursor=c/);
});

test("backoff grows, stays under its ceiling and never collapses to zero", () => {
  for (let attempt = 0; attempt < 40; attempt++) {
    const low = backoff(attempt, { random: () => 0 });
    const high = backoff(attempt, { random: () => 1 });
    assert.ok(low >= 250 && high <= 15000 && low <= high);
  }
  assert.ok(backoff(3, { random: () => 0 }) > backoff(0, { random: () => 1 }));
});

test("readCookie finds the exact name", () => {
  assert.equal(readCookie("csrftoken", "xcsrftoken=no; csrftoken=a%3Db; z=1"), "a=b");
  assert.equal(readCookie("none", "a=1"), "");
});
