/**
 * The review of a re-prediction: old and new masks side by side, those that agree least first.
 * @module pages/reprediction
 */
import { createLatest } from "../core/latest.js";
import { createSocket } from "../net/socket.js";
import { byId, h, icon } from "../ui/element.js";
import { plural } from "../ui/format.js";
import { begin, debounce, throttle } from "./common.js";
import { createCard } from "./reprediction/card.js";
import { decideMany } from "./reprediction/many.js";
import { createPictures } from "./reprediction/pictures.js";
import { problemsOf } from "./reprediction/problems.js";
import { isWorking, statusOf } from "./reprediction/status.js";

/** @typedef {import("./reprediction/types.js").Reprediction} Reprediction */
/** @typedef {import("./reprediction/types.js").Proposal} Proposal */
/** @typedef {import("./reprediction/card.js").Decision} Decision */

const PAGE = 24;
const AFTER = /** @type {const} */ ({ accept: "accepted", dismiss: "dismissed", reopen: "pending" });
const KEYS = /** @type {Record<string, Decision>} */ ({ a: "accept", x: "dismiss", u: "reopen" });
const REASONS = /** @type {Record<string, string>} */ ({
  stale_version: "The object was changed since the replay. It stays as it is.",
  deleted: "The object was deleted since the replay.",
  empty_mask: "The new mask covers no pixel.",
  decided: "Somebody else has decided on it already.",
});

const { data, api, toasts, report } = begin();
const path = `/replays/${data.replay}`;
const owner = data.project.role === "owner";
const why = byId("problems", HTMLElement);
const list = byId("proposals", HTMLElement);
const empty = byId("proposals-empty", HTMLElement);
const more = byId("more", HTMLButtonElement);
const many = byId("many", HTMLButtonElement);
const found = byId("found", HTMLElement);
const filters = byId("filters", HTMLFormElement);
const stateFilter = byId("filter-state", HTMLSelectElement);
const labelFilter = byId("filter-label", HTMLSelectElement);
const from = byId("filter-from", HTMLInputElement);
const to = byId("filter-to", HTMLInputElement);
labelFilter.append(...data.project.labels.map((/** @type {any} */ { id, name }) => h("option", { value: id }, name)));

/** @type {Reprediction | null} */
let reprediction = null;
/**
 * @type {Map<number, {proposal: Proposal, card: HTMLElement, listed: boolean, update: (busy?: boolean) => void}>} listed: among
 *   those that the server counts under the filter, where an outdated one waits as any other
 */
const shown = new Map();
/** @type {string | null} */
let next = null;
const questions = createLatest();
let pictures = createPictures();

// --- The re-prediction ------------------------------------------------------------------------------

async function loadReprediction() {
  try {
    reprediction = /** @type {Reprediction} */ (await api.get(path));
    drawReprediction(reprediction);
  } catch (error) {
    report("The replay could not be loaded", error);
  }
}

/** @param {Reprediction} row */
function drawReprediction(row) {
  byId("title", HTMLElement).textContent = `Replay on ${row.engine}`;
  const { pending, accepted, dismissed, outdated } = row.counts;
  const facts = [`${pending} to decide`, `${accepted} accepted`, `${dismissed} dismissed`];
  if (outdated) facts.push(`${outdated} outdated`);
  if (row.skipped) facts.push(`${plural(row.skipped, "object")} without prompts skipped`);
  if (row.failed) facts.push(`${plural(row.failed, "object")} could not be asked about`);
  byId("summary", HTMLElement).replaceChildren(h("p", { class: "muted small" }, facts.join(" · ")), statusOf(row));
  drawProblems(row);
  byId("actions", HTMLElement).replaceChildren(...(owner ? actions(row) : []));
  many.disabled = pending === 0;
}

/** Drawn anew only for other problems: somebody may be reading. @param {Reprediction} row */
function drawProblems(row) {
  const text = JSON.stringify(row.problems);
  if (why.dataset.shown === text) return;
  why.dataset.shown = text;
  why.replaceChildren(problemsOf(row, why.querySelector("details")?.open ?? false) ?? "");
}

