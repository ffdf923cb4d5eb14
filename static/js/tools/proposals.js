/**
 * Proposals: objects that the server found, as ghosts. A click takes one, a click with Shift or the right button drops
 * one; those below the least score are not shown.
 * @module tools/proposals
 */
import { ghostAt } from "../canvas/ghosts.js";

/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {import("./types.js").ToolPointer} ToolPointer */
/**
 * @typedef {import("../canvas/ghosts.js").Ghost & {score: number, prompts: import("../net/types.js").Prompts | null,
 *   candidate: number | null, model: string}} Proposal
 */
/** @typedef {"idle" | "running" | "ready" | "failed"} ProposalState */

/**
 * @typedef {object} ProposalsContext
 * @property {import("../canvas/ghosts.js").GhostShapes} shapes
 * @property {() => number} least the score from which on they are shown
 * @property {(proposals: Proposal[]) => Promise<(string | null)[]>} take saves them in one step; the objects' ids
 * @property {(id: string) => boolean} exists whether a saved object is still there
 * @property {import("../core/history.js").History} history the one that saved objects have, too: what was done last is undone first
 * @property {() => string} color of the current label
 * @property {() => void} changed
 * @property {(error: unknown) => void} failed
 * @property {() => void} exit leaves the tool
 */

/** @typedef {ReturnType<typeof createProposalsTool>} ProposalsTool */

/** @param {ProposalsContext} context */
export function createProposalsTool(context) {
  /** @type {Proposal[]} */
  let found = [];
  /** @type {readonly Proposal[]} those that are offered now */
  let offered = [];
  /** @type {Map<Proposal, string>} the objects that were made of them */
  const taken = new Map();
  /** @type {Set<Proposal>} */
  const saving = new Set();
  /** @type {Set<Proposal>} */
  const dropped = new Set();
  /** @type {import("../core/history.js").Command[]} what dropped them */
  let drops = [];
  /** @type {Proposal | null} */
  let hovered = null;
  /** @type {ToolPointer | null} */
  let pointer = null;
  /** @type {ProposalState} */
  let state = "idle";
  let run = 0;
  let active = false;

  /** @param {Proposal} one whether it waits for a decision: its object may have been undone */
  const waits = (one) => !saving.has(one) && !dropped.has(one) && !context.exists(taken.get(one) ?? "");

  function refresh() {
    const next = found.filter((one) => one.score >= context.least() && waits(one));
    if (next.length !== offered.length || next.some((one, k) => one !== offered[k])) offered = next;
    look();
    context.changed();
  }

  function look() {
    hovered = pointer?.inside ? /** @type {Proposal | null} */ (ghostAt(offered, context.shapes, pointer.x, pointer.y)) : null;
  }

  /** @param {Proposal[]} proposals @param {ProposalState} next */
  function show(proposals, next) {
    found = proposals;
    taken.clear();
    saving.clear();
    dropped.clear();
    context.history.forget(drops);
    drops = [];
    state = next;
    refresh();
  }

  function drop() {
    run++;
    show([], "idle");
  }

  /** @param {readonly Proposal[]} which */
  async function take(which) {
    const wanted = [...which];
    if (!wanted.length) return;
    for (const one of wanted) saving.add(one);
    refresh();
    /** @type {(string | null)[]} */
    const ids = await context.take(wanted).catch(() => []);
    wanted.forEach((one, k) => {
      saving.delete(one);
      const id = ids[k];
      if (id) taken.set(one, id);
    });
    refresh();
  }

  /** @param {ToolPointer} next */
  function follow(next) {
    pointer = next;
    const before = hovered;
    look();
    if (before !== hovered) context.changed();
  }

  function cancel() {
    if (state === "running" || found.length) drop();
    else context.exit();
    return true;
  }

  /** @param {Proposal} one */
  function dropOne(one) {
    const command = {
      name: "Drop a proposal",
      undo: () => (dropped.delete(one), refresh()),
      redo: () => (dropped.add(one), refresh()),
    };
    command.redo();
    drops.push(command);
    context.history.push(command);
  }

  /** @type {Tool} */
  const tool = {
    id: "proposals",
    activate() {
      active = true;
      refresh();
    },
    deactivate() {
      active = false;
      drop();
    },
    down(next) {
      follow(next);
      if (!hovered) return;
      if (next.button === 2 || next.shift) dropOne(hovered);
      else if (next.button === 0) void take([hovered]);
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
        void take([hovered]);
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
      ghosts: offered.length ? { items: offered, hovered, color: context.color() } : null,
    }),
  };
  return {
    tool,
    drop,
    refresh,
    /** Shows what `search` finds, unless something else is looked for meanwhile. @param {() => Promise<Proposal[]>} search */
    async start(search) {
      const mine = ++run;
      show([], "running");
      try {
        const proposals = await search();
        if (mine === run) show(proposals, "ready");
      } catch (error) {
        if (mine !== run) return;
        show([], "failed");
        context.failed(error);
      }
    },
    /** Takes all that are shown, as one step. */
    takeAll: () => take(offered),
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
