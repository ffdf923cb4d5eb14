/**
 * The proposals of this page: tool, panel, keys, and the server's jobs between them.
 * @module pages/annotate/proposals
 */
import { ApiError } from "../../net/api.js";
import { createJobWait, reasonOf } from "../../net/job_wait.js";
import { createProposalsTool } from "../../tools/proposals.js";
import { byId } from "../../ui/element.js";
import { createProposalsPanel } from "../../ui/proposals.js";

/** @typedef {import("../../tools/proposals.js").Proposal} Proposal */
/** @typedef {import("../../ui/proposals.js").SearchKind} SearchKind */
/** @typedef {ReturnType<typeof createProposals>} Proposals */

const GIVE_UP_AFTER = 300_000;
/** What the server leaves out, below where anybody would set the least score. */
const LEAST_SCORE = 0.7;
const MOST_EXAMPLES = 8;
/** Neighbours differ clearly, on dark pictures and on light ones. */
const COLORS = ["#4da3ff", "#ffb02e", "#5fd38d", "#ff6b8b", "#b48cff", "#2fd4d4", "#ff8f4d", "#d8e04a"];

/**
 * @typedef {object} ProposalsContext
 * @property {number} image
 * @property {number} project
 * @property {import("../../net/api.js").Api} api
 * @property {import("../../net/socket.js").Socket} socket
 * @property {import("../../net/sync.js").Sync} sync
 * @property {import("../../core/store.js").Store} store
 * @property {import("../../core/history.js").History} history
 * @property {import("./objects.js").Objects} objects
 * @property {import("../../tools/registry.js").ToolRegistry} tools
 * @property {import("../../canvas/ghosts.js").GhostShapes} shapes
 * @property {() => Promise<number | null>} ask for a label, when the project has none
 * @property {() => string} color
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {() => void} changed the scene has to be drawn
 * @property {() => void} done gives the focus back to the canvas
 */

/** The objects that were looked for last, so that the next images of the project can be searched for them. @param {number} project */
function createMemory(project) {
  const key = `segweb.alike.${project}`;
  return {
    /** @returns {string[]} */
    read() {
      try {
        const value = JSON.parse(sessionStorage.getItem(key) ?? "[]");
        return Array.isArray(value) ? value.filter((id) => typeof id === "string") : [];
      } catch {
        return [];
      }
    },
    /** @param {string[]} ids */
    write(ids) {
      try {
        sessionStorage.setItem(key, JSON.stringify(ids));
      } catch {
        // A browser that keeps nothing: then each image needs an object of its own.
      }
    },
  };
}

/** @param {ProposalsContext} context */
export function createProposals(context) {
  const { image, api, socket, sync, store, objects, tools, toasts } = context;
  const memory = createMemory(context.project);
  /** @type {number | string | null} the job that is waited for */
  let running = null;
  const jobs = createJobWait({
    api,
    onJob: (listener) => socket.on("job.updated", listener),
    giveUpAfter: GIVE_UP_AFTER,
    tooLate: "The server did not finish in time.",
  });
  socket.on("job.updated", (event) => {
    if (running !== null && String(event.id) === String(running)) panel.progress(event.progress);
  });

  /** @param {unknown} error */
  const isGone = (error) => error instanceof ApiError && error.status === 404;

  /** Those of the objects that nobody has deleted. @param {string[]} ids */
  async function left(ids) {
    const gone = await Promise.all(ids.map((id) => api.get(`/annotations/${id}`).then(() => false, isGone)));
    return ids.filter((_, k) => !gone[k]);
  }

  /** @param {string[]} examples @returns {Promise<import("../../net/types.js").Job>} */
  async function askAlike(examples) {
    const path = `/images/${image}/alike`;
    try {
      return await api.post(path, { objects: examples });
    } catch (error) {
      const others = isGone(error) ? await left(examples) : examples;
      if (others.length === examples.length) throw error;
      memory.write(others);
      if (others.length) return api.post(path, { objects: others });
      throw new Error("The objects to go by are gone. Select one, or a few, to look for more like them.", { cause: error });
    }
  }

  /** @param {() => Promise<import("../../net/types.js").Job>} ask @returns {Promise<Proposal[]>} */
  async function search(ask) {
    jobs.forget();
    await sync.settled();
    const job = await ask();
    running = job.id;
    const ended = await jobs.ended(job);
    if (ended.status === "Failed") throw new Error(reasonOf(ended, "The server could not look for objects."));
    const { proposals, model } = /** @type {any} */ (ended.result);
    return proposals.map((/** @type {Proposal} */ one, /** @type {number} */ k) => ({ ...one, model, color: COLORS[k % COLORS.length] }));
  }

  /** @param {Proposal[]} proposals */
  async function take(proposals) {
    const label = store.activeLabel ?? (await context.ask());
    if (label === null) return [];
    return objects.createAll(
      proposals.map(({ rle, bbox, area, prompts, candidate, score, model }) => ({ label, rle, bbox, area, prompts, candidate, score, model })),
    );
  }

  /** @param {SearchKind} kind */
  function start(kind) {
    const selected = store.selection.slice(0, MOST_EXAMPLES);
    const examples = selected.length ? selected : memory.read();
    if (kind === "alike" && !examples.length) {
      return void toasts.info("No object is selected", "Select one, or a few, to look for more like them.");
    }
    store.select(null);
    tools.use("proposals");
    panel.begin(kind);
    if (kind === "alike") memory.write(examples);
    const body = { score: LEAST_SCORE, crops: panel.crops() };
    void proposals.start(() => search(() => (kind === "alike" ? askAlike(examples) : api.post(`/images/${image}/everything`, body))));
  }

  const takeAll = () => proposals.active && void proposals.takeAll();
  const panel = createProposalsPanel({
    root: byId("proposals", HTMLElement),
    search: start,
    takeAll,
    drop: () => proposals.drop(),
    filter: () => proposals.refresh(),
    done: context.done,
  });
  const proposals = createProposalsTool({
    shapes: context.shapes,
    history: context.history,
    least: panel.least,
    take,
    exists: (id) => store.get(id) !== undefined,
    color: context.color,
    changed() {
      panel.update(proposals);
      context.changed();
    },
    failed(error) {
      const reason = error instanceof Error ? error.message : String(error);
      toasts.show({ kind: "error", key: "proposals", title: "Objects could not be looked for", text: `${reason} Nothing is lost. Try it again.` });
    },
    exit: () => tools.use("select"),
  });

  tools.add(proposals.tool);
  tools.on("change", () => panel.update(proposals));
  store.on("annotations", () => proposals.active && proposals.refresh());
  const button = byId("tool-proposals", HTMLButtonElement);
  button.disabled = false;
  button.addEventListener("click", (event) => {
    start("everything");
    if (event.detail > 0) context.done();
  });
  return { start, takeAll };
}
