/**
 * The smart tool's loop without its pointer and its pixels: hover previews where the latest wins, prompts that are
 * decoded in their order, candidates, undo, finish.
 * @module tools/loop
 */
import { createLatest, createSequence } from "./latest.js";
import { createSession, nextToken } from "./session.js";

/** @typedef {import("./types.js").Candidate} Candidate */
/** @typedef {import("./types.js").Decoder} Decoder */
/** @typedef {import("./types.js").Result} Result */
/** @typedef {import("./session.js").Point} Point */
/** @typedef {import("./session.js").Box} Box */

/**
 * @typedef {object} Finished
 * @property {Candidate} candidate
 * @property {import("./types.js").Prompts} prompts
 * @property {string | null} editing
 */

/**
 * @typedef {object} LoopOptions
 * @property {() => Decoder | null} decoder
 * @property {() => void} changed something to draw or to show in the panels
 * @property {(error: unknown) => void} failed a prompt could not be decoded and was taken back
 */

/** @typedef {ReturnType<typeof createLoop>} Loop */

/** @param {LoopOptions} options */
export function createLoop({ decoder, changed, failed }) {
  const session = createSession();
  const sequence = createSequence();
  /** @type {Result | null} */
  let result = null;
  /** @type {number | null} */
  let token = null;
  /** @type {{candidate: Candidate, point: Point, time: number} | null} */
  let hovered = null;
  /** @type {(Point & {pending: true})[]} clicked, not yet taken up */
  let waiting = [];
  /** @type {string | null} */
  let editing = null;
  let generation = 0;

  sequence.onError(failed);

  const previews = createLatest(
    (/** @type {{point: Point, time: number}} */ request) =>
      decoder()?.preview(session.prompts(request.point)) ?? Promise.resolve(null),
    (preview, { point, time }) => {
      if (!preview) return;
      hovered = { candidate: preview.candidates[0], point, time };
      changed();
    },
  );

  function clearHover() {
    previews.cancel();
    if (!hovered) return;
    hovered = null;
    changed();
  }

  /** @param {Result | null} next */
  function show(next) {
    result = next;
    token = next?.candidates[0]?.token ?? null;
    changed();
  }

  /** Decodes the session as it is. @param {{takeBack?: boolean}} [options] a new prompt that fails is taken back */
  async function decode({ takeBack = false } = {}) {
    const mine = generation;
    const current = decoder();
    if (session.isEmpty || !current) return show(null);
    try {
      const next = await current.commit(session.prompts());
      if (mine !== generation) return;
      session.setRegion(next.region);
      show(next);
    } catch (error) {
      if (mine !== generation) return;
      if (takeBack) session.undo();
      if (session.isEmpty) show(null);
      changed();
      failed(error);
    }
  }

  function reset() {
    session.clear();
    previews.cancel();
    hovered = null;
    result = null;
    token = null;
    editing = null;
    waiting = [];
    changed();
  }

  /** @returns {Candidate | null} */
  function chosen() {
    return result?.candidates.find((candidate) => candidate.token === token) ?? null;
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
      if (!decoder() || sequence.busy || session.isFull) return;
      previews.request({ point, time });
    },
    clearHover,
    /** @param {Point} point */
    point(point) {
      /** @type {Point & {pending: true}} */
      const mark = { ...point, pending: true };
      waiting.push(mark);
      previews.cancel();
      sequence.add(async () => {
        waiting = waiting.filter((other) => other !== mark);
        if (session.isFull) {
          changed();
          return failed(new Error("An object takes no more points than these."));
        }
        session.addPoint(point);
        adoptHover(point);
        clearHover();
        await decode({ takeBack: true });
      });
      changed();
    },
    /** @param {Box} box */
    box(box) {
      clearHover();
      sequence.add(async () => {
        session.setBox(box);
        changed();
        await decode({ takeBack: true });
      });
    },
    /** @param {1 | -1} direction */
    cycle(direction) {
      sequence.add(() => {
        if (!result || token === null || result.candidates.length < 2) return;
        token = nextToken(result.candidates, token, direction);
        session.choose(token);
        clearHover();
        changed();
      });
    },
    /** @param {number} wanted */
    choose(wanted) {
      sequence.add(() => {
        if (!result?.candidates.some((candidate) => candidate.token === wanted)) return;
        token = wanted;
        session.choose(wanted);
        changed();
      });
    },
    /** @param {() => void} [before] when no prompt is left by the time it is this one's turn */
    undo(before = () => {}) {
      sequence.add(async () => {
        clearHover();
        if (session.undo()) await decode();
        else before();
      });
    },
    redo() {
      sequence.add(async () => {
        clearHover();
        if (session.redo()) await decode();
      });
    },
    /**
     * Hands over the finished object, after every prompt before it has been decoded, and starts the next one.
     * @param {(finished: Finished) => boolean | Promise<boolean>} take false keeps the prompts
     */
    finish(take) {
      sequence.add(async () => {
        const candidate = chosen();
        if (!candidate || session.isEmpty) return;
        const mine = generation;
        // Objects that were made on the whole image say nothing of a region.
        const { region, ...prompts } = session.prompts();
        const kept = await take({ candidate, prompts: region ? { ...prompts, region } : prompts, editing });
        if (kept && mine === generation) reset();
      });
    },
    /** Drops the prompts, and whatever is still being decoded for them. */
    drop() {
      generation++;
      sequence.clear();
      reset();
    },
    /** Reopens a saved object. @param {string} id @param {import("./types.js").Prompts} prompts */
    reopen(id, prompts) {
      generation++;
      sequence.clear();
      reset();
      editing = id;
      session.load(prompts);
      sequence.add(() => decode());
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
      return sequence.busy;
    },
    get editing() {
      return editing;
    },
    get candidates() {
      return result?.candidates ?? [];
    },
    get token() {
      return token;
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
