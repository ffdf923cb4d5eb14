/**
 * Polygon: corner by corner or drawn freely; with an object selected, its outline's corners are moved, added and removed.
 * @module tools/polygon
 */
import { nearestOnRing } from "../geometry/snap.js";
import { simplifyLine } from "../geometry/simplify.js";
import { cornerAt, createDraft, inserted, moved, removed } from "./rings.js";

/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {import("./types.js").ToolPointer} ToolPointer */
/** @typedef {{x: number, y: number}} Place */

/**
 * An object's outline as a polygon.
 * @typedef {object} Outline
 * @property {string} id
 * @property {number[][]} rings
 */

/**
 * @typedef {object} PolygonContext
 * @property {import("../core/store.js").Store} store
 * @property {import("./options.js").ToolOptions} options
 * @property {() => number} scale screen pixels for one of the image's
 * @property {(at: Place, reach: number, except: string | null) => Place | null} snap onto the edges of other objects
 * @property {() => Outline | null} outline of the selected object, null when it may not be changed
 * @property {(outline: Outline, rings: number[][]) => void} reshape
 * @property {(ring: number[]) => Promise<boolean>} add a new object; false keeps the corners
 * @property {() => string} color
 * @property {() => void} changed
 * @property {() => void} exit
 */

/** How near counts as on it, and how far a press moves before it draws, in screen pixels. */
const REACH = { mouse: 8, pen: 10, touch: 16, keyboard: 8 };
const DRAG = { mouse: 5, pen: 8, touch: 12, keyboard: Infinity };
const SNAP = 12;

/**
 * @typedef {object} Press
 * @property {ToolPointer} start
 * @property {{ring: number, corner: number} | null} corner that is moved
 * @property {number[][]} rings as they are while it is moved
 * @property {number[] | null} line drawn freely
 * @property {boolean} far whether it has moved
 * @property {boolean} added whether the corner is new
 */

