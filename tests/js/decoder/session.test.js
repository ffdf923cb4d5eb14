import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createPromptSession } from "../../../static/js/decoder/session.js";

const shared = JSON.parse(await readFile(new URL("../../fixtures/prompts_session.json", import.meta.url), "utf8"));
const IMAGE = { width: shared.width, height: shared.height };
const point = (x, y, label = 1, candidate = undefined) => ({ x, y, label, ...(candidate !== undefined && { candidate }) });

/** The centre about which the shared formula's masks lie. */
function centreOf({ coords, labels }) {
  const rows = [...labels].map((label, i) => ({ label, x: coords[2 * i], y: coords[2 * i + 1] }));
  const click = rows.findLast((row) => row.label === 1);
  if (click) return click;
  const [a, b] = rows.filter((row) => row.label >= 2);
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function plane(radius, { x, y }) {
  const distance = (i) => Math.max(Math.abs(4 * (i % 256) + 2 - x), Math.abs(4 * (i >> 8) + 2 - y));
  return Float32Array.from({ length: 65536 }, (_, i) => radius - distance(i));
}

/** A decoder that answers by the formula and notes what it was asked. */
function formula(answers) {
  const asked = [];
  let before = [];
  async function decode(question) {
    const maskInput = question.maskInput ? before.indexOf(question.maskInput) : null;
    const { scores, radii } = answers[Math.min(asked.length, answers.length - 1)];
    const pairs = [...question.labels].map((_, i) => [question.coords[2 * i], question.coords[2 * i + 1]]);
    asked.push({ coords: pairs, labels: [...question.labels], memory: maskInput });
    before = radii.map((radius) => plane(radius, centreOf(question)));
    return { logits: before, scores };
  }
  return { asked, decode };
}

for (const { name, prompts, answers, asked, tokens: maskIndices } of shared.cases) {
  test(name, async () => {
    const decoder = formula(answers);
    const candidates = await createPromptSession(IMAGE, decoder.decode).run(prompts);
    assert.deepEqual(decoder.asked, asked);
    assert.deepEqual(candidates.map((candidate) => candidate.maskIndex), maskIndices);
    const scores = answers.at(-1).scores;
    for (const { maskIndex, score } of candidates) assert.equal(score, scores[maskIndex]);
  });
}

const ONE = [{ scores: [0.9, 0.7, 0.95, 0.8], radii: [80, 40, 80, 160] }];

/** How many decodes each of the actions costs. */
function counting() {
  const decoder = formula(ONE);
  const session = createPromptSession(IMAGE, decoder.decode);
  return async (prompts, options) => {
    const before = decoder.asked.length;
    const candidates = await session.run({ box: null, ...prompts }, options);
    return { cost: decoder.asked.length - before, candidates };
  };
}

test("each further click costs one decode; undo, redo and repeats none", async () => {
  const run = counting();
  const clicks = [point(100, 100), point(120, 100), point(140, 100, 0)];
  assert.equal((await run({ points: clicks.slice(0, 1) })).cost, 1);
  assert.equal((await run({ points: clicks.slice(0, 2) })).cost, 1);
  assert.equal((await run({ points: clicks })).cost, 1);
  assert.equal((await run({ points: clicks.slice(0, 1) })).cost, 0);
  assert.equal((await run({ points: clicks })).cost, 0);
});

test("a hover after clicks costs one decode, and clicking what was seen none", async () => {
  const run = counting();
  const clicks = [point(100, 100), point(120, 100)];
  await run({ points: clicks });
  const hovered = { points: [...clicks, point(150, 100)] };
  assert.equal((await run(hovered, { preview: true })).cost, 1);
  assert.equal((await run(hovered)).cost, 0);
  assert.equal((await run({ points: clicks })).cost, 0);
  assert.equal((await run(hovered)).cost, 0);
});

test("a hover that was passed is forgotten, committed prompts are not", async () => {
  const run = counting();
  const clicks = [point(100, 100)];
  await run({ points: clicks });
  const preview = (x) => run({ points: [...clicks, point(x, 50)] }, { preview: true });
  assert.equal((await preview(10)).cost, 1);
  assert.equal((await preview(20)).cost, 1);
  assert.equal((await preview(20)).cost, 0);
  assert.equal((await preview(10)).cost, 1);
  assert.equal((await run({ points: clicks }, { preview: true })).cost, 0);
  assert.equal((await run({ points: clicks })).cost, 0, "a preview of committed prompts must not forget them");
});

test("choosing a candidate costs nothing, and the next step goes on from it", async () => {
  const run = counting();
  await run({ points: [point(100, 100)] });
  const chosen = await run({ points: [point(100, 100, 1, 3)] });
  assert.equal(chosen.cost, 0);
  assert.equal(chosen.candidates[0].maskIndex, 3);
  const next = [point(100, 100, 1, 3), point(120, 100)];
  assert.equal((await run({ points: next })).cost, 1);
  assert.equal((await run({ points: [point(100, 100, 1, 1), point(120, 100)] })).cost, 1, "another choice, another mask input");
});

test("an object with many prompts keeps a bounded number of answers", async () => {
  const run = counting();
  const many = Array.from({ length: 40 }, (_, i) => point(i, i));
  assert.equal((await run({ points: many })).cost, 40);
  assert.equal((await run({ points: many })).cost > 0, true);
});
