/**
 * Many labels from a pasted list, each with a colour that is told apart from the others.
 * @module pages/label_names
 */

const LONGEST = 100;

/**
 * Names of a pasted text: one a line or separated by commas, semicolons or tabs; each once.
 * @param {string} text
 * @param {Iterable<string>} [taken] names that exist already
 */
export function parseNames(text, taken = []) {
  const seen = new Set(taken);
  /** @type {string[]} */
  const names = [];
  for (const part of text.split(/[\n\r,;\t]+/)) {
    const name = part.replace(/\s+/g, " ").trim().slice(0, LONGEST);
    if (!name || seen.has(name)) continue;
    seen.add(name);
    names.push(name);
  }
  return names;
}

/**
 * The next colour: of the palette while it lasts, then hues in steps of the golden angle.
 * @param {readonly string[]} palette
 * @param {Iterable<string>} used
 */
export function nextColor(palette, used) {
  const taken = new Set([...used].map((color) => color.toLowerCase()));
  const free = palette.find((color) => !taken.has(color.toLowerCase()));
  if (free) return free;
  for (let step = 0; ; step++) {
    const color = hueColor((step * 137.508) % 360, step % 2 ? 0.55 : 0.7);
    if (!taken.has(color)) return color;
  }
}

/** `#rrggbb` of a well-saturated hue. @param {number} hue degrees @param {number} lightness 0 to 1 */
export function hueColor(hue, lightness) {
  const reach = 0.75 * Math.min(lightness, 1 - lightness);
  const channel = (/** @type {number} */ n) => {
    const k = (n + hue / 30) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255).toString(16).padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

/**
 * Names with colours; a name keeps the colour it had before.
 * @param {string[]} names
 * @param {readonly string[]} palette
 * @param {Map<string, string>} known
 * @param {Iterable<string>} [used] colours of other labels
 */
export function withColors(names, palette, known, used = []) {
  const taken = [...used, ...names.flatMap((name) => known.get(name) ?? [])];
  return names.map((name) => {
    const color = known.get(name) ?? nextColor(palette, taken);
    if (!known.has(name)) {
      known.set(name, color);
      taken.push(color);
    }
    return { name, color };
  });
}
