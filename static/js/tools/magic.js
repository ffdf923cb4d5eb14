/**
 * Magic refine: the smart tool's masks added to an existing mask or cut from it, a click or a box each. Nothing is saved
 * before Enter; until then each click can be undone by itself.
 * @module tools/magic
 */
import { Cleared, createQueue } from "../core/queue.js";
import { rleFromSpans, spansFromRle, subtract, union } from "../geometry/spans.js";
import { DRAG } from "./drag.js";
import { boxBetween, nextMaskIndex } from "./session.js";

/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {import("./types.js").ToolPointer} ToolPointer */
/** @typedef {import("./types.js").Candidate} Candidate */
/** @typedef {import("./types.js").Prompts} Prompts */
/** @typedef {import("../geometry/spans.js").Spans} Spans */
/** @typedef {{cut: boolean, candidates: Candidate[], maskIndex: number, mark: {x: number, y: number}}} Step */

/**
 * @typedef {object} MagicContext
 * @property {{width: number, height: number}} image
 * @property {import("../core/store.js").Store} store
 * @property {() => import("./types.js").Decoder | null} decoder
 * @property {(candidate: Candidate) => import("../net/types.js").Rle} rleOf
 * @property {(id: string, change: (spans: Spans) => Spans) => void} accept changes the object's mask
 * @property {() => string} color
 * @property {() => void} changed
 * @property {(error: unknown) => void} failed
 * @property {() => void} exit
 * @property {() => void} finished
 */

/** A finger has no second button: holding it means cutting. */
const LONG_TOUCH_MS = 450;