/** @param {Reprediction} row */
function actions(row) {
  /** @param {string} what @param {string} text */
  const button = (what, text) => h("button", { class: "button", type: "button", onclick: () => post(what) }, text);
  if (isWorking(row)) return [button("cancel", "Stop")];
  return row.status === "Failed" ? [button("resume", "Go on")] : [];
}

/** @param {string} what */
async function post(what) {
  try {
    await api.post(`${path}/${what}`);
  } catch (error) {
    report("The replay did not change", error);
  }
  await loadReprediction();
}

// --- The proposals ----------------------------------------------------------------------------

/** @param {HTMLInputElement} input */
const share = (input) => (input.value === "" ? null : Math.min(1, Math.max(0, Number(input.value) / 100)));

/** @param {string | null} cursor @param {number} [limit] @returns {Promise<{items: Proposal[], next: string | null, total: number}>} */
function fetchPage(cursor, limit = PAGE) {
  const query = { state: stateFilter.value, label: labelFilter.value, minIou: share(from), maxIou: share(to) };
  return api.get(`${path}/proposals`, { query: { ...query, limit, cursor } });
}

async function reload() {
  const isLatest = questions.next();
  try {
    const page = await fetchPage(null);
    if (!isLatest()) return;
    pictures.clear();
    pictures = createPictures();
    shown.clear();
    list.replaceChildren();
    add(page);
  } catch (error) {
    report("The proposals could not be loaded", error);
  }
}

more.addEventListener("click", async () => {
  const isLatest = questions.next();
  more.disabled = true;
  try {
    const before = shown.size;
    do {
      const page = await fetchPage(next);
      if (!isLatest()) break;
      add(page);
      // From the start again, after what came later, the first pages may hold nothing that is not shown.
    } while (shown.size === before && next !== null);
    if (isLatest() && shown.size === before) more.hidden = true;
  } catch (error) {
    report("More proposals could not be loaded", error);
  }
  more.disabled = false;
});

/** @param {{items: Proposal[], next: string | null, total: number}} page */
function add(page) {
  const label = (/** @type {number | null} */ id) => data.project.labels.find((/** @type {any} */ each) => each.id === id);
  for (const proposal of page.items) {
    if (shown.has(proposal.id)) continue;
    const made = createCard(proposal, { label, pictures, decide: (which, decision) => void decide(which, decision) });
    shown.set(proposal.id, { proposal, listed: true, ...made });
    list.append(made.card);
  }
  next = page.next;
  showTotal(page.total);
  list.hidden = shown.size === 0;
  empty.hidden = shown.size > 0;
  empty.replaceChildren(emptyState());
  if (!list.querySelector('[tabindex="0"]')) list.firstElementChild?.setAttribute("tabindex", "0");
}

/** How many there are by now; those that are not shown can be asked for. @param {number} total */
function showTotal(total) {
  const listed = [...shown.values()].filter((entry) => entry.listed);
  more.hidden = next === null && total <= listed.length;
  found.textContent = total ? plural(total, "proposal") : "";
}

function emptyState() {
  const narrowed = labelFilter.value || from.value || to.value || stateFilter.value !== "pending";
  const working = reprediction && isWorking(reprediction);
  const title = narrowed ? "No such proposals" : working ? "No masks yet" : "Nothing left to decide";
  const text = narrowed ? "Choose other filters." : working ? "They appear here as the workers make them." : "Every mask of this replay was decided on, or it had none to show.";
  return h("section", { class: "empty" }, icon(working ? "clock" : "check"), h("h2", {}, title), h("p", { class: "muted" }, text));
}

/** @param {Proposal} proposal @param {Decision} decision */
async function decide(proposal, decision) {
  const entry = shown.get(proposal.id);
  const fits = decision === "reopen" ? proposal.state === "dismissed" : proposal.state === "pending";
  if (!entry || !fits || entry.card.getAttribute("aria-busy") === "true") return;
  if (decision === "accept" && !proposal.new) return;
  entry.update(true);
  try {
    const { skipped } = await api.post(`${path}/decisions`, { decision, ids: [proposal.id] });
    const code = skipped[0]?.code;
    proposal.state = code === "stale_version" || code === "deleted" ? "outdated" : code ? proposal.state : AFTER[decision];
    entry.listed = !stateFilter.value || proposal.state === stateFilter.value;
    proposal.decidedBy = proposal.state === "accepted" ? data.user.username : null;
    if (code) toasts.info("Nothing was changed", REASONS[code] ?? code);
  } catch (error) {
    report("The decision was not saved", error);
  }
  entry.update();
  loadRepredictionSoon();
}

