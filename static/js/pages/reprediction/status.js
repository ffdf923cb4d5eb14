/**
 * How far a re-prediction is.
 * @module pages/reprediction/status
 */
import { h } from "../../ui/element.js";
import { percent } from "../../ui/format.js";

/** @typedef {import("./types.js").Reprediction} Reprediction */

const CHIPS = /** @type {Record<string, string>} */ ({ Queued: "", Running: "chip-info", Completed: "chip-ok", Failed: "chip-danger" });

/** @param {Reprediction} reprediction */
export const isWorking = ({ status }) => status === "Queued" || status === "Running";

/** Between two stretches of its work a re-prediction waits for its turn: that is no news. @param {Reprediction} reprediction */
function word({ status, progress, error }) {
  if (error?.code === "cancelled") return "Stopped";
  if (status === "Running" || (status === "Queued" && progress > 0)) return `Running · ${percent(progress)}`;
  return status === "Completed" ? "Done" : status;
}

/** @param {Reprediction} reprediction */
export function statusOf(reprediction) {
  const stopped = reprediction.error?.code === "cancelled";
  return h(
    "div",
    { class: "job-status" },
    h("span", { class: `chip ${stopped ? "chip-warn" : CHIPS[reprediction.status]}` }, word(reprediction)),
    isWorking(reprediction) && h("progress", { class: "replay-bar", max: 1, value: reprediction.progress, "aria-label": `Progress of replay ${reprediction.id}` }),
    reprediction.error && !stopped && h("span", { class: "job-error" }, reprediction.error.message),
  );
}
