/**
 * Numbers, sizes and times as people read them.
 * @module ui/format
 */

/** @param {number} number @param {string} noun @param {string} [many] */
export function plural(number, noun, many = `${noun}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? noun : many}`;
}

/** @param {number} bytes */
export function bytes(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const unit = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const number = bytes / 1000 ** unit;
  return `${number.toFixed(number < 10 ? 1 : 0)} ${["B", "kB", "MB", "GB"][unit]}`;
}

/** @param {number} part 0 to 1 */
export function percent(part) {
  return `${Math.floor(Math.min(1, Math.max(0, part)) * 100)} %`;
}

/** @param {number} ms a duration */
export function duration(ms) {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 1) return `${Math.round(ms)} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** @type {[number, Intl.RelativeTimeFormatUnit][]} */
const STEPS = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [30, "day"],
  [12, "month"],
  [Infinity, "year"],
];

/** "3 minutes ago". @param {number} time epoch ms @param {number} [now] */
export function ago(time, now = Date.now()) {
  let amount = (now - time) / 1000;
  if (amount < 10) return "just now";
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [size, unit] of STEPS) {
    if (amount < size) return words.format(-Math.floor(amount), unit);
    amount /= size;
  }
  return "";
}

/** A <time> that shows the exact moment on hover. @param {number | null | undefined} time @param {string} [none] */
export function timeElement(time, none = "never") {
  const node = document.createElement("time");
  node.textContent = time ? ago(time) : none;
  if (time) {
    node.dateTime = new Date(time).toISOString();
    node.title = new Date(time).toLocaleString();
  }
  return node;
}
