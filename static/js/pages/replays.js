/**
 * The replays page: those there were, and the way to a new one.
 * @module pages/replays
 */
import { createSocket } from "../net/socket.js";
import { confirmDialog, openDialog } from "../ui/dialog.js";
import { byId, h, icon } from "../ui/element.js";
import { plural, timeElement } from "../ui/format.js";
import { begin, throttle } from "./common.js";
import { isWorking, statusOf } from "./replay/status.js";

/** @typedef {import("./replay/types.js").Replay} Replay */
/** @typedef {{name: string, model: string, problem: string | null, serving: boolean}} Model */

const { data, api, report } = begin();
const path = `/projects/${data.project.id}/replays`;
const owner = data.project.role === "owner";
const list = byId("replays", HTMLElement);
const empty = byId("replays-empty", HTMLElement);
const more = byId("more", HTMLButtonElement);
/** @type {Replay[]} */
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

/** @param {Replay} replay */
function row(replay) {
  const { counts } = replay;
  return h(
    "li",
    { "aria-label": `Replay ${replay.id}` },
    h(
      "div",
      { class: "row-main" },
      h("a", { class: "row-name", href: `/replays/${replay.id}/` }, `On ${replay.engine}`),
      h("div", { class: "muted small" }, `${counts.pending} to decide, ${counts.accepted} accepted, ${counts.dismissed} dismissed · `, timeElement(replay.createdTime), replay.createdBy ? ` by ${replay.createdBy}` : ""),
    ),
    h("div", { class: "row-end" }, statusOf(replay), owner ? actions(replay) : null),
  );
}

/** @param {Replay} replay */
function actions(replay) {
  return h(
    "div",
    { class: "row" },
    isWorking(replay) && h("button", { class: "button button-small", type: "button", onclick: () => post(replay, "cancel") }, "Stop"),
    replay.status === "Failed" && h("button", { class: "button button-small", type: "button", onclick: () => post(replay, "resume") }, "Go on"),
    h("button", { class: "button button-small button-icon", type: "button", "aria-label": `Delete replay ${replay.id}`, onclick: () => remove(replay) }, icon("trash")),
  );
}

/** @param {Replay} replay @param {"cancel" | "resume"} what */
async function post(replay, what) {
  try {
    await (what === "cancel" ? api.post(`/replays/${replay.id}/cancel`) : api.post(`/replays/${replay.id}/resume`));
  } catch (error) {
    report("The replay did not change", error);
  }
  await load();
}

/** @param {Replay} replay */
async function remove(replay) {
  const done = await confirmDialog({
    title: "Delete the replay?",
    text: `${plural(replay.counts.pending, "proposal")} that nobody has decided on go with it. Masks that were accepted stay.`,
    action: "Delete",
    run: () => api.delete(`/replays/${replay.id}`),
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
  const replay = await openDialog({
    title: "Replay on a model",
    body: [
      h("p", {}, "Every object with prompts is asked about again, in the background. Objects drawn by brush or polygon are left out. You review the new masks afterwards."),
      h("div", { class: "field" }, h("label", { for: "model" }, "Model"), select, hint),
    ],
    action: "Start",
    run: () => api.post(path, { model: select.value }),
  });
  if (replay) location.href = `/replays/${replay.id}/`;
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
