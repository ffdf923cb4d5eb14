/**
 * How the picture and the masks are shown: kept from image to image and from visit to visit. Nothing of it changes what is
 * stored.
 * @module canvas/look
 */
import { createEmitter } from "../core/emitter.js";

/**
 * @typedef {object} LookValues
 * @property {number} brightness of the picture, -100 … 100
 * @property {number} contrast of the picture, -100 … 100
 * @property {number} gamma of the picture; 1 leaves it as it is, more makes the dark parts lighter
 * @property {number} opacity of the masks' tint, in per cent of the usual one
 * @property {boolean} outline whether masks are drawn as outlines only
 * @property {boolean} tags whether objects carry their label's name
 * @property {boolean} grid whether pixels are told apart by lines where they are large
 * @property {boolean} alone whether only the selected objects are shown, while some are
 * @property {number} turns quarter turns of the view, clockwise
 */

/** @typedef {ReturnType<typeof createLook>} Look */

/** @type {Record<string, [number, number]>} */
export const RANGES = { brightness: [-100, 100], contrast: [-100, 100], gamma: [0.2, 5], opacity: [0, 250], turns: [0, 3] };

/** @type {Readonly<LookValues>} */
export const PLAIN = { brightness: 0, contrast: 0, gamma: 1, opacity: 100, outline: false, tags: false, grid: true, alone: false, turns: 0 };

const KEY = "segweb-look";

/** Only what is known and makes sense. @param {any} given @returns {Partial<LookValues>} */
function sensible(given) {
  /** @type {Record<string, unknown>} */
  const good = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    const range = RANGES[name];
    if (range && typeof value === "number" && Number.isFinite(value)) good[name] = Math.min(Math.max(value, range[0]), range[1]);
    else if (name in PLAIN && !range && typeof value === "boolean") good[name] = value;
  }
  if (typeof good.turns === "number") good.turns = Math.round(good.turns);
  return good;
}

/** @param {() => Pick<Storage, "getItem" | "setItem">} storage may throw where the browser keeps nothing */
export function createLook(storage) {
  /** @type {ReturnType<typeof createEmitter<{change: {values: LookValues, before: LookValues}}>>} */
  const events = createEmitter();
  /** @type {LookValues} */
  let values = PLAIN;
  try {
    values = { ...PLAIN, ...sensible(JSON.parse(storage().getItem(KEY) ?? "{}")) };
  } catch {
    // What cannot be read is as good as nothing.
  }

  /** @param {Partial<LookValues>} change */
  function set(change) {
    const before = values;
    values = { ...values, ...sensible(change) };
    try {
      storage().setItem(KEY, JSON.stringify(values));
    } catch {
      // Storage may be full or switched off: then the settings last as long as the page.
    }
    events.emit("change", { values, before });
  }

  return {
    on: events.on,
    set,
    reset: () => set(PLAIN),
    get values() {
      return values;
    },
    /** How strong the masks' tint is, 1 being the usual. */
    get tint() {
      return values.outline ? 0 : values.opacity / 100;
    },
  };
}
