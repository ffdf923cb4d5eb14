/**
 * The prompts of the smart tool, without its pointer and its pixels: hover previews where the latest wins, prompts that are
 * decoded in their order, candidates, undo, finish.
 * @module tools/prompt_controller
 */
import { Cleared, createQueue } from "../core/queue.js";
import { createSession, nextMaskIndex } from "./session.js";

/** @typedef {import("./types.js").Candidate} Candidate */
/** @typedef {import("./types.js").Decoder} Decoder */
/** @typedef {import("./types.js").Result} Result */
/** @typedef {import("../core/latest.js").IsLatest} IsLatest */
/** @typedef {import("./session.js").Point} Point */
/** @typedef {import("./session.js").Box} Box */

/**
 * @typedef {object} Finished
 * @property {Candidate} candidate
 * @property {import("./types.js").Prompts} prompts
 * @property {string | null} editing
 */

/**
 * @typedef {object} PromptControllerOptions
 * @property {() => Decoder | null} decoder
 * @property {() => void} changed something to draw or to show in the panels
 * @property {(error: unknown) => void} failed a prompt could not be decoded and was taken back
 */

/** @typedef {ReturnType<typeof createPromptController>} PromptController */

/** @param {PromptControllerOptions} options */
export function createPromptController({ decoder, changed, failed }) {
  const session = createSession();
  const previews = createQueue();
  const queue = createQueue();
  /** @type {Result | null} */
  let result = null;
  /** @type {number | null} */
  let maskIndex = null;
  /** @type {{candidate: Candidate, point: Point, time: number} | null} */
  let hovered = null;
  /** @type {(Point & {pending: true})[]} clicked, not yet taken up */
  let waiting = [];
  /** @type {string | null} */
  let editing = null;

  /** Does it after what was asked for before. @param {import("../core/queue.js").Action<void>} action */
  function enqueue(action) {
    queue.add(action).catch((error) => error instanceof Cleared || failed(error));
  }

  /** @param {Point} point @param {number} time */
  async function preview(point, time) {
    const found = await previews.offer(() => decoder()?.preview(session.prompts(point)) ?? null);
    if (!found) return;
    hovered = { candidate: found.candidates[0], point, time };
    changed();
  }

  function clearHover() {
    previews.clear();
    if (!hovered) return;
    hovered = null;
    changed();
  }

  /** @param {Result | null} next */
  function show(next) {
    result = next;
    maskIndex = next?.candidates[0]?.maskIndex ?? null;
    changed();
  }

  /** Decodes the session as it is. @param {IsLatest} isLatest @param {{takeBack?: boolean}} [options] a new prompt that fails is taken back */
  async function decode(isLatest, { takeBack = false } = {}) {
    const current = decoder();
    if (session.isEmpty || !current) return show(null);
    try {
      const next = await current.commit(session.prompts());
      if (!isLatest()) return;
      session.setCrop(next.crop);
      show(next);
    } catch (error) {
      if (!isLatest()) return;
      if (takeBack) session.undo();
      if (session.isEmpty) show(null);
      changed();
      failed(error);
    }
  }

  function reset() {
    session.clear();
    previews.clear();
    hovered = null;
    result = null;
    maskIndex = null;
    editing = null;
    waiting = [];
    changed();
  }

  /** @returns {Candidate | null} */
  function chosen() {
    return result?.candidates.find((candidate) => candidate.maskIndex === maskIndex) ?? null;
  }

  /** What was seen under the pointer shows at once while the same is decoded for keeps. @param {Point} point */
  function adoptHover(point) {
    const same = hovered && ["x", "y", "label"].every((key) => {
      const at = /** @type {"x" | "y" | "label"} */ (key);
      return hovered?.point[at] === point[at];
    });
    if (same && hovered) show({ candidates: [hovered.candidate], ms: 0 });
  }

  return {
    /** Asks for the mask that a click here would give. @param {Point} point @param {number} time */
    hover(point, time) {
      // While prompts are being decoded the answer would be out of date before it comes.
      if (!decoder() || queue.busy || session.isFull) return;
      // Who points sees the next one: a failure of this one is no loss.
      preview(point, time).catch(() => {});
    },
    clearHover,
    /** @param {Point} point */
    point(point) {
      /** @type {Point & {pending: true}} */
      const mark = { ...point, pending: true };
      waiting.push(mark);
      previews.clear();
      enqueue(async (isLatest) => {
        waiting = waiting.filter((other) => other !== mark);
        if (session.isFull) {
          changed();
          return failed(new Error("An object takes no more points than these."));
        }
        session.addPoint(point);
        adoptHover(point);
        clearHover();
        await decode(isLatest, { takeBack: true });
      });
      changed();
    },
    /** @param {Box} box */
    box(box) {
      clearHover();
      enqueue(async (isLatest) => {
        session.setBox(box);
        changed();
        await decode(isLatest, { takeBack: true });
      });
    },
    /** @param {1 | -1} direction */
    cycle(direction) {
      enqueue(() => {
        if (!result || maskIndex === null || result.candidates.length < 2) return;
        maskIndex = nextMaskIndex(result.candidates, maskIndex, direction);
        session.choose(maskIndex);
        clearHover();
        changed();
      });
    },
    /** @param {number} wanted */
    choose(wanted) {
      enqueue(() => {
        if (!result?.candidates.some((candidate) => candidate.maskIndex === wanted)) return;
        maskIndex = wanted;
        session.choose(wanted);
        changed();
      });
    },
    /** @param {() => void} [before] when no prompt is left by the time it is this one's turn */
    undo(before = () => {}) {
      enqueue(async (isLatest) => {
        clearHover();
        if (session.undo()) await decode(isLatest);
        else before();
      });
    },
    redo() {
      enqueue(async (isLatest) => {
        clearHover();
        if (session.redo()) await decode(isLatest);
      });
    },
    /**
     * Hands over the finished object, after every prompt before it has been decoded, and starts the next one.
     * @param {(finished: Finished) => boolean | Promise<boolean>} take false keeps the prompts
     */
    finish(take) {
      enqueue(async (isLatest) => {
        const candidate = chosen();
        if (!candidate || session.isEmpty) return;
        // Objects that were made on the whole image say nothing of a crop.
        const { region, ...prompts } = session.prompts();
        const kept = await take({ candidate, prompts: region ? { ...prompts, region } : prompts, editing });
        if (kept && isLatest()) reset();
      });
    },
    /** Drops the prompts, and whatever is still being decoded for them. */
    drop() {
      queue.clear();
      reset();
    },
    /** Reopens a saved object. @param {string} id @param {import("./types.js").Prompts} prompts */
    reopen(id, prompts) {
      queue.clear();
      reset();
      editing = id;
      session.load(prompts);
      enqueue(decode);
      changed();
    },
    /** Whether there are prompts, decoded or waiting. */
    get isEmpty() {
      return session.isEmpty && waiting.length === 0;
    },
    get canRedo() {
      return session.canRedo;
    },
    get busy() {
      return queue.busy;
    },
    get editing() {
      return editing;
    },
    get candidates() {
      return result?.candidates ?? [];
    },
    get maskIndex() {
      return maskIndex;
    },
    get hovered() {
      return hovered;
    },
    get steps() {
      return session.steps;
    },
    get waiting() {
      return waiting;
    },
    chosen,
  };
}
