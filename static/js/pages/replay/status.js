/**
 * How far a replay is.
 * @module pages/replay/status
 */
import { h } from "../../ui/element.js";
import { percent } from "../../ui/format.js";

/** @typedef {import("./types.js").Replay} Replay */

const CHIPS = /** @type {Record<string, string>} */ ({ Queued: "", Running: "chip-info", Completed: "chip-ok", Failed: "chip-danger" });

/** @param {Replay} replay */
export const isWorking = ({ status }) => status === "Queued" || status === "Running";

/** Between two stretches of its work a replay waits for its turn: that is no news. @param {Replay} replay */
function word({ status, progress, error }) {
  if (error?.code === "cancelled") return "Stopped";
  if (status === "Running" || (status === "Queued" && progress > 0)) return `Running · ${percent(progress)}`;
  return status === "Completed" ? "Done" : status;
}

/** @param {Replay} replay */
export function statusOf(replay) {
  const stopped = replay.error?.code === "cancelled";
  return h(
    "div",
    { class: "job-status" },
    h("span", { class: `chip ${stopped ? "chip-warn" : CHIPS[replay.status]}` }, word(replay)),
    isWorking(replay) && h("progress", { class: "replay-bar", max: 1, value: replay.progress, "aria-label": `Progress of replay ${replay.id}` }),
    replay.error && !stopped && h("span", { class: "job-error" }, replay.error.message),
  );
}
