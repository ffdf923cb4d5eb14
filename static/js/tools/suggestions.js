/**
 * Suggestions: masks that the server found. A click accepts one as an annotation; where single ones can be dropped, a click
 * with Shift or the right button does that. Those below the least score are not shown.
 * @module tools/suggestions
 */
import { suggestionAt } from "../canvas/suggestion_layer.js";
import { createLatest } from "../core/latest.js";

/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {import("./types.js").ToolPointer} ToolPointer */
/**
 * @typedef {import("../canvas/suggestion_layer.js").Suggestion & {score: number | null,
 *   prompts: import("../net/types.js").Prompts | null, candidate: number | null, model: string}} Suggestion
 *   the score is null where nothing judged it
 */
/** @typedef {"idle" | "running" | "ready" | "failed"} SuggestionState */
/** @typedef {{active: boolean, state: SuggestionState, count: number, total: number}} SuggestionStatus */

/**
 * @typedef {object} SuggestionsContext
 * @property {string} id of the tool
 * @property {import("../canvas/suggestion_layer.js").SuggestionPaths} paths
 * @property {(suggestions: Suggestion[]) => Promise<(string | null)[]>} accept saves them in one step; the annotations' ids
 * @property {(id: string) => boolean} exists whether a saved annotation is still there
 * @property {() => number} [minScore] the score from which on they are shown; all are without
 * @property {import("../core/history.js").History} [history] lets single ones be dropped; it is the one that saved
 *   annotations have, too: what was done last is undone first
 * @property {boolean} [keeps] whether those found before stay until the next search has ended
 * @property {() => void} [activated] the tool was taken up
 * @property {() => string} color of the current label
 * @property {() => void} changed
 * @property {(error: unknown) => void} failed
 * @property {() => void} exit leaves the tool
 */

/** @typedef {ReturnType<typeof createSuggestionsTool>} SuggestionsTool */

/** @param {SuggestionsContext} context */
export function createSuggestionsTool(context) {
  const { history, minScore = () => 0 } = context;
  const searches = createLatest();
  /** @type {Suggestion[]} */
  let found = [];
  /** @type {readonly Suggestion[]} those that are offered now */
  let offered = [];
  /** @type {Map<Suggestion, string>} the annotations that were made of them */
  const accepted = new Map();
  /** @type {Set<Suggestion>} */
  const saving = new Set();
  /** @type {Set<Suggestion>} */
  const dropped = new Set();
  /** @type {import("../core/history.js").Command[]} what dropped them */
  let drops = [];
  /** @type {Suggestion | null} */
  let hovered = null;
  /** @type {ToolPointer | null} */
  let pointer = null;
  /** @type {SuggestionState} */
  let state = "idle";
  let active = false;

  /** @param {Suggestion} one whether it waits for a decision: its annotation may have been undone */
  const waits = (one) => !saving.has(one) && !dropped.has(one) && !context.exists(accepted.get(one) ?? "");

  function refresh() {
    const next = found.filter((one) => (one.score ?? 1) >= minScore() && waits(one));
    if (next.length !== offered.length || next.some((one, k) => one !== offered[k])) offered = next;
    findHovered();
    context.changed();
  }

  function findHovered() {
    hovered = pointer?.inside ? suggestionAt(offered, context.paths, pointer.x, pointer.y) : null;
  }

  /** @param {Suggestion[]} suggestions @param {SuggestionState} next */
  function show(suggestions, next) {
    found = suggestions;
    accepted.clear();
    saving.clear();
    dropped.clear();
    history?.forget(drops);
    drops = [];
    state = next;
    refresh();
  }

  function drop() {
    searches.cancel();
    show([], "idle");
  }

  /** @param {readonly Suggestion[]} which */
  async function accept(which) {
    const wanted = [...which];
    if (!wanted.length) return;
    for (const one of wanted) saving.add(one);
    refresh();
    /** @type {(string | null)[]} */
    const ids = await context.accept(wanted).catch(() => []);
    wanted.forEach((one, k) => {
      saving.delete(one);
      const id = ids[k];
      if (id) accepted.set(one, id);
    });
    refresh();
  }

  /** @param {ToolPointer} next */
  function follow(next) {
    pointer = next;
    const before = hovered;
    findHovered();
    if (before !== hovered) context.changed();
  }

  function cancel() {
    if (state === "running" || found.length) drop();
    else context.exit();
    return true;
  }

  /** @param {Suggestion} one @param {import("../core/history.js").History} steps */
  function dropOne(one, steps) {
    const command = {
      name: "Drop a proposal",
      undo: () => (dropped.delete(one), refresh()),
      redo: () => (dropped.add(one), refresh()),
    };
    command.redo();
    drops.push(command);
    steps.push(command);
  }

  /** @type {Tool} */
  const tool = {
    id: context.id,
    activate() {
      active = true;
      refresh();
      context.activated?.();
    },
    deactivate() {
      active = false;
      drop();
    },
    down(next) {
      follow(next);
      if (!hovered) return;
      if (history && (next.button === 2 || next.shift)) dropOne(hovered, history);
      else if (next.button === 0) void accept([hovered]);
    },
    move: follow,
    up() {},
    leave() {
      pointer = null;
      if (!hovered) return;
      hovered = null;
      context.changed();
    },
    action(action) {
      if (action === "cancel") return cancel();
      if (action === "finish" && hovered) {
        void accept([hovered]);
        return true;
      }
      return false;
    },
    cursor: () => (state === "running" ? "progress" : hovered ? "pointer" : "default"),
    scene: () => ({
      mask: null,
      hover: null,
      color: context.color(),
      points: [],
      box: null,
      draftBox: null,
      editing: null,
      suggestions: offered.length ? { items: offered, hovered, color: context.color() } : null,
    }),
  };
  return {
    tool,
    drop,
    refresh,
    /** Shows what `search` finds, unless something else is looked for meanwhile. @param {() => Promise<Suggestion[]>} search */
    async start(search) {
      const isLatest = searches.next();
      if (context.keeps) {
        state = "running";
        context.changed();
      } else show([], "running");
      try {
        const suggestions = await search();
        if (isLatest()) show(suggestions, "ready");
      } catch (error) {
        if (!isLatest()) return;
        show([], "failed");
        context.failed(error);
      }
    },
    /** Accepts all that are shown, as one step. */
    acceptAll: () => accept(offered),
    get active() {
      return active;
    },
    get state() {
      return state;
    },
    get count() {
      return offered.length;
    },
    /** How many there are without the least score. */
    get total() {
      return found.filter(waits).length;
    },
  };
}
