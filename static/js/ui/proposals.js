/**
 * The panel of the proposals: what is looked for, how far that is, and the least score.
 * @module ui/proposals
 */
import { h } from "./element.js";

/** @typedef {"everything" | "alike"} SearchKind */
/** @typedef {import("../tools/proposals.js").ProposalState} ProposalState */

/** The least score, in percent, to begin with: those like an object are judged by likeness, too. */
const BEGIN = { everything: 85, alike: 40 };

/**
 * @typedef {object} ProposalsPanelOptions
 * @property {HTMLElement} root
 * @property {(kind: SearchKind) => void} search
 * @property {() => void} takeAll
 * @property {() => void} drop
 * @property {() => void} filter the least score changed
 * @property {() => void} done gives the focus back to the canvas
 */

/** @typedef {{active: boolean, state: ProposalState, count: number, total: number}} Shown */

/** @param {Shown} shown @param {SearchKind} kind */
export function statusOf({ state, count, total }, kind) {
  if (state === "running") return kind === "everything" ? "Looking for all objects…" : "Looking for more like it…";
  if (state === "failed") return "Nothing could be looked for";
  if (state === "idle") return "No proposals";
  if (count) return `${count} ${count === 1 ? "proposal" : "proposals"}`;
  if (total) return `None at this score, ${total} below`;
  return kind === "everything" ? "No objects were found" : "Nothing more like it was found";
}

/** @param {ProposalsPanelOptions} context */
export function createProposalsPanel({ root, search, takeAll, drop, filter, done }) {
  /** @type {SearchKind} */
  let kind = "everything";
  const least = h("input", { type: "range", id: "proposals-least", min: "0", max: "100", step: "1", value: String(BEGIN.everything) });
  const shown = h("output", { for: least.id }, `${BEGIN.everything}\u00a0%`);
  const crops = h("input", { type: "checkbox", id: "proposals-crops" });
  const progress = h("progress", { class: "proposals-progress", max: "1", value: "0", "aria-label": "Progress", hidden: "" });
  const status = h("p", { class: "regions-status", role: "status" });
  /** @param {string} text @param {string} [extra] @param {string} [title] */
  const button = (text, extra = "", title = "") => h("button", { type: "button", class: `button button-small ${extra}`, title }, text);
  const everything = button("Everything", "", "All objects of the image (Q)");
  const like = button("More like it", "", "Objects like the selected ones (Shift+Q)");
  const all = button("Keep all", "", "All that are shown, as one step (A)");
  const away = button("Drop all", "button-quiet");

  root.append(
    h("div", { class: "regions-buttons" }, everything, like),
    h(
      "div",
      { class: "regions-form" },
      h("div", { class: "proposals-field" }, h("label", { for: least.id }, "Least score"), least, shown),
      h("label", { class: "proposals-check", title: "Looks at four parts of the image as well; takes longer" }, crops, "Small objects too"),
    ),
    progress,
    status,
    h("div", { class: "regions-buttons" }, all, away),
    h("p", { class: "candidates-hint" }, "Click keeps one · Shift+click drops one · ", h("kbd", {}, "A"), " keep all · ", h("kbd", {}, "Esc"), " drop all"),
  );

  function show() {
    shown.textContent = `${least.value}\u00a0%`;
  }

  least.addEventListener("input", () => (show(), filter()));
  // A range takes the keys for itself; this one means the same everywhere.
  least.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "a" && !event.ctrlKey && !event.metaKey && !event.altKey) takeAll();
  });
  /** @param {HTMLElement} element @param {() => void} run */
  const bind = (element, run) => element.addEventListener("click", (event) => (run(), event.detail && done()));
  bind(everything, () => search("everything"));
  bind(like, () => search("alike"));
  bind(all, takeAll);
  bind(away, drop);

  return {
    /** 0..1 */
    least: () => least.valueAsNumber / 100,
    crops: () => crops.checked,
    /** A search of this kind begins. @param {SearchKind} next */
    begin(next) {
      if (next !== kind) least.value = String(BEGIN[next]);
      kind = next;
      progress.removeAttribute("value");
      show();
    },
    /** @param {number} share */
    progress(share) {
      if (share > 0) progress.value = share;
    },
    /** @param {Shown} now */
    update(now) {
      root.hidden = !now.active;
      const words = statusOf(now, kind);
      if (status.textContent !== words) status.textContent = words;
      root.dataset.state = now.state;
      root.dataset.kind = kind;
      progress.hidden = now.state !== "running";
      all.disabled = !now.count;
      all.textContent = now.count ? `Keep all ${now.count}` : "Keep all";
      away.disabled = !now.total && now.state !== "running";
    },
  };
}
