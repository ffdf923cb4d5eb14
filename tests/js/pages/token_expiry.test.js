import assert from "node:assert/strict";
import { test } from "node:test";
import { expiresTime, expiryState } from "../../../static/js/pages/token_expiry.js";

const DAY = 86_400_000;
const now = new Date("2030-06-15T12:00:00").getTime();

test("the form's choice becomes a moment", () => {
  assert.equal(expiresTime("never", "", now), null);
  assert.equal(expiresTime("90", "", now), now + 90 * DAY);
  assert.equal(expiresTime("date", "2030-06-15", now), new Date("2030-06-15T23:59:59").getTime());
  assert.throws(() => expiresTime("date", "2030-06-14", now), /over/);
  assert.throws(() => expiresTime("date", "", now), /Choose/);
});

test("the list says how long a token lasts", () => {
  const words = (/** @type {number} */ left) => expiryState(now + left, now);
  assert.deepEqual(expiryState(null, now), { kind: "none", text: "never expires" });
  assert.deepEqual(words(0), { kind: "expired", text: "expired" });
  assert.deepEqual(words(-DAY), { kind: "expired", text: "expired" });
  assert.deepEqual(words(60_000), { kind: "soon", text: "expires in 1 hour" });
  assert.deepEqual(words(5 * 3_600_000), { kind: "soon", text: "expires in 5 hours" });
  assert.deepEqual(words(13 * DAY), { kind: "soon", text: "expires in 13 days" });
  assert.deepEqual(words(30 * DAY), { kind: "good", text: "expires in 30 days" });
  assert.deepEqual(words(90 * DAY), { kind: "good", text: "expires in 3 months" });
  assert.deepEqual(words(365 * DAY), { kind: "good", text: "expires in 12 months" });
  assert.deepEqual(words(3650 * DAY), { kind: "good", text: "expires in 10 years" });
});
