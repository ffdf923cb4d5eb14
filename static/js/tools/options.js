/**
 * What a person sets for the tools: kept when tools, images and pages change.
 * @module tools/options
 */
import { createEmitter } from "../core/emitter.js";

/**
 * @typedef {object} Options
 * @property {number} size width of brush and eraser, in pixels of the image
 * @property {"round" | "square"} shape of both
 * @property {number} tolerance how far a simplified line may be from the drawn one, in pixels of the image
 * @property {boolean} snap whether corners go to the edges of other objects
 * @property {number} amount by how many pixels masks grow, shrink and are smoothed
 * @property {number} speck parts of fewer pixels are specks
 */

/** @typedef {ReturnType<typeof createOptions>} ToolOptions */

/** @type {Record<string, [number, number]>} */
export const LIMITS = { size: [1, 1000], tolerance: [0, 20], amount: [1, 100], speck: [2, 100_000] };

/** @type {Options} */
const FIRST = { size: 24, shape: "round", tolerance: 1, snap: false, amount: 2, speck: 64 };

/** Only what is known and makes sense. @param {any} given @returns {Partial<Options>} */
function sensible(given) {
  /** @type {Record<string, unknown>} */
  const good = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    const limits = LIMITS[name];
    if (limits && typeof value === "number" && Number.isFinite(value)) good[name] = Math.min(Math.max(value, limits[0]), limits[1]);
    if (name === "shape" && (value === "round" || value === "square")) good[name] = value;
    if (name === "snap" && typeof value === "boolean") good[name] = value;
  }
  return good;
}

/** @param {Pick<Storage, "getItem" | "setItem"> | null} [storage] @param {string} [key] */
export function createOptions(storage = null, key = "segweb-tools") {
  /** @type {ReturnType<typeof createEmitter<{change: Options}>>} */
  const events = createEmitter();
  let values = FIRST;
  try {
    values = { ...FIRST, ...sensible(JSON.parse(storage?.getItem(key) ?? "{}")) };
  } catch {
    // What cannot be read is as good as nothing.
  }

  /** @param {Partial<Options>} change */
  function set(change) {
    values = { ...values, ...sensible(change) };
    try {
      storage?.setItem(key, JSON.stringify(values));
    } catch {
      // Storage may be full or switched off: then the settings last as long as the page.
    }
    events.emit("change", values);
  }

  return {
    on: events.on,
    set,
    get values() {
      return values;
    },
    /** A wider or narrower brush: by one pixel while it is small, by a tenth later. @param {number} steps */
    resize(steps) {
      const step = Math.max(1, Math.round(values.size / 10));
      set({ size: Math.round(values.size + steps * step) });
    },
  };
}
