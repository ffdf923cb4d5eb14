import assert from "node:assert/strict";
import { test } from "node:test";
import { createAccept } from "../../../../static/js/pages/annotate/accept.js";

const RLE = { size: [2, 3], counts: "06" };

/** @param {object} candidate */
async function accepted(candidate) {
  const created = [];
  const accept = createAccept({
    image: { width: 3, height: 2 },
    store: { activeLabel: 7, get: () => null },
    edits: { create: (content) => created.push(content) },
    model: "mobile_sam",
    ask: async () => null,
    toasts: {},
  });
  assert.equal(await accept({ candidate: { maskIndex: 2, score: 0.9, ...candidate }, prompts: {}, editing: null }), true);
  return created[0];
}

test("an object is of the model that made its mask", async () => {
  assert.equal((await accepted({ rle: RLE })).model, "mobile_sam");
  // The server may have another by now than when the page was opened.
  assert.equal((await accepted({ rle: RLE, model: "sam_vit_h-a7bf3b02-half" })).model, "sam_vit_h-a7bf3b02-half");
});

test("it has the mask, its size and its label", async () => {
  const { label, rle, bbox, area, candidate, score } = await accepted({ rle: RLE });
  assert.deepEqual({ label, rle, bbox, area, candidate, score }, { label: 7, rle: RLE, bbox: [0, 0, 3, 2], area: 6, candidate: 2, score: 0.9 });
});
