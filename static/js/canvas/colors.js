/**
 * @module canvas/colors
 */

/** Shown for an object whose label is gone. */
export const UNLABELLED = "#9aa4b2";

/** @param {string} color "#rgb" or "#rrggbb" @param {number} alpha */
export function withAlpha(color, alpha) {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(color);
  const full = short ? `#${short[1]}${short[1]}${short[2]}${short[2]}${short[3]}${short[3]}` : color;
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(full);
  if (!match) return withAlpha(UNLABELLED, alpha);
  const [r, g, b] = match.slice(1).map((part) => parseInt(part, 16));
  return `rgb(${r} ${g} ${b} / ${alpha})`;
}
