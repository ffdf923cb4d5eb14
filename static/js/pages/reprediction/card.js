/**
 * One proposal: the mask as it is beside the mask as it would be, and the decision.
 * @module pages/reprediction/card
 */
import { UNLABELLED } from "../../canvas/colors.js";
import { h, icon, swatch } from "../../ui/element.js";

/** @typedef {import("./types.js").Proposal} Proposal */
/** @typedef {"accept" | "dismiss" | "reopen"} Decision */

const WORDS = { pending: "", accepted: "Accepted", dismissed: "Dismissed", outdated: "Outdated" };
const CHIPS = { pending: "", accepted: "chip-ok", dismissed: "", outdated: "chip-warn" };

/** @param {number} iou in percent, never rounded up to full agreement */
export const agreement = (iou) => `${(Math.floor(iou * 1000) / 10).toLocaleString("en")} %`;

/**
 * @param {Proposal} proposal
 * @param {object} context
 * @param {(id: number | null) => import("../../net/types.js").Label | undefined} context.label
 * @param {ReturnType<typeof import("./pictures.js").createPictures>} context.pictures
 * @param {(proposal: Proposal, decision: Decision) => void} context.decide
 */
export function createCard(proposal, { label, pictures, decide }) {
  const own = label(proposal.label);
  const name = own?.name ?? (proposal.label === null ? "Deleted object" : "No label");
  const color = own?.color ?? UNLABELLED;
  const before = h("canvas", { "aria-hidden": "true" });
  const after = h("canvas", { "aria-hidden": "true" });
  const foot = h("div", { class: "proposal-foot" });
  const card = h(
    "li",
    { class: "card proposal", tabindex: "-1", dataset: { id: proposal.id }, "aria-label": `${name} on ${proposal.imageName}, agreement ${agreement(proposal.iou)}` },
    h("div", { class: "sides" }, side("Now", before, proposal.old ? "" : "The mask is not in the history."), side("New", after, proposal.new ? "" : "The model finds nothing here.")),
    h(
      "div",
      { class: "proposal-text" },
      h("div", { class: "proposal-head" }, swatch(color), h("span", { class: "name" }, name), h("span", { class: `chip ${chipOf(proposal.iou)}` }, agreement(proposal.iou))),
      h("a", { class: "small", href: `/images/${proposal.image}/annotate/` }, proposal.imageName),
      h("p", { class: "muted small" }, scores(proposal)),
    ),
    foot,
  );
  pictures.add(card, proposal, before, after, color);

  /** Shows the state as it is now. @param {boolean} [busy] */
  function update(busy = false) {
    const { state } = proposal;
    card.dataset.state = state;
    card.classList.toggle("is-decided", state !== "pending");
    card.setAttribute("aria-busy", String(busy));
    const had = foot.contains(document.activeElement);
    foot.replaceChildren(...controls(proposal, busy, decide));
    if (had) card.focus();
  }
  update();
  return { card, update };
}

/** @param {string} title @param {HTMLCanvasElement} canvas @param {string} none */
function side(title, canvas, none) {
  return h("figure", { class: "side" }, canvas, none && h("span", { class: "side-none" }, none), h("figcaption", {}, title));
}

/** @param {number} iou */
const chipOf = (iou) => (iou >= 0.9 ? "chip-ok" : iou >= 0.6 ? "chip-warn" : "chip-danger");

/** @param {Proposal} proposal */
function scores({ old, new: fresh }) {
  const score = (/** @type {number | null | undefined} */ value) => (value === null || value === undefined ? "none" : value.toFixed(2));
  return `Score ${score(old?.score)}${old?.model ? ` (${old.model})` : ""}, new ${score(fresh?.score)}`;
}

/** @param {Proposal} proposal @param {boolean} busy @param {(proposal: Proposal, decision: Decision) => void} decide */
function controls(proposal, busy, decide) {
  const { state } = proposal;
  /** @param {Decision} decision @param {string} text @param {string} picture @param {boolean} [able] */
  const button = (decision, text, picture, able = true) =>
    h("button", { class: `button button-small ${decision === "accept" ? "button-primary" : ""}`, type: "button", disabled: busy || !able, onclick: () => decide(proposal, decision) }, icon(picture), text);
  if (state === "pending") return [button("accept", "Accept", "check", proposal.new !== null), button("dismiss", "Dismiss", "close")];
  const chip = h("span", { class: `chip ${CHIPS[state]}` }, WORDS[state]);
  if (state === "dismissed") return [chip, button("reopen", "Take back", "undo")];
  if (state === "outdated") return [chip, h("span", { class: "muted small" }, "The object has changed since.")];
  return [chip, proposal.decidedBy ? h("span", { class: "muted small" }, `by ${proposal.decidedBy}`) : h("span")];
}
