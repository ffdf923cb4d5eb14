import assert from "node:assert/strict";
import { test } from "node:test";
import { appliesTo, defaultsFor, missingOf, sameValues } from "../../../static/js/core/attributes.js";

/** @typedef {import("../../../static/js/net/types.js").Attribute} Attribute */

/** @param {string} name @param {Partial<Attribute>} more @returns {Attribute} */
const make = (name, more) => ({ id: 1, name, type: "text", required: false, default: null, options: [], min: null, max: null, labels: null, order: 0, ...more });

const PLATE = make("plate", { required: true, labels: [1] });
const SIDE = make("side", { type: "choice", options: ["left", "right"], default: "left" });
const TICK = make("occluded", { type: "checkbox", default: false });

test("attributes belong to all labels or to some", () => {
  assert.ok(appliesTo(SIDE, 2) && appliesTo(SIDE, null) && appliesTo(PLATE, 1));
  assert.ok(!appliesTo(PLATE, 2) && !appliesTo(PLATE, null));
});

test("a new object begins with the defaults of its label", () => {
  assert.deepEqual(defaultsFor([PLATE, SIDE, TICK], 1), { side: "left", occluded: false });
  assert.deepEqual(defaultsFor([make("n", { default: 0, labels: [3] })], 1), {});
});

test("required ones are missing while they are empty", () => {
  assert.deepEqual(missingOf([PLATE, SIDE], { label: 1, attributes: {} }), ["plate"]);
  assert.deepEqual(missingOf([PLATE], { label: 1, attributes: { plate: "  " } }), ["plate"]);
  assert.deepEqual(missingOf([PLATE], { label: 1, attributes: { plate: "0" } }), []);
  assert.deepEqual(missingOf([make("n", { type: "number", required: true })], { label: 1, attributes: { n: 0 } }), []);
  assert.deepEqual(missingOf([PLATE], { label: 2, attributes: {} }), []);
});

test("values are the same in whatever order their keys come", () => {
  assert.ok(sameValues({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }));
  for (const [a, b] of [[{ a: 1 }, { b: 1 }], [{ a: 1 }, { a: 1, b: 2 }], [[1], { 0: 1 }], [null, {}], [1, "1"], [undefined, null], [[1, 2], [1]]]) {
    assert.ok(!sameValues(a, b), JSON.stringify([a, b]));
  }
});