/** @param {MagicContext} context */
export function createMagicTool(context) {
  const { image, store, decoder, changed, failed } = context;
  const previews = createQueue();
  const queue = createQueue();
  /** @type {WeakMap<Candidate, Spans>} */
  const made = new WeakMap();
  /** @type {string | null} */
  let id = null;
  /** @type {Step[]} */
  let steps = [];
  /** @type {Step[]} */
  let undone = [];
  /** @type {{candidate: Candidate, counts: string, steps: Step[]} | null} */
  let shown = null;
  /** @type {Candidate | null} */
  let hovered = null;
  /** @type {ToolPointer | null} */
  let pressed = null;
  /** @type {ToolPointer | null} */
  let latest = null;
  let dragging = false;

  /** Does it after what was asked for before. @param {import("../core/queue.js").Action<void>} action */
  function enqueue(action) {
    queue.add(action).catch((error) => error instanceof Cleared || failed(error));
  }

  /** @param {ToolPointer} pointer */
  async function preview({ x, y }) {
    const result = await previews.offer(() => decoder()?.preview({ points: [{ x, y, label: 1 }], box: null }) ?? null);
    if (!result) return;
    hovered = result.candidates[0];
    changed();
  }

  /** @param {Step} step */
  function spansOf(step) {
    const candidate = /** @type {Candidate} */ (step.candidates.find(({ maskIndex }) => maskIndex === step.maskIndex));
    let spans = made.get(candidate);
    if (!spans) made.set(candidate, (spans = spansFromRle(context.rleOf(candidate))));
    return spans;
  }

  /** @param {Spans} base */
  function applied(base) {
    return steps.reduce((spans, step) => (step.cut ? subtract : union)(spans, spansOf(step)), base);
  }

  /** What the object would be, to be drawn like a candidate. */
  function result() {
    const annotation = id ? store.get(id) : undefined;
    if (!annotation) return null;
    if (shown?.counts !== annotation.rle.counts || shown.steps !== steps) {
      const rle = steps.length ? rleFromSpans(applied(spansFromRle(annotation.rle)), image) : annotation.rle;
      shown = { candidate: { maskIndex: 0, score: 1, rle }, counts: annotation.rle.counts, steps };
    }
    return shown.candidate;
  }

  function clearHover() {
    previews.clear();
    hovered = null;
    changed();
  }

  /** @param {Prompts} prompts @param {boolean} cut @param {{x: number, y: number}} mark */
  function add(prompts, cut, mark) {
    clearHover();
    enqueue(async (isLatest) => {
      const answer = await decoder()?.commit(prompts);
      const first = answer?.candidates[0];
      if (!isLatest() || !answer || !first) return;
      steps = [...steps, { cut, candidates: answer.candidates, maskIndex: first.maskIndex, mark }];
      undone = [];
      changed();
    });
  }

  /** @param {ToolPointer} pointer @param {boolean} cut */
  function click(pointer, cut) {
    if (!pointer.inside || !decoder()) return;
    // What is cut is what the model sees under the pointer, not what it does not.
    add({ points: [{ x: pointer.x, y: pointer.y, label: 1 }], box: null }, cut, pointer);
  }

  function drop() {
    const was = steps.length > 0 || queue.busy;
    queue.clear();
    steps = [];
    undone = [];
    clearHover();
    return was;
  }

  /** @param {1 | -1} direction */
  function cycle(direction) {
    enqueue(() => {
      const last = steps.at(-1);
      if (!last) return;
      steps = [...steps.slice(0, -1), { ...last, maskIndex: nextMaskIndex(last.candidates, last.maskIndex, direction) }];
      changed();
    });
    return true;
  }

  /** @type {Record<string, () => boolean>} */
  const actions = {
    finish() {
      enqueue(() => {
        if (id && steps.length) context.accept(id, applied);
        context.finished();
      });
      return true;
    },
    cancel() {
      if (pressed) pressed = null;
      else if (!drop()) context.exit();
      changed();
      return true;
    },
    "next-candidate": () => cycle(1),
    "previous-candidate": () => cycle(-1),
    undo() {
      const last = steps.at(-1);
      if (!last) return false;
      steps = steps.slice(0, -1);
      undone = [...undone, last];
      changed();
      return true;
    },
    redo() {
      const next = undone.at(-1);
      if (!next) return false;
      undone = undone.slice(0, -1);
      steps = [...steps, next];
      changed();
      return true;
    },
  };

  /** @param {ToolPointer} pointer */
  function move(pointer) {
    latest = pointer;
    if (pressed) {
      dragging ||= Math.hypot(pointer.clientX - pressed.clientX, pointer.clientY - pressed.clientY) > DRAG[pointer.type];
      if (dragging) clearHover();
    } else if (!pointer.inside) clearHover();
    else if (!pointer.ctrl && pointer.type !== "touch" && decoder() && !queue.busy) {
      // Who points sees the next one: a failure of this one is no loss.
      preview(pointer).catch(() => {});
    }
  }

  /** @param {ToolPointer} pointer */
  function up(pointer) {
    latest = pointer;
    const start = pressed;
    const box = start && dragging ? boxBetween(start, pointer, image) : null;
    pressed = null;
    if (!start || pointer.button !== 0) return;
    const held = pointer.type === "touch" && pointer.time - start.time > LONG_TOUCH_MS;
    if (!dragging) return click(start, start.shift || held);
    if (box && decoder()) add({ points: [], box }, start.shift, { x: (box.x0 + box.x1) / 2, y: (box.y0 + box.y1) / 2 });
    changed();
  }

  /** @type {Tool} */
  const tool = {
    id: "magic",
    button: "smart",
    activate() {
      id = store.selected;
    },
    deactivate() {
      pressed = null;
      drop();
      id = null;
    },
    down(pointer) {
      latest = pointer;
      if (pointer.button === 2) return click(pointer, true);
      if (pointer.button !== 0) return;
      pressed = pointer;
      dragging = false;
    },
    move,
    up,
    leave() {
      pressed = null;
      clearHover();
    },
    action: (action) => actions[action]?.() ?? false,
    cursor: () => (decoder() ? "crosshair" : "progress"),
    scene() {
      const annotation = id ? store.get(id) : undefined;
      return {
        mask: result(),
        hover: hovered,
        color: store.label(annotation?.label ?? null)?.color ?? context.color(),
        points: steps.map(({ mark, cut }) => ({ x: mark.x, y: mark.y, label: cut ? 0 : 1 })),
        box: null,
        draftBox: dragging && pressed && latest ? boxBetween(pressed, latest, image) : null,
        editing: id,
      };
    },
    canUndo: () => steps.length > 0,
    canRedo: () => undone.length > 0,
  };
  return tool;
}