many.addEventListener("click", async () => {
  const label = labelFilter.value ? Number(labelFilter.value) : null;
  const labelName = labelFilter.selectedOptions[0]?.text ?? "";
  const done = await decideMany({ api, reprediction: data.replay, label, labelName });
  if (!done) return;
  toasts.success(`${plural(done.decided, "proposal")} decided${done.skipped ? `, ${done.skipped} left alone: the objects have changed` : ""}`);
  await Promise.all([loadReprediction(), reload()]);
});

// --- Keys -------------------------------------------------------------------------------------

function columns() {
  return getComputedStyle(list).gridTemplateColumns.split(" ").length;
}

/** @param {Element | undefined | null} card */
function focusCard(card) {
  if (!(card instanceof HTMLElement)) return;
  for (const other of list.querySelectorAll('[tabindex="0"]')) if (other.classList.contains("proposal")) other.setAttribute("tabindex", "-1");
  card.setAttribute("tabindex", "0");
  card.focus();
}

/** @param {KeyboardEvent} event */
function keyDown(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || !(event.target instanceof Element)) return;
  const card = event.target.closest(".proposal");
  const entry = card instanceof HTMLElement ? shown.get(Number(card.dataset.id)) : undefined;
  if (!card || !entry) return;
  const cards = [...list.children];
  const at = cards.indexOf(card);
  const steps = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(), ArrowUp: -columns() });
  const decision = KEYS[event.key.toLowerCase()];
  if (event.key in steps) focusCard(cards[at + steps[event.key]]);
  else if (event.key === "Home") focusCard(cards[0]);
  else if (event.key === "End") focusCard(cards.at(-1));
  else if (decision) {
    void decide(entry.proposal, decision);
    if (decision !== "reopen") focusCard(cards.slice(at + 1).find((each) => /** @type {HTMLElement} */ (each).dataset.state === "pending") ?? card);
  } else if (event.key === "Enter" && event.target === card) location.href = `/images/${entry.proposal.image}/annotate/`;
  else return;
  event.preventDefault();
}
list.addEventListener("keydown", keyDown);

// --- News -------------------------------------------------------------------------------------

const loadRepredictionSoon = throttle(() => void loadReprediction(), 400);

const workerNews = throttle(async () => {
  await loadReprediction();
  await refresh();
}, 1000);

/**
 * The first page again, as long as it is not full: new cards go in by their agreement. What people look at stays where it is;
 * then there is only told how many there are.
 */
async function refresh() {
  if (shown.size < PAGE && !document.activeElement?.closest(".proposal")) return reload();
  const isLatest = questions.current();
  const { total } = await fetchPage(null, 1).catch(() => ({ total: null }));
  if (total !== null && isLatest()) showTotal(total);
}

socket().connect();
function socket() {
  const made = createSocket({ url: data.wsUrl });
  made.on("job.updated", ({ id }) => id === reprediction?.job && workerNews());
  for (const type of ["annotation.updated", "annotation.deleted"]) {
    made.on(type, ({ id, version }) => {
      for (const { proposal, update } of shown.values()) {
        if (proposal.annotation !== id || proposal.state !== "pending" || version <= proposal.version) continue;
        // Our own decision also makes news; its answer tells the state.
        setTimeout(() => {
          if (proposal.state !== "pending") return;
          proposal.state = "outdated";
          update();
        }, 1500);
      }
    });
  }
  made.onOpen(workerNews);
  return made;
}

filters.addEventListener("change", () => void reload());
filters.addEventListener("input", debounce(() => void reload(), 400));
filters.addEventListener("submit", (event) => event.preventDefault());
await loadReprediction();
await reload();
