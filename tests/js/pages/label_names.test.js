import assert from "node:assert/strict";
import { test } from "node:test";
import { hueColor, nextColor, parseNames, withColors } from "../../../static/js/pages/label_names.js";

test("a pasted list becomes names, each once", () => {
  assert.deepEqual(parseNames("cat, dog;bird\n  red   kite \r\ncat\towl,,\n", ["dog"]), ["cat", "bird", "red kite", "owl"]);
  assert.deepEqual(parseNames(" \n, "), []);
  assert.equal(parseNames("x".repeat(300))[0].length, 100);
});

test("colours come from the palette first and never repeat", () => {
  const palette = ["#ff0000", "#00ff00"];
  assert.equal(nextColor(palette, ["#FF0000"]), "#00ff00");
  const used = [];
  for (let n = 0; n < 60; n++) used.push(nextColor(palette, used));
  assert.equal(new Set(used).size, 60);
  for (const color of used) assert.match(color, /^#[0-9a-f]{6}$/);
});

test("hues are where they belong", () => {
  const [red, green, blue] = [0, 120, 240].map((hue) => hueColor(hue, 0.5));
  assert.ok(red.startsWith("#d") && red.endsWith("2020"), red);
  assert.match(green, /^#20d.20$/);
  assert.match(blue, /^#2020d.$/);
});

test("a name keeps its colour while others are typed before it", () => {
  const known = new Map();
  const palette = ["#ff0000", "#00ff00", "#0000ff"];
  assert.deepEqual(withColors(["cat"], palette, known), [{ name: "cat", color: "#ff0000" }]);
  assert.deepEqual(withColors(["ant", "cat"], palette, known, ["#00ff00"]), [
    { name: "ant", color: "#0000ff" },
    { name: "cat", color: "#ff0000" },
  ]);
});