/** @param {PolygonContext} context */
export function createPolygonTool(context) {
  const { store, options, changed } = context;
  const draft = createDraft();
  /** @type {Press | null} */
  let press = null;
  /** @type {ToolPointer | null} */
  let latest = null;
  /** A drawn object waits for its label. */
  let busy = false;

  /** The outline that is edited: only while nothing is being drawn. */
  const outline = () => (draft.count || busy ? null : context.outline());

  function rings() {
    if (press?.corner) return press.rings;
    const edited = outline();
    if (edited) return edited.rings;
    return draft.count ? [draft.ring] : [];
  }

  /** @param {ToolPointer} pointer */
  const reach = (pointer) => REACH[pointer.type] / context.scale();

  /** Where a corner goes. @param {ToolPointer} pointer */
  function place(pointer) {
    const at = { x: pointer.x, y: pointer.y };
    if (options.values.snap === pointer.alt) return { ...at, snapped: false };
    const found = context.snap(at, SNAP / context.scale(), store.selected);
    return found ? { ...found, snapped: true } : { ...at, snapped: false };
  }

  /** The edge within reach; not the one that would close a ring being drawn. @param {ToolPointer} pointer */
  function edgeAt(pointer) {
    const all = rings();
    let best = null;
    for (let ring = 0; ring < all.length; ring++) {
      const found = nearestOnRing(all[ring], pointer, reach(pointer) * 0.75);
      if (!found || (best && best.d2 <= found.d2)) continue;
      if (draft.count && found.edge === draft.count - 1) continue;
      best = { ...found, ring };
    }
    return best;
  }

  /** @param {ToolPointer} pointer */
  function onStart(pointer) {
    if (draft.count < 3) return false;
    return cornerAt([draft.ring.slice(0, 2)], pointer.x, pointer.y, reach(pointer)) !== null;
  }

  /** @param {number[][]} next */
  function apply(next) {
    const edited = outline();
    if (edited) context.reshape(edited, next);
    else draft.set(next[0] ?? []);
    changed();
  }

  /** @param {{ring: number, corner: number}} at */
  function remove({ ring, corner }) {
    apply(removed(rings(), ring, corner, outline() ? 3 : 1));
  }

  async function close() {
    if (draft.count < 3 || busy) return;
    busy = true;
    const kept = await context.add(draft.ring).catch(() => false);
    busy = false;
    if (kept) draft.clear();
    changed();
  }

  /** @param {ToolPointer} pointer */
  function down(pointer) {
    latest = pointer;
    if (busy || (press && pointer.type !== "keyboard")) return;
    if (press) return release(pointer);
    const corner = cornerAt(rings(), pointer.x, pointer.y, reach(pointer));
    if (corner && (pointer.button === 2 || pointer.shift)) return remove(corner);
    if (pointer.button !== 0) return;
    press = { start: pointer, corner, rings: rings(), line: null, far: false, added: false };
    const edge = corner ? null : edgeAt(pointer);
    if (edge) {
      press.corner = { ring: edge.ring, corner: edge.edge + 1 };
      press.rings = inserted(press.rings, edge.ring, edge.edge + 1, edge);
      press.added = true;
    }
    changed();
  }

  /** @param {ToolPointer} pointer */
  function move(pointer) {
    latest = pointer;
    if (press) drag(press, pointer);
    changed();
  }

  /** @param {Press} held @param {ToolPointer} pointer */
  function drag(held, pointer) {
    const { start } = held;
    const threshold = held.corner && pointer.type === "keyboard" ? 0 : DRAG[pointer.type];
    held.far ||= Math.hypot(pointer.clientX - start.clientX, pointer.clientY - start.clientY) > threshold;
    if (!held.far) return;
    if (held.corner) held.rings = moved(held.rings, held.corner.ring, held.corner.corner, place(pointer));
    else if (!outline()) {
      held.line ??= [start.x, start.y];
      for (const { x, y } of pointer.trail ?? [pointer]) held.line.push(x, y);
    }
  }

  /** @param {ToolPointer} pointer */
  function release(pointer) {
    const held = press;
    press = null;
    if (!held) return;
    if (held.corner) settle(held, pointer);
    else if (held.line) draw(held.line, pointer);
    else if (!draft.count && store.selected) store.selectAll(held.far ? store.selection : []);
    else addCorner(pointer);
    changed();
  }

  /** @param {ToolPointer} pointer */
  function addCorner(pointer) {
    const { x, y } = place(pointer);
    draft.extend([x, y]);
  }

  /** A press on a corner: moved, or clicked. @param {Press} held @param {ToolPointer} pointer */
  function settle(held, pointer) {
    if (held.far || held.added) return apply(held.rings);
    if (!draft.count) return;
    const last = held.corner?.corner === draft.count - 1;
    if (held.corner?.corner === 0 || (last && held.start.clicks === 2)) void close();
    else if (pointer.type === "keyboard") changed();
  }

  /** @param {number[]} line @param {ToolPointer} pointer */
  function draw(line, pointer) {
    const closing = comesBack(line, pointer);
    const tolerance = Math.max(options.values.tolerance, 1 / context.scale());
    const points = simplifyLine(line, tolerance);
    draft.extend(closing ? points.slice(0, -2) : points);
    if (closing) void close();
  }

  /** Whether a freely drawn line comes back to where the ring began. @param {number[]} line @param {ToolPointer} pointer */
  function comesBack(line, pointer) {
    const [x, y] = draft.count ? draft.ring : line;
    const near = 1.5 * reach(pointer);
    const away = line.some((value, k) => Math.abs(value - (k % 2 ? y : x)) > 2 * near);
    return away && Math.hypot(pointer.x - x, pointer.y - y) <= near;
  }

  function cancel() {
    if (press) press = null;
    else if (draft.count) draft.clear();
    else if (store.selected) store.select(null);
    else context.exit();
    changed();
    return true;
  }

  /** @param {(() => boolean)} act */
  const whileDrawing = (act) => () => {
    if (busy) return true;
    const done = act();
    changed();
    return done;
  };

  /** @type {Record<string, () => boolean>} */
  const actions = {
    cancel,
    finish() {
      if (draft.count >= 3) void close();
      else if (!draft.count && store.selected) store.select(null);
      return draft.count > 0 || busy;
    },
    undo: whileDrawing(() => draft.count > 0 && draft.undo()),
    redo: whileDrawing(() => draft.canRedo && !store.selected && draft.redo()),
    "remove-last": whileDrawing(() => draft.removeLast()),
    "remove-corner"() {
      const hot = latest && cornerAt(rings(), latest.x, latest.y, reach(latest));
      if (hot) remove(hot);
      return hot !== null;
    },
  };

  function shownPolygon() {
    const all = [...rings()];
    const drawing = draft.count > 0 || (press?.line ?? null) !== null;
    if (press?.line) all[0] = [...(all[0] ?? []), ...press.line];
    const at = latest && !press && !outline() ? place(latest) : null;
    const hot = press?.corner ?? (latest && !press ? cornerAt(all, latest.x, latest.y, reach(latest)) : null);
    if (!all.length && !at?.snapped) return null;
    return {
      rings: all,
      open: drawing,
      filled: press?.corner != null,
      next: drawing && !press ? at : at?.snapped ? at : null,
      hot,
      closing: latest !== null && !press && onStart(latest),
      snapped: at?.snapped ?? false,
    };
  }

  /** @type {Tool} */
  const tool = {
    id: "polygon",
    keepsSelection: true,
    activate() {},
    deactivate() {
      // What is drawn so far waits for the tool to be taken up again.
      press = null;
      latest = null;
    },
    down,
    move,
    up(pointer) {
      latest = pointer;
      // The keyboard's click picks a corner up; the next one puts it down.
      const held = press?.corner && pointer.type === "keyboard" && !draftClick(press);
      if (!held) release(pointer);
    },
    leave() {
      latest = null;
      press = null;
      changed();
    },
    action: (action) => actions[action]?.() ?? false,
    canUndo: () => draft.count > 0,
    canRedo: () => draft.canRedo && !store.selected,
    cursor: () => "crosshair",
    scene() {
      const edited = outline();
      const annotation = edited && !press?.corner ? (store.get(edited.id) ?? null) : null;
      return {
        mask: null,
        hover: null,
        color: edited ? (store.label(store.get(edited.id)?.label ?? null)?.color ?? context.color()) : context.color(),
        points: [],
        box: null,
        draftBox: null,
        editing: edited?.id ?? null,
        edit: annotation ? { annotation, stroke: null, ring: null } : null,
        polygon: shownPolygon(),
      };
    },
  };

  /** Whether a press on the first corner means closing the ring. @param {Press} held */
  function draftClick(held) {
    return draft.count >= 3 && held.corner?.corner === 0;
  }

  return tool;
}
