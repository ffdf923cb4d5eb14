import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, EVERYTHING, narrows, numbersOf, range } from "../../../static/js/core/listing.js";

/** @typedef {import("../../../static/js/net/types.js").Annotation} Annotation */
/** @typedef {import("../../../static/js/core/listing.js").Flag} Flag */

const NAMES = ["", "cell", "dust"];
/** @param {string} id @param {number} time @param {Partial<Annotation>} more */
const make = (id, time, more = {}) => /** @type {Annotation} */ ({ id, createdTime: time, label: 1, area: 10, score: null, author: "ann", source: "smart", attributes: {}, ...more });

// Back to front: c was moved behind the others.
const LIST = [
  make("c", 30, { z: 1, area: 500, label: 2, author: "ben" }),
  make("a", 10, { area: 90, score: 0.4, attributes: { plate: "AB 13", side: "left" } }),
  make("b", 20, { area: 7, score: 0.9, author: null, source: "brush" }),
];
/** @type {Record<string, Flag[]>} */
const FLAGS = { b: ["small"], c: ["border", "locked"] };
const about = {
  label: (/** @type {number | null} */ id) => NAMES[id ?? 0],
  order: (/** @type {number | null} */ id) => id ?? 0,
  flags: (/** @type {Annotation} */ { id }) => FLAGS[id] ?? [],
};
const NUMBERS = numbersOf(LIST);
/** @param {Partial<import("../../../static/js/core/listing.js").Filter>} filter */
const shown = (filter) => arrange(LIST, { ...EVERYTHING, ...filter }, about, NUMBERS).map(({ id }) => id).join("");

test("objects are numbered in the order of making, whatever lies in front", () => {
  assert.deepEqual([...NUMBERS], [["a", 1], ["b", 2], ["c", 3]]);
});

test("every order", () => {
  assert.equal(shown({}), "abc");
  assert.equal(shown({ sort: "newest" }), "cba");
  assert.equal(shown({ sort: "front" }), "bac");
  assert.equal(shown({ sort: "label" }), "abc");
  assert.equal(shown({ sort: "smallest" }), "bac");
  assert.equal(shown({ sort: "largest" }), "cab");
  assert.equal(shown({ sort: "score" }), "abc");
  assert.deepEqual(LIST.map(({ id }) => id), ["c", "a", "b"], "the list itself stays");
});

test("text finds label, number, author, tool and attributes, every word of it", () => {
  assert.equal(shown({ text: "CELL" }), "ab");
  assert.equal(shown({ text: "cell 2" }), "b", "2 is its number");
  assert.equal(shown({ text: "ben" }), "c");
  assert.equal(shown({ text: "brush" }), "b");
  assert.equal(shown({ text: "side left" }), "a");
  assert.equal(shown({ text: "nothing" }), "");
});

test("label, author and flags narrow the list down together", () => {
  assert.equal(shown({ label: 2 }), "c");
  assert.equal(shown({ author: "" }), "b");
  assert.equal(shown({ flags: ["small", "locked"] }), "bc", "any of the flags");
  assert.equal(shown({ flags: ["small", "locked"], label: 2 }), "c");
  assert.ok(!narrows({ ...EVERYTHING, sort: "front", text: " " }) && narrows({ ...EVERYTHING, flags: ["small"] }));
});

test("a range runs both ways, and begins anew where its start is gone", () => {
  assert.deepEqual(range(["a", "b", "c", "d"], "b", "d"), ["b", "c", "d"]);
  assert.deepEqual(range(["a", "b", "c", "d"], "c", "a"), ["c", "b", "a"]);
  assert.deepEqual(range(["a", "b"], "x", "b"), ["b"]);
  assert.deepEqual(range(["a", "b"], null, "a"), ["a"]);
});
