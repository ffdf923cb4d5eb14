/**
 * How the picture and the masks are shown: kept from image to image and from visit to visit. Nothing of it changes what is
 * stored.
 * @module canvas/view_settings
 */
import { createEmitter } from "../core/emitter.js";

/**
 * @typedef {object} ViewSettingsValues
 * @property {number} brightness of the picture, -100 … 100
 * @property {number} contrast of the picture, -100 … 100
 * @property {number} gamma of the picture; 1 leaves it as it is, more makes the dark parts lighter
 * @property {number} opacity of the masks' tint, in per cent of the usual one
 * @property {boolean} outline whether masks are drawn as outlines only
 * @property {boolean} tags whether objects carry their label's name
 * @property {boolean} grid whether pixels are told apart by lines where they are large
 * @property {boolean} alone whether only the selected objects are shown, while some are
 * @property {number} rotation of the view, in quarter turns clockwise
 */

/** @typedef {ReturnType<typeof createViewSettings>} ViewSettings */

/** @type {Record<string, [number, number]>} */
export const RANGES = { brightness: [-100, 100], contrast: [-100, 100], gamma: [0.2, 5], opacity: [0, 250], rotation: [0, 3] };

/** @type {Readonly<ViewSettingsValues>} */
export const PLAIN = { brightness: 0, contrast: 0, gamma: 1, opacity: 100, outline: false, tags: false, grid: true, alone: false, rotation: 0 };

const KEY = "segweb-look";

/** Browsers keep the rotation under the name that it had first. @param {any} stored */
const fromStored = ({ turns, ...others }) => ({ ...others, rotation: turns });

/** @param {ViewSettingsValues} values */
const toStored = ({ rotation, ...others }) => ({ ...others, turns: rotation });

/** Only what is known and makes sense. @param {any} given @returns {Partial<ViewSettingsValues>} */
function sensible(given) {
  /** @type {Record<string, unknown>} */
  const good = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    const range = RANGES[name];
    if (range && typeof value === "number" && Number.isFinite(value)) good[name] = Math.min(Math.max(value, range[0]), range[1]);
    else if (name in PLAIN && !range && typeof value === "boolean") good[name] = value;
  }
  if (typeof good.rotation === "number") good.rotation = Math.round(good.rotation);
  return good;
}

/** @param {() => Pick<Storage, "getItem" | "setItem">} storage may throw where the browser keeps nothing */
export function createViewSettings(storage) {
  /** @type {ReturnType<typeof createEmitter<{change: {values: ViewSettingsValues, before: ViewSettingsValues}}>>} */
  const events = createEmitter();
  /** @type {ViewSettingsValues} */
  let values = PLAIN;
  try {
    values = { ...PLAIN, ...sensible(fromStored(JSON.parse(storage().getItem(KEY) ?? "{}"))) };
  } catch {
    // What cannot be read is as good as nothing.
  }

  /** @param {Partial<ViewSettingsValues>} change */
  function set(change) {
    const before = values;
    values = { ...values, ...sensible(change) };
    try {
      storage().setItem(KEY, JSON.stringify(toStored(values)));
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
