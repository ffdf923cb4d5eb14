import assert from "node:assert/strict";
import { test } from "node:test";
import { areaOf, intersect, union } from "../../../static/js/geometry/spans.js";
import { split } from "../../../static/js/geometry/split.js";
import { createRandom, drawn, pixels, randomMasks, text, toSpans, toText } from "../support/pixels.js";

test("a disc is cut into what lies on either side of the line", () => {
  const random = createRandom(17);
  for (let round = 0; round < 80; round++) {
    const [width, height] = [50, 44];
    const [cx, cy, r] = [25, 22, 10 + random() * 9];
    const disc = pixels(width, height, (x, y) => Math.hypot(x + 0.5 - cx, y + 0.5 - cy) < r);
    const angle = random() * 2 * Math.PI;
    const off = (random() - 0.5) * r;
    // From somewhere near one edge to somewhere near the other: inside or outside, it is taken on.
    const [near, far] = [r * (0.5 + random()), r * (0.5 + random())];
    const from = { x: cx + Math.cos(angle) * near - Math.sin(angle) * off, y: cy + Math.sin(angle) * near + Math.cos(angle) * off };
    const to = { x: cx - Math.cos(angle) * far - Math.sin(angle) * off, y: cy - Math.sin(angle) * far + Math.cos(angle) * off };
    const halves = split(toSpans(disc), from, to, disc);
    assert.ok(halves);
    const side = (/** @type {number} */ x, /** @type {number} */ y) => (to.x - from.x) * (y + 0.5 - from.y) - (to.y - from.y) * (x + 0.5 - from.x) > 0;
    assert.equal(toText(halves[0], disc), text(pixels(width, height, (x, y) => disc.at(x, y) && side(x, y))));
    assert.equal(toText(halves[1], disc), text(pixels(width, height, (x, y) => disc.at(x, y) && !side(x, y))));
  }
});

test("no pixel is lost and none doubled, whatever the mask", () => {
  const random = createRandom(23);
  let cut = 0;
  for (const mask of randomMasks(150, 5)) {
    const place = () => ({ x: random() * mask.width, y: random() * mask.height });
    const spans = toSpans(mask);
    const halves = split(spans, place(), place(), mask);
    if (!halves) continue;
    cut++;
    assert.deepEqual(union(...halves), spans);
    assert.equal(areaOf(intersect(...halves)), 0);
  }
  assert.ok(cut > 40);
});

test("a limb that the drawn line does not reach stays with its body", () => {
  const mask = drawn("##....## ##....## ######## ########");
  const halves = split(toSpans(mask), { x: -1, y: 1 }, { x: 3, y: 1 }, mask);
  assert.ok(halves);
  assert.equal(toText(halves[1], mask), text(drawn("##...... ........ ........ ........")));
});

test("upright and level lines between pixels cut there", () => {
  const mask = pixels(6, 6, () => true);
  const left = text(pixels(6, 6, (x) => x < 2));
  const upright = split(toSpans(mask), { x: 2, y: 1 }, { x: 2, y: 4 }, mask);
  assert.deepEqual(upright?.map((half) => toText(half, mask)).includes(left), true);
  const top = text(pixels(6, 6, (_, y) => y < 4));
  const level = split(toSpans(mask), { x: 5, y: 4 }, { x: 1, y: 4 }, mask);
  assert.deepEqual(level?.map((half) => toText(half, mask)).includes(top), true);
});

test("parts that lie apart go each to its side", () => {
  const mask = drawn("#..#.. #..#.#");
  const halves = split(toSpans(mask), { x: 2, y: 0 }, { x: 2, y: 2 }, mask);
  assert.deepEqual(halves?.map(areaOf).sort(), [2, 3]);
});

test("a line that does not come out again, or misses, divides nothing", () => {
  const ring = drawn("##### #...# #...# #...# #####");
  assert.equal(split(toSpans(ring), { x: 2.5, y: 2.5 }, { x: 2.5, y: -1 }, ring), null);
  assert.equal(split(toSpans(ring), { x: 2.2, y: 2.2 }, { x: 2.2, y: 2.2 }, ring), null);
  const corner = drawn("##.. ##.. .... ....");
  assert.equal(split(toSpans(corner), { x: 3, y: 0 }, { x: 3, y: 4 }, corner), null);
});
