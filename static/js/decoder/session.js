/**
 * Prompts in their order, each decoded with the mask before it as its input. The rules are those of the server
 * (`annotations/engines/session.py`); `tests/fixtures/prompts_session.json` holds both to them.
 *
 * - One point and nothing else: masks 1 to 3, the best score first.
 * - A box alone: mask 0.
 * - Each further point feeds the chosen mask's logits back. Right after a person chose among the first candidates the
 *   mask that satisfies most clicks follows (ties: the highest IoU with the mask before), so that the choice lasts;
 *   else mask 0.
 * - A person's own choice always counts.
 *
 * Answers are kept by what was asked: one more prompt costs one decode, taking it back or choosing a candidate none.
 * @module decoder/session
 */
import { containsPoint, lowResIou, toFrame } from "./frame.js";

/** @typedef {import("../net/types.js").Prompts} Prompts */
/** @typedef {import("../net/types.js").PromptPoint} PromptPoint */
/** @typedef {import("../net/types.js").PromptBox} PromptBox */
/** @typedef {import("./frame.js").Size} Size */

/**
 * One question to the decoder: rows of coordinates in the 1024-pixel frame and their labels (1 object, 0 background,
 * 2 and 3 a box's corners, -1 padding), and the logits to go on from.
 * @typedef {{coords: Float32Array, labels: Float32Array, maskInput: Float32Array | null}} DecoderPrompt
 */

/** @typedef {{logits: Float32Array[], scores: ArrayLike<number>}} DecoderAnswer four masks of 256 × 256, by their indices */

/** @typedef {{maskIndex: number, logits: Float32Array, score: number}} Candidate */

/** @typedef {(prompt: DecoderPrompt) => Promise<DecoderAnswer>} Decode */

/** @typedef {{box: PromptBox | null, points: PromptPoint[]}} Step all prompts up to this step */

/** Each answer holds 1 MB of logits. */
const MAX_ANSWERS = 32;
const MASK_INDICES = [0, 1, 2, 3];
/** With one click and nothing else, mask 0 is the average of what it can mean. */
const AMBIGUOUS = [1, 2, 3];

/** @param {Prompts} prompts @returns {Step[]} */
function stepsOf({ points, box }) {
  const steps = points.map((_, index) => ({ box, points: points.slice(0, index + 1) }));
  return box ? [{ box, points: [] }, ...steps] : steps;
}

/** What the person chose after the step's last prompt. @param {Step} step */
function choiceAt({ box, points }) {
  return (points.at(-1) ?? box)?.candidate ?? null;
}

/** What the decoder's answer to a step depends on: all prompts, and the choices before the last one. @param {Step} step */
function keyOf({ box, points }) {
  const rows = points.map((p, index) => [p.x, p.y, p.label, index < points.length - 1 ? (p.candidate ?? null) : null]);
  const corners = box && [box.x0, box.y0, box.x1, box.y1, points.length ? (box.candidate ?? null) : null];
  return JSON.stringify([corners, rows]);
}

/** @param {Step} step @param {Size} image @param {Float32Array | null} maskInput @returns {DecoderPrompt} */
function question({ box, points }, image, maskInput) {
  /** @type {[number, number, number][]} */
  const rows = points.map((point) => [...toFrame(point, image), point.label]);
  if (box) {
    rows.push([...toFrame({ x: box.x0, y: box.y0 }, image), 2]);
    rows.push([...toFrame({ x: box.x1, y: box.y1 }, image), 3]);
  } else {
    // The decoder was exported to expect a padding row where there is no box.
    rows.push([0, 0, -1]);
  }
  return {
    coords: Float32Array.from(rows.flatMap(([x, y]) => [x, y])),
    labels: Float32Array.from(rows, (row) => row[2]),
    maskInput,
  };
}

/** The first of the masks with the greatest values, compared one after the other. @param {number[]} maskIndices @param {(maskIndex: number) => number[]} values */
function best(maskIndices, values) {
  let winner = maskIndices[0];
  let most = values(winner);
  for (const maskIndex of maskIndices.slice(1)) {
    const own = values(maskIndex);
    const at = own.findIndex((value, index) => value !== most[index]);
    if (at >= 0 && own[at] > most[at]) [winner, most] = [maskIndex, own];
  }
  return winner;
}

