/**
 * The colour regions of this page: tool, panel, and the server's job between them.
 * @module pages/annotate/regions
 */
import { createGhostShapes } from "../../canvas/ghosts.js";
import { decodeCounts } from "../../geometry/rle.js";
import { createJobWait, reasonOf } from "../../net/job_wait.js";
import { createRegionsTool } from "../../tools/regions.js";
import { createRegionsPanel } from "../../ui/regions.js";

/** @typedef {import("../../canvas/ghosts.js").Ghost} Ghost */

const GIVE_UP_AFTER = 120_000;

/**
 * @typedef {object} RegionsContext
 * @property {HTMLElement} root of the panel
 * @property {number} image
 * @property {import("../../net/api.js").Api} api
 * @property {import("../../net/socket.js").Socket} socket
 * @property {import("../../core/store.js").Store} store
 * @property {import("./objects.js").Objects} objects
 * @property {() => Promise<number | null>} ask for a label, when the project has none
 * @property {() => string} color
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {() => void} changed the scene has to be drawn
 * @property {() => void} exit
 * @property {() => void} done
 */

/** @param {RegionsContext} context */
export function createRegions(context) {
  const { root, image, api, socket, store, objects } = context;
  const shapes = createGhostShapes(decodeCounts);
  const jobs = createJobWait({
    api,
    onJob: (listener) => socket.on("job.updated", listener),
    giveUpAfter: GIVE_UP_AFTER,
    tooLate: "The server did not find the regions in time.",
  });

  /** @param {import("../../tools/regions.js").RegionOptions} options @returns {Promise<Ghost[]>} */
  async function find(options) {
    jobs.forget();
    const job = await jobs.ended(await api.post(`/images/${image}/regions`, options));
    if (job.status === "Failed") throw new Error(reasonOf(job, "The server could not find the regions."));
    return job.result.regions;
  }

  /** @param {Ghost} ghost */
  async function take({ rle, bbox, area }) {
    const label = store.activeLabel ?? (await context.ask());
    if (label === null) return null;
    return objects.create({ label, rle, bbox, area, prompts: null, candidate: null, score: null, model: "" }, "colour");
  }

  const panel = createRegionsPanel({ root, run: () => void tool.start(), drop: () => tool.drop(), done: context.done });
  const tool = createRegionsTool({
    shapes,
    find,
    options: panel.options,
    take,
    exists: (id) => store.get(id) !== undefined,
    color: context.color,
    changed() {
      panel.update(tool);
      context.changed();
    },
    failed(error) {
      const reason = error instanceof Error ? error.message : String(error);
      context.toasts.show({ kind: "error", key: "regions", title: "The regions could not be found", text: `${reason} Nothing is lost. Try it again.` });
    },
    exit: context.exit,
  });
  store.on("annotations", () => tool.active && tool.refresh());
  return { tool: tool.tool, shapes, /** Shows or hides the panel as the tool comes and goes. */ update: () => panel.update(tool) };
}
