import assert from "node:assert/strict";
import { test } from "node:test";
import { pick } from "../../../static/js/tools/select.js";

test("the smallest object first, then the next with each click on the same place", () => {
  const hits = ["small", "middle", "large"];
  assert.equal(pick(hits, null, false), "small");
  assert.equal(pick(hits, "small", true), "middle");
  assert.equal(pick(hits, "large", true), "small");
  assert.equal(pick(hits, "small", false), "small");
  assert.equal(pick(hits, "elsewhere", true), "small");
  assert.equal(pick([], "small", true), null);
});
