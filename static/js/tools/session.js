/**
 * One object in the making: an optional box, then points in their order, each with the candidate that the person chose
 * after it. A plain value with undo and redo, one step a prompt.
 * @module tools/session
 */

/** @typedef {import("../net/types.js").Prompts} Prompts */
/** @typedef {{x: number, y: number, label: 0 | 1}} Point */
/** @typedef {{x0: number, y0: number, x1: number, y1: number}} Box */
/** @typedef {({kind: "point"} & Point | {kind: "box"} & Box) & {candidate?: number | null}} Step */

/**
 * @typedef {object} Moment
 * @property {Step[]} steps
 * @property {Prompts["region"]} crop the frame that they were decoded in; undefined until they were
 */

/** @typedef {ReturnType<typeof createSession>} Session */

/** More than anybody needs, and all that the server takes. */
const MAX_POINTS = 64;

/** A hundredth of a pixel is finer than anybody can point. @param {number} value */
const round = (value) => Math.round(value * 100) / 100;

export function createSession() {
  /** @type {Step[]} */
  let steps = [];
  /** @type {Prompts["region"]} the frame that the first prompt was decoded in, or the whole after one outside it; undefined until then */
  let crop;
  /** @type {Moment[]} what there was before each prompt */
  let past = [];
  /** @type {Moment[]} */
  let future = [];

  /** @param {Step[]} next */
  function advance(next) {
    if (!steps.length) crop = undefined;
    past.push({ steps, crop });
    future = [];
    steps = next;
  }

  /** In another frame the same prompts give another mask: it goes along. @param {Moment[]} from @param {Moment[]} to */
  function travel(from, to) {
    const target = from.pop();
    if (!target) return false;
    to.push({ steps, crop });
    ({ steps, crop } = target);
    return true;
  }

  return {
    get steps() {
      return steps;
    },
    get isEmpty() {
      return steps.length === 0;
    },
    get isFull() {
      return steps.filter((step) => step.kind === "point").length >= MAX_POINTS;
    },
    /** @param {Point} point */
    addPoint({ x, y, label }) {
      advance([...steps, { kind: "point", x: round(x), y: round(y), label }]);
    },
    /** The box is always the first step; points made before it refine inside it. @param {Box} box */
    setBox(box) {
      const points = steps.filter((step) => step.kind === "point").map(withoutChoice);
      advance([{ kind: "box", ...box }, ...points]);
    },
    /** Keeps the person's choice of candidate at the last step. @param {number} maskIndex */
    choose(maskIndex) {
      const last = steps.at(-1);
      if (last) steps = [...steps.slice(0, -1), { ...last, candidate: maskIndex }];
    },
    undo: () => travel(past, future),
    redo: () => travel(future, past),
    get canRedo() {
      return future.length > 0;
    },
    /** All prompts of an object are decoded in one frame. @param {Prompts["region"]} frame */
    setCrop(frame) {
      crop = frame;
    },
    clear() {
      crop = undefined;
      steps = [];
      past = [];
      future = [];
    },
    /** Takes up the prompts of a saved object, so that each of them can be undone. @param {Prompts} prompts */
    load(prompts) {
      this.clear();
      /** @type {Step[]} */
      const made = prompts.points.map((point) => ({ kind: "point", ...point }));
      for (const step of prompts.box ? [/** @type {Step} */ ({ kind: "box", ...prompts.box }), ...made] : made) {
        advance([...steps, step]);
        crop = prompts.region ?? null;
      }
    },
    /**
     * The complete session, with one more point when it is only being considered.
     * @param {Point} [extra]
     * @returns {Prompts}
     */
    prompts(extra) {
      const prompts = toPrompts(extra ? [...steps, { kind: "point", ...extra }] : steps);
      return steps.length && crop !== undefined ? { ...prompts, region: crop } : prompts;
    },
  };
}

/** A choice belongs to the prompts up to its step: with others before it, it means nothing. @param {Step} step */
function withoutChoice(step) {
  const { candidate: _candidate, ...rest } = step;
  return rest;
}

/** @param {Step[]} steps @returns {Prompts} */
function toPrompts(steps) {
  /** @type {Prompts} */
  const prompts = { points: [], box: null };
  for (const step of steps) {
    if (step.kind === "box") {
      const { kind: _kind, ...box } = step;
      prompts.box = box;
    } else {
      const { kind: _kind, ...point } = step;
      prompts.points.push(point);
    }
  }
  return prompts;
}

/**
 * The box between two corners, inside the image; null when it is too thin to mean anything.
 * @param {{x: number, y: number}} a
 * @param {{x: number, y: number}} b
 * @param {{width: number, height: number}} image
 * @returns {Box | null}
 */
export function boxBetween(a, b, image) {
  const clampX = (/** @type {number} */ x) => Math.min(Math.max(x, 0), image.width);
  const clampY = (/** @type {number} */ y) => Math.min(Math.max(y, 0), image.height);
  const box = {
    x0: clampX(round(Math.min(a.x, b.x))),
    y0: clampY(round(Math.min(a.y, b.y))),
    x1: clampX(round(Math.max(a.x, b.x))),
    y1: clampY(round(Math.max(a.y, b.y))),
  };
  return box.x1 - box.x0 >= 1 && box.y1 - box.y0 >= 1 ? box : null;
}

/**
 * The next candidate in a fixed order (by mask index), so that M walks through all however often results are reordered.
 * @param {{maskIndex: number}[]} candidates
 * @param {number} current
 * @param {1 | -1} direction
 */
export function nextMaskIndex(candidates, current, direction) {
  const maskIndices = candidates.map((candidate) => candidate.maskIndex).sort((a, b) => a - b);
  const at = maskIndices.indexOf(current);
  return maskIndices[(at + direction + maskIndices.length) % maskIndices.length];
}
