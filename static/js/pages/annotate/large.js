/**
 * What a large image needs more than others: its own pixels where somebody zooms in, and embeddings of what is seen there.
 * @module pages/annotate/large
 */
import { createCrops } from "../../decoder/crops.js";
import { ApiError } from "../../net/api.js";
import { createJobWait, reasonOf } from "../../net/job_wait.js";
import { startDetail } from "./detail.js";

/** @typedef {import("../../geometry/crop_window.js").CropWindow} CropWindow */
/**
 * @typedef {import("./detail.js").DetailContext & {version: string, toasts: import("../../ui/toast.js").Toasts}} LargeContext
 *   version: names an embedding's bytes
 */

/** A preview that is nearly as large shows nearly as much. */
const WORTH = 1.25;
const GIVE_UP_AFTER = 180_000;

/** Null for an image that its preview shows in full. @param {LargeContext} context */
export function startLarge(context) {
  const { image, picture, api, socket, view, canvas, version, toasts } = context;
  if (image.width / picture.naturalWidth <= WORTH) return null;
  startDetail(context);
  const path = `/images/${image.id}/embedding`;
  const jobs = createJobWait({
    api,
    onJob: (listener) => socket.on("job.updated", /** @type {any} */ (listener)),
    giveUpAfter: GIVE_UP_AFTER,
    tooLate: "The close-up was not made in time.",
  });

  /** The first answer that is no job. @param {"GET" | "POST"} method @param {CropWindow} crop */
  async function answer(method, crop) {
    for (;;) {
      jobs.forget();
      const query = { region: String(crop), v: version };
      const response = method === "GET" ? await api.send("GET", path, { query }) : await api.send("POST", path, { query, retries: 2 });
      if (response.status !== 202) return response;
      const job = await jobs.ended(await response.json());
      if (job.status === "Failed") throw new Error(reasonOf(job, "The close-up could not be made."));
    }
  }

  let reported = false;

  /** The page goes on with the whole image's embedding, which it has. @param {ApiError} error */
  function modelChanged({ message }) {
    if (reported) return;
    reported = true;
    const action = { label: "Load again", run: () => location.reload() };
    toasts.show({ kind: "error", key: "model", title: "Close-ups are not available on this page", text: message, action });
  }

  /** @param {CropWindow} crop */
  async function fetch(crop) {
    try {
      return await (await answer("GET", crop)).arrayBuffer();
    } catch (error) {
      if (error instanceof ApiError && error.code === "model_changed") modelChanged(error);
      throw error;
    }
  }

  const crops = createCrops({
    image,
    visible: view.visible,
    onView: (listener) => void view.on("change", listener),
    fetch,
    make: async (crop) => void (await answer("POST", crop)),
    changed() {
      canvas.dataset.closeup = String(crops.current ?? "");
    },
  });
  return crops;
}
