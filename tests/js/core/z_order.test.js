import assert from "node:assert/strict";
import { test } from "node:test";
import { byZOrder, restack } from "../../../static/js/core/z_order.js";

/** @typedef {import("../../../static/js/core/z_order.js").Stacked} Stacked */
/** @typedef {import("../../../static/js/core/z_order.js").Move} Move */

const START = 1_767_225_600_000;

/** Objects made one after the other, in their order. @param {string} names @param {number} [apart] @returns {Stacked[]} */
const made = (names, apart = 1000) => [...names].map((id, k) => ({ id, createdTime: START + k * apart, z: null }));

/** @param {Stacked[]} list @param {string} chosen @param {Move} move */
function after(list, chosen, move) {
  const changed = restack(list, new Set(chosen), move);
  const next = list.map((one) => ({ ...one, z: changed.get(one.id) ?? one.z })).sort(byZOrder);
  return { order: next.map(({ id }) => id).join(""), changed: [...changed.keys()].sort().join(""), next };
}

test("each move gives the order that it says, and changes the moved ones alone", () => {
  for (const [chosen, move, order] of /** @type {[string, Move, string][]} */ ([
    ["b", "forward", "acbde"], ["b", "backward", "bacde"], ["b", "front", "acdeb"], ["d", "back", "dabce"],
    ["bd", "forward", "acbed"], ["bc", "forward", "adbce"], ["bd", "backward", "badce"], ["ae", "front", "bcdae"],
    ["ce", "back", "ceabd"], ["bcd", "backward", "bcdae"],
  ])) {
    const found = after(made("abcde"), chosen, move);
    assert.equal(found.order, order, `${chosen} ${move}`);
    assert.ok([...found.changed].every((id) => chosen.includes(id)), `${chosen} ${move} changes ${found.changed}`);
  }
});

test("what is at the end already stays, and nothing is sent", () => {
  for (const [chosen, move] of /** @type {[string, Move][]} */ ([["e", "front"], ["e", "forward"], ["a", "back"], ["ab", "backward"], ["abcde", "front"], ["", "front"]])) {
    assert.equal(restack(made("abcde"), new Set(chosen), move).size, 0, `${chosen} ${move}`);
  }
});

test("objects of one moment part, with as few others as can be", () => {
  const list = [...made("ab", 0), { id: "c", createdTime: START, z: null }, { id: "d", createdTime: START + 5000, z: null }];
  const { order, changed } = after(list, "a", "forward");
  assert.equal(order, "bacd");
  assert.equal(changed, "ac", "the one above makes room, those elsewhere do not");
  assert.equal(after(list, "c", "backward").order, "acbd");
});

test("a hundred moves between the same two still find a place", () => {
  let list = made("abcd", 1);
  for (let k = 0; k < 100; k++) {
    const { next, order } = after(list, "b", k % 2 ? "backward" : "forward");
    assert.equal(order, k % 2 ? "abcd" : "acbd");
    list = next;
  }
  for (let k = 0; k < 100; k++) list = after(list, k % 2 ? "b" : "c", "forward").next;
  assert.equal(new Set(list.map(({ z, createdTime }) => z ?? createdTime)).size, 4);
});

test("what is made later comes in front of what was moved to the front", () => {
  const { next } = after(made("abc"), "a", "front");
  const list = [...next, { id: "n", createdTime: START + 60_000, z: null }].sort(byZOrder);
  assert.equal(list.map(({ id }) => id).join(""), "bcan");
});

test("a thousand objects of one moment are put in order at once", () => {
  const list = Array.from({ length: 1000 }, (_, k) => ({ id: String(k), createdTime: START, z: null }));
  const changed = restack(list, new Set(["0"]), "front");
  assert.deepEqual([...changed.keys()], ["0"]);
  assert.equal(restack(list, new Set(["0"]), "forward").size, 999);
});
