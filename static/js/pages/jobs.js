/**
 * The jobs page: what the workers do for the project, live.
 * @module pages/jobs
 */
import { createSocket } from "../net/socket.js";
import { byId, h, icon } from "../ui/element.js";
import { duration, percent, timeElement } from "../ui/format.js";
import { begin, throttle } from "./common.js";

/** @typedef {import("../net/types.js").Job & {image: number | null}} Job */
/** @typedef {import("../net/types.js").Page<Job>} JobPage */

const CHIPS = /** @type {Record<string, string>} */ ({ Queued: "", Running: "chip-info", Completed: "chip-ok", Failed: "chip-danger" });
const PAGE = 50;

const { data, api, report } = begin();
const body = /** @type {HTMLElement} */ (document.getElementById("jobs"));
const frame = byId("jobs-frame", HTMLElement);
const empty = byId("jobs-empty", HTMLElement);
const more = byId("more", HTMLButtonElement);
const filters = byId("filters", HTMLFormElement);
const statusFilter = byId("filter-status", HTMLSelectElement);
const kindFilter = byId("filter-kind", HTMLSelectElement);

/** @type {Map<number | string, Job>} newest first */
let jobs = new Map();
/** @type {Map<number | string, HTMLElement>} */
const rows = new Map();
/** @type {string | null} */
let next = null;
/** Whether older pages were asked for; else the newest one is all that is kept. */
let expanded = false;

/** @param {string | null} cursor @returns {Promise<JobPage>} */
function fetchPage(cursor) {
  return api.get(`/projects/${data.project.id}/jobs`, { query: { limit: PAGE, cursor, status: statusFilter.value, kind: kindFilter.value } });
}

async function reload() {
  try {
    const page = await fetchPage(null);
    jobs = new Map(page.items.map((job) => [job.id, job]));
    next = page.next;
    expanded = false;
    rows.clear();
    draw();
  } catch (error) {
    report("The jobs could not be loaded", error);
  }
}

more.addEventListener("click", async () => {
  more.disabled = true;
  try {
    const page = await fetchPage(next);
    for (const job of page.items) jobs.set(job.id, job);
    next = page.next;
    expanded = true;
    draw();
  } catch (error) {
    report("More jobs could not be loaded", error);
  }
  more.disabled = false;
});

function draw() {
  const wanted = [...jobs.values()].sort((a, b) => Number(b.id) - Number(a.id));
  body.replaceChildren(...wanted.map(rowOf));
  frame.hidden = wanted.length === 0;
  empty.hidden = wanted.length > 0;
  more.hidden = next === null;
  if (empty.hidden) return;
  const filtered = statusFilter.value || kindFilter.value;
  empty.replaceChildren(
    h("section", { class: "empty" }, icon("clock"), h("h2", {}, filtered ? "No such jobs" : "No jobs yet"), h("p", { class: "muted" }, filtered ? "Choose other filters." : "Jobs begin when images arrive, when somebody asks for a mask through the API, and with an export.")),
  );
}

/** @param {Job} job */
function rowOf(job) {
  const known = rows.get(job.id);
  if (known) return known;
  const row = h(
    "tr",
    {},
    h("td", {}, data.kinds[job.kind] ?? job.kind, h("div", { class: "muted small" }, `#${job.id}`)),
    h("td", {}, statusOf(job)),
    h("td", {}, job.image ? h("a", { href: `/images/${job.image}/annotate/` }, `Image ${job.image}`) : "–"),
    h("td", {}, timeElement(job.createdTime)),
    h("td", {}, job.startTime ? duration((isDone(job) ? job.statusTime : Date.now()) - job.startTime) : "–"),
    h("td", { class: "end" }, downloadOf(job)),
  );
  rows.set(job.id, row);
  return row;
}

/** @param {Job} job */
const isDone = (job) => job.status === "Completed" || job.status === "Failed";

/** @param {Job} job */
function statusOf(job) {
  const message = typeof job.error === "string" ? job.error : job.error?.message;
  return h(
    "div",
    { class: "job-status" },
    h("span", { class: `chip ${CHIPS[job.status]}` }, job.status === "Running" ? `Running · ${percent(job.progress)}` : job.status),
    job.status === "Running" && h("progress", { max: 1, value: job.progress, "aria-label": `Progress of job ${job.id}` }),
    message && h("span", { class: "job-error" }, message),
  );
}

/** @param {Job} job */
function downloadOf(job) {
  if (job.kind === "replay" && job.result?.replay) return h("a", { class: "button button-small", href: `/replays/${job.result.replay}/` }, "Review");
  if (job.kind !== "export" || job.status !== "Completed") return null;
  return h("a", { class: "button button-small", href: job.result?.url ?? `/api/jobs/${job.id}/download`, download: "" }, icon("download"), "Download");
}

/** @param {Record<string, any>} event */
function jobUpdated(event) {
  const job = jobs.get(event.id);
  if (!job || event.status === "Completed" || event.status === "Failed") return refetchSoon();
  jobs.set(job.id, { ...job, status: event.status, progress: event.progress, error: event.error });
  const old = rows.get(job.id);
  rows.delete(job.id);
  if (old?.isConnected) old.replaceWith(rowOf({ ...job, status: event.status, progress: event.progress, error: event.error }));
}

/** The newest page again: times and results are not in the events. */
async function refetch() {
  try {
    const page = await fetchPage(null);
    // A job that changed its status may no longer be one of those asked for.
    if (statusFilter.value || !expanded) jobs.clear();
    for (const job of page.items) {
      jobs.set(job.id, job);
      rows.delete(job.id);
    }
    if (jobs.size <= PAGE) [next, expanded] = [page.next, false];
    draw();
  } catch {
    // The socket or the next event brings another try.
  }
}
const refetchSoon = throttle(() => void refetch(), 500);

filters.addEventListener("change", () => void reload());
filters.addEventListener("submit", (event) => event.preventDefault());
const socket = createSocket({ url: data.wsUrl });
socket.on("job.updated", jobUpdated);
socket.onOpen(refetchSoon);
socket.connect();
await reload();
