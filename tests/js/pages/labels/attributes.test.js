import assert from "node:assert/strict";
import { test } from "node:test";
import { lines, number } from "../../../../static/js/pages/labels/attribute_form.js";
import { describe } from "../../../../static/js/pages/labels/attributes.js";

/** @typedef {import("../../../../static/js/net/types.js").Attribute} Attribute */

const LABELS = [
  { id: 1, name: "cell", color: "#ff0000", order: 0 },
  { id: 2, name: "dust", color: "#00ff00", order: 1 },
];

/** @param {Partial<Attribute>} given @returns {Attribute} */
const made = (given) => ({ id: 1, name: "a", type: "text", required: false, default: null, options: [], min: null, max: null, labels: null, order: 0, ...given });

test("an attribute is told in a line", () => {
  assert.equal(describe(made({}), LABELS), "Text");
  assert.equal(describe(made({ type: "number", min: 0, default: 0 }), LABELS), "Number · from 0 · at first 0");
  assert.equal(describe(made({ type: "number", max: -1.5 }), LABELS), "Number · up to -1.5");
  assert.equal(describe(made({ type: "number", min: 0, max: 9 }), LABELS), "Number · 0 to 9");
  assert.equal(describe(made({ type: "checkbox", default: true }), LABELS), "Checkbox · ticked at first");
  assert.equal(describe(made({ type: "choice", options: ["a", "b"], labels: [2, 7] }), LABELS), "Choice · a, b · only dust");
  assert.equal(describe(made({ labels: [7] }), LABELS), "Text · of no label that is left");
});

test("choices are the lines that say something", () => {
  assert.deepEqual(lines(" left\r\n\n  right side \n"), ["left", "right side"]);
});

test("numbers are read as people type them", () => {
  assert.equal(number(" 1,5 ", "minimum"), 1.5);
  assert.equal(number("-2e3", "minimum"), -2000);
  assert.equal(number("  ", "minimum"), null);
  for (const text of ["one", "1 2", "Infinity", "1,2,3"]) assert.throws(() => number(text, "minimum"), /The minimum must be a number/);
});
