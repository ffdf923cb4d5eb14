/**
 * When a token ends: from what the form says, and in words for the list.
 * @module pages/token_expiry
 */

const DAY = 86_400_000;
/** Somebody has to make a new one in time, and may be away for some days. */
const SOON = 14 * DAY;

/**
 * Epoch milliseconds, or null for never. A date means the end of that day where the person is.
 * @param {string} choice days from now, "date" or "never"
 * @param {string} date as date fields give it, "2030-12-31"
 * @param {number} [now]
 * @returns {number | null}
 */
export function expiresTime(choice, date, now = Date.now()) {
  if (choice === "never") return null;
  if (choice !== "date") return now + Number(choice) * DAY;
  const end = new Date(`${date}T23:59:59`).getTime();
  if (Number.isNaN(end)) throw new Error("Choose the token's last day.");
  if (end <= now) throw new Error("The last day must not be over.");
  return end;
}

/**
 * @param {number | null} expires epoch ms
 * @param {number} [now]
 * @returns {{kind: "none" | "good" | "soon" | "expired", text: string}}
 */
export function expiryState(expires, now = Date.now()) {
  if (expires === null) return { kind: "none", text: "never expires" };
  if (expires <= now) return { kind: "expired", text: "expired" };
  const left = expires - now;
  return { kind: left < SOON ? "soon" : "good", text: `expires ${ahead(left)}` };
}

/** "in 12 days", "today". @param {number} left ms */
function ahead(left) {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "always" });
  if (left < DAY) return words.format(Math.max(1, Math.round(left / 3_600_000)), "hour");
  const days = Math.round(left / DAY);
  if (days < 60) return words.format(days, "day");
  return days < 720 ? words.format(Math.round(days / 30.4), "month") : words.format(Math.round(days / 365), "year");
}
