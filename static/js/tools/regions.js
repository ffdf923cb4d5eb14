/**
 * Colour regions: the image's clusters of colour as ghosts; a click takes one as an object.
 * @module tools/regions
 */
import { ghostAt } from "../canvas/ghosts.js";

/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {import("./types.js").ToolPointer} ToolPointer */
/** @typedef {import("../canvas/ghosts.js").Ghost} Ghost */
/** @typedef {{clusterThreshold: number, smoothingThreshold: number | null, colourSpace: number}} RegionOptions */
/** @typedef {"idle" | "running" | "ready" | "failed"} RegionState */

/**
 * @typedef {object} RegionsContext
 * @property {import("../canvas/ghosts.js").GhostShapes} shapes
 * @property {(options: RegionOptions) => Promise<Ghost[]>} find
 * @property {() => RegionOptions} options
 * @property {(ghost: Ghost) => Promise<string | null>} take saves it as an object; that object's id, or null
 * @property {(id: string) => boolean} exists whether a saved object is still there
 * @property {() => string} color of the current label
 * @property {() => void} changed
 * @property {(error: unknown) => void} failed
 * @property {() => void} exit leaves the tool
 */

/** @typedef {ReturnType<typeof createRegionsTool>} RegionsTool */

/** @param {RegionsContext} context */
export function createRegionsTool(context) {
  /** @type {Ghost[]} */
  let found = [];
  /** @type {readonly Ghost[]} those that are offered now */
  let offered = [];
  /** @type {Map<Ghost, string>} the objects that were made of them */
  const taken = new Map();
  /** @type {Set<Ghost>} those that are being saved */
  const saving = new Set();
  /** @type {Ghost | null} */
  let hovered = null;
  /** @type {ToolPointer | null} */
  let pointer = null;
  /** @type {RegionState} */
  let state = "idle";
  let run = 0;
  let active = false;

  /** A ghost is away while its object is there: undoing that brings the ghost back. */
  function refresh() {
    const next = found.filter((ghost) => !saving.has(ghost) && !context.exists(taken.get(ghost) ?? ""));
    if (next.length !== offered.length || next.some((ghost, k) => ghost !== offered[k])) offered = next;
    look();
    context.changed();
  }

  function look() {
    hovered = pointer?.inside ? ghostAt(offered, context.shapes, pointer.x, pointer.y) : null;
  }

  /** @param {Ghost[]} ghosts @param {RegionState} next */
  function show(ghosts, next) {
    found = ghosts;
    taken.clear();
    saving.clear();
    state = next;
    refresh();
  }

  async function start() {
    const mine = ++run;
    state = "running";
    context.changed();
    try {
      const ghosts = await context.find(context.options());
      if (mine === run) show(ghosts, "ready");
    } catch (error) {
      if (mine !== run) return;
      show([], "failed");
      context.failed(error);
    }
  }

  function drop() {
    run++;
    show([], "idle");
  }

  /** @param {Ghost} ghost */
  async function take(ghost) {
    saving.add(ghost);
    refresh();
    const id = await context.take(ghost).catch(() => null);
    saving.delete(ghost);
    if (id) taken.set(ghost, id);
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

  /** @type {Tool} */
  const tool = {
    id: "regions",
    activate() {
      active = true;
      if (!found.length && state !== "running") void start();
      else refresh();
    },
    deactivate() {
      active = false;
      drop();
    },
    down(next) {
      follow(next);
      if (next.button === 0 && hovered) void take(hovered);
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
        void take(hovered);
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
    start,
    drop,
    refresh,
    get active() {
      return active;
    },
    get state() {
      return state;
    },
    get count() {
      return offered.length;
    },
  };
}
