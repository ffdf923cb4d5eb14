import assert from "node:assert/strict";
import { test } from "node:test";
import { agreement } from "../../../static/js/pages/reprediction/card.js";
import { groups } from "../../../static/js/pages/reprediction/problems.js";
import { isWorking } from "../../../static/js/pages/reprediction/status.js";

test("agreement is never rounded up", () => {
  assert.deepEqual([1, 0.99999, 0.9123, 0.0154, 0].map(agreement), ["100 %", "99.9 %", "91.2 %", "1.5 %", "0 %"]);
});

test("a re-prediction works while it is queued or runs", () => {
  const reprediction = /** @type {any} */ ({});
  assert.deepEqual(["Queued", "Running", "Completed", "Failed"].map((status) => isWorking({ ...reprediction, status })), [true, true, false, false]);
});

test("objects of one image with one reason go together", () => {
  const problem = (/** @type {number} */ image, /** @type {string} */ message) => ({ annotation: "a", image, code: "c", message });
  assert.deepEqual(groups([problem(1, "Gone."), problem(2, "Gone."), problem(1, "Gone."), problem(1, "Small.")]), [
    { image: 1, message: "Gone.", count: 2 },
    { image: 2, message: "Gone.", count: 1 },
    { image: 1, message: "Small.", count: 1 },
  ]);
});
