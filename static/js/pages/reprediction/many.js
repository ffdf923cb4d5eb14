/**
 * Deciding on many proposals at once: all above or all below an agreement.
 * @module pages/reprediction/many
 */
import { createLatest } from "../../core/latest.js";
import { openDialog } from "../../ui/dialog.js";
import { h } from "../../ui/element.js";
import { plural } from "../../ui/format.js";

/**
 * @typedef {object} ManyContext
 * @property {import("../../net/api.js").Api} api
 * @property {number} reprediction
 * @property {number | null} label what the list is narrowed down to
 * @property {string} labelName
 */

/**
 * Opens the dialog; resolves with what was decided, or null.
 * @param {ManyContext} context
 * @returns {Promise<{decided: number, skipped: number} | null>}
 */
export function decideMany({ api, reprediction, label, labelName }) {
  const choice = (/** @type {string} */ id, /** @type {[string, string][]} */ options) =>
    h("select", { class: "input", id }, ...options.map(([value, text]) => h("option", { value }, text)));
  const decision = choice("many-decision", [["accept", "Accept"], ["dismiss", "Dismiss"]]);
  const side = choice("many-side", [["minIou", "at least"], ["maxIou", "at most"]]);
  const share = h("input", { class: "input", id: "many-share", type: "number", min: 0, max: 100, step: 0.1, value: "95" });
  const count = h("p", { class: "note", role: "status" });
  const bar = h("progress", { "aria-label": "Progress", max: 1, hidden: true });
  let matching = 0;
  const counts = createLatest();

  const which = () => ({ [side.value]: Number(share.value) / 100, ...(label === null ? {} : { label }) });
  const valid = () => share.value !== "" && Number(share.value) >= 0 && Number(share.value) <= 100;

  async function recount() {
    const isLatest = counts.next();
    matching = 0;
    if (!valid()) return void (count.textContent = "Give a share from 0 to 100 %.");
    try {
      const page = await api.get(`/replays/${reprediction}/proposals`, { query: { ...which(), state: "pending", limit: 1 } });
      if (!isLatest()) return;
      matching = page.total;
      count.textContent = `${plural(matching, "proposal")} to decide. ${decision.value === "accept" ? "Each object gets a new version; its history keeps the old mask. What has changed since is left alone." : "The objects stay as they are."}`;
    } catch (error) {
      count.textContent = error instanceof Error ? error.message : String(error);
    }
    form()?.dispatchEvent(new Event("input"));
  }
  const form = () => share.closest("form");
  decision.addEventListener("change", () => {
    side.value = decision.value === "accept" ? "minIou" : "maxIou";
    void recount();
  });
  side.addEventListener("change", () => void recount());
  share.addEventListener("input", () => void recount());

  async function run() {
    const body = { decision: decision.value, ...which() };
    const total = matching;
    const done = { decided: 0, skipped: 0 };
    bar.hidden = false;
    for (;;) {
      const answer = await api.post(`/replays/${reprediction}/decisions`, body);
      done.decided += answer.decided;
      done.skipped += answer.skipped.length;
      bar.value = total ? (done.decided + done.skipped) / total : 1;
      if (!answer.remaining || !bar.isConnected) return done;
    }
  }

  void recount();
  return openDialog({
    title: label === null ? "Decide many" : `Decide many: ${labelName}`,
    body: [
      h("div", { class: "row" }, h("div", { class: "field" }, h("label", { for: "many-decision" }, "Decision"), decision), h("div", { class: "field" }, h("label", { for: "many-side" }, "Agreement"), side), h("div", { class: "field" }, h("label", { for: "many-share" }, "Percent"), share)),
      count,
      bar,
    ],
    action: "Decide",
    ready: () => matching > 0,
    run,
  });
}