/** How many clicks lie on the side of the mask's border that they ask for. @param {Float32Array} logits @param {PromptPoint[]} points @param {Size} image */
function satisfied(logits, points, image) {
  return points.filter((point) => containsPoint(logits, point, image) === (point.label === 1)).length;
}

/**
 * The index of the mask that the session goes on with.
 * @param {DecoderAnswer} answer
 * @param {Step[]} steps up to the answered one
 * @param {Float32Array | null} maskInput
 * @param {Size} image
 */
function choose(answer, steps, maskInput, image) {
  const step = steps[steps.length - 1];
  const own = choiceAt(step);
  if (own !== null) return own;
  if (!maskInput) return step.box ? 0 : best(AMBIGUOUS, (maskIndex) => [answer.scores[maskIndex]]);
  if (steps.length === 2 && choiceAt(steps[0]) !== null) {
    return best(MASK_INDICES, (maskIndex) => {
      const logits = answer.logits[maskIndex];
      return [satisfied(logits, step.points, image), lowResIou(logits, maskInput)];
    });
  }
  return 0;
}

/**
 * The chosen candidate, then the others by score.
 * @param {DecoderAnswer} answer
 * @param {Step} step
 * @param {number} chosen
 * @returns {Candidate[]}
 */
function ordered(answer, step, chosen) {
  const offered = !step.box && step.points.length === 1 ? AMBIGUOUS : MASK_INDICES;
  const others = offered.filter((maskIndex) => maskIndex !== chosen).sort((a, b) => answer.scores[b] - answer.scores[a]);
  return [chosen, ...others].map((maskIndex) => ({
    maskIndex,
    logits: answer.logits[maskIndex],
    score: answer.scores[maskIndex],
  }));
}

/** @typedef {ReturnType<typeof createPromptSession>} PromptSession */

/**
 * The prompts of one image.
 * @param {Size} image
 * @param {Decode} decode
 */
export function createPromptSession(image, decode) {
  /** @type {Map<string, DecoderAnswer>} the most recently used last */
  const answers = new Map();
  /** @type {string | null} the answer that only a preview asked for */
  let previewed = null;

  /** @param {string} key @param {DecoderAnswer} answer */
  function remember(key, answer) {
    answers.delete(key);
    answers.set(key, answer);
    for (const oldest of answers.keys()) {
      if (answers.size <= MAX_ANSWERS) break;
      answers.delete(oldest);
    }
  }

  /**
   * Previews follow the pointer: of their answers only the last is kept, for the click that may follow.
   * @param {string[]} keys of all steps of a run
   * @param {boolean} preview
   */
  function notePreview(keys, preview) {
    const last = keys[keys.length - 1];
    if (preview && last === previewed) return;
    if (previewed !== null && !keys.includes(previewed)) answers.delete(previewed);
    previewed = preview && !answers.has(last) ? last : null;
  }

  /** @param {string} key @param {Step} step @param {Float32Array | null} maskInput */
  async function answerTo(key, step, maskInput) {
    const answer = answers.get(key) ?? (await decode(question(step, image, maskInput)));
    remember(key, answer);
    return answer;
  }

  return {
    /**
     * The candidates after the last prompt, the chosen one first; their logits belong to the session.
     * @param {Prompts} prompts
     * @param {{preview?: boolean}} [options] a preview's answer is only kept until the next one
     * @returns {Promise<Candidate[]>}
     */
    async run(prompts, { preview = false } = {}) {
      const steps = stepsOf(prompts);
      const keys = steps.map(keyOf);
      notePreview(keys, preview);
      /** @type {Candidate[]} */
      let candidates = [];
      for (let count = 1; count <= steps.length; count++) {
        const step = steps[count - 1];
        const maskInput = candidates.length ? candidates[0].logits : null;
        const answer = await answerTo(keys[count - 1], step, maskInput);
        candidates = ordered(answer, step, choose(answer, steps.slice(0, count), maskInput, image));
      }
      return candidates;
    },
  };
}
