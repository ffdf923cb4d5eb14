import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, duration, percent, plural } from "../../../static/js/ui/format.js";

test("sizes and numbers are short", () => {
  assert.deepEqual([0, 999, 1000, 12_345, 2_500_000, 45_000_000, 3.2e9].map(bytes), ["0 B", "999 B", "1.0 kB", "12 kB", "2.5 MB", "45 MB", "3.2 GB"]);
  assert.equal(plural(1, "image"), "1 image");
  assert.equal(plural(1234, "image"), "1,234 images");
  // Never 100 % before the end.
  assert.deepEqual([0, 0.5, 0.999, 1, 2].map(percent), ["0 %", "50 %", "99 %", "100 %", "100 %"]);
});

test("times are told as people do", () => {
  assert.deepEqual([12, 1500, 42_000, 125_000, 3_700_000].map(duration), ["12 ms", "1.5 s", "42 s", "2 min 5 s", "1 h 1 min"]);
  const now = 1_000_000_000_000;
  assert.equal(ago(now - 3000, now), "just now");
  assert.equal(ago(now - 3 * 60_000, now), "3 minutes ago");
  assert.equal(ago(now - 26 * 3_600_000, now), "yesterday");
  assert.equal(ago(now - 400 * 86_400_000, now), "last year");
});
