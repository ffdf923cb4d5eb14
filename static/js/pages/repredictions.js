/**
 * The page of re-predictions: those there were, and the way to a new one.
 * @module pages/repredictions
 */
import { createSocket } from "../net/socket.js";
import { confirmDialog, openDialog } from "../ui/dialog.js";
import { byId, h, icon } from "../ui/element.js";
import { plural, timeElement } from "../ui/format.js";
import { begin, throttle } from "./common.js";
import { isWorking, statusOf } from "./reprediction/status.js";

/** @typedef {import("./reprediction/types.js").Reprediction} Reprediction */
/** @typedef {{name: string, model: string, problem: string | null, serving: boolean}} Model */

const { data, api, report } = begin();
const path = `/projects/${data.project.id}/replays`;
const owner = data.project.role === "owner";
const list = byId("replays", HTMLElement);
const empty = byId("replays-empty", HTMLElement);
const more = byId("more", HTMLButtonElement);
/** @type {Reprediction[]} */
let rows = [];
/** @type {string | null} */
let next = null;

async function load() {
  try {
    const page = await api.get(path, { query: { limit: Math.max(20, rows.length) } });
    [rows, next] = [page.items, page.next];
    draw();
  } catch (error) {
    report("The replays could not be loaded", error);
  }
}

more.addEventListener("click", async () => {
  try {
    const page = await api.get(path, { query: { limit: 20, cursor: next } });
    [rows, next] = [[...rows, ...page.items], page.next];
    draw();
  } catch (error) {
    report("More replays could not be loaded", error);
  }
});

function draw() {
  list.replaceChildren(...rows.map(row));
  more.hidden = next === null;
  empty.hidden = rows.length > 0;
  empty.replaceChildren(
    h("section", { class: "empty" }, icon("retry"), h("h2", {}, "No replays yet"), h("p", { class: "muted" }, owner ? "Start one when there is a better model than the one the masks were made with." : "An owner of the project can start one.")),
  );
}

/** @param {Reprediction} reprediction */
function row(reprediction) {
  const { counts } = reprediction;
  return h(
    "li",
    { "aria-label": `Replay ${reprediction.id}` },
    h(
      "div",
      { class: "row-main" },
      h("a", { class: "row-name", href: `/replays/${reprediction.id}/` }, `On ${reprediction.engine}`),
      h("div", { class: "muted small" }, `${counts.pending} to decide, ${counts.accepted} accepted, ${counts.dismissed} dismissed · `, timeElement(reprediction.createdTime), reprediction.createdBy ? ` by ${reprediction.createdBy}` : ""),
    ),
    h("div", { class: "row-end" }, statusOf(reprediction), owner ? actions(reprediction) : null),
  );
}

/** @param {Reprediction} reprediction */
function actions(reprediction) {
  return h(
    "div",
    { class: "row" },
    isWorking(reprediction) && h("button", { class: "button button-small", type: "button", onclick: () => post(reprediction, "cancel") }, "Stop"),
    reprediction.status === "Failed" && h("button", { class: "button button-small", type: "button", onclick: () => post(reprediction, "resume") }, "Go on"),
    h("button", { class: "button button-small button-icon", type: "button", "aria-label": `Delete replay ${reprediction.id}`, onclick: () => remove(reprediction) }, icon("trash")),
  );
}

/** @param {Reprediction} reprediction @param {"cancel" | "resume"} what */
async function post(reprediction, what) {
  try {
    await (what === "cancel" ? api.post(`/replays/${reprediction.id}/cancel`) : api.post(`/replays/${reprediction.id}/resume`));
  } catch (error) {
    report("The replay did not change", error);
  }
  await load();
}

/** @param {Reprediction} reprediction */
async function remove(reprediction) {
  const done = await confirmDialog({
    title: "Delete the replay?",
    text: `${plural(reprediction.counts.pending, "proposal")} that nobody has decided on go with it. Masks that were accepted stay.`,
    action: "Delete",
    run: () => api.delete(`/replays/${reprediction.id}`),
  });
  if (done) await load();
}

async function start() {
  /** @type {Model[]} */
  let models;
  try {
    models = (await api.get("/models")).items;
  } catch (error) {
    return report("The models could not be loaded", error);
  }
  // The engine that makes up its masks is for tests.
  const offered = models.filter(({ name, serving }) => name !== "fake" || serving);
  const first = offered.find(({ problem, serving }) => !problem && !serving) ?? offered[0];
  const select = h("select", { class: "input", id: "model" }, ...offered.map((model) => h("option", { value: model.name, selected: model === first }, nameOf(model))));
  const hint = h("p", { class: "field-hint", id: "model-hint" });
  select.setAttribute("aria-describedby", "model-hint");
  const explain = () => (hint.textContent = hintOf(offered.find(({ name }) => name === select.value)));
  select.addEventListener("change", explain);
  explain();
  const reprediction = await openDialog({
    title: "Replay on a model",
    body: [
      h("p", {}, "Every object with prompts is asked about again, in the background. Objects drawn by brush or polygon are left out. You review the new masks afterwards."),
      h("div", { class: "field" }, h("label", { for: "model" }, "Model"), select, hint),
    ],
    action: "Start",
    run: () => api.post(path, { model: select.value }),
  });
  if (reprediction) location.href = `/replays/${reprediction.id}/`;
}

/** @param {Model} model */
function nameOf({ name, model, serving }) {
  return `${name}${model === name ? "" : ` (${model})`}${serving ? ", in use now" : ""}`;
}

/** @param {Model | undefined} model */
function hintOf(model) {
  if (!model) return "";
  if (model.problem) return `Does not load on this host: ${model.problem}. The replay fails unless the workers' host has it.`;
  return model.serving ? "The model that people use now: for masks that an earlier one made." : "Ready on this host.";
}

document.getElementById("start")?.addEventListener("click", () => void start());
const socket = createSocket({ url: data.wsUrl });
const loadSoon = throttle(() => void load(), 700);
socket.on("job.updated", ({ kind }) => kind === "replay" && loadSoon());
socket.onOpen(loadSoon);
socket.connect();
await load();
