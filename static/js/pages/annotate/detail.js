/**
 * The full pixels of an image that is larger than its preview: fetched in tiles from when somebody zooms in.
 * @module pages/annotate/detail
 */
import { createPyramidLayer } from "../../canvas/pyramid_layer.js";
import { ApiError } from "../../net/api.js";
import { createJobWait } from "../../net/job_wait.js";

/** @typedef {import("../../canvas/pyramid_layer.js").Pyramid} Pyramid */
/** @typedef {import("../../canvas/pyramid_layer.js").PyramidLayer} PyramidLayer */

const ZOOMED_IN = 1.1;
const GIVE_UP_AFTER = 180_000;
/** Tiles that were lost on the server are asked for again, but not for ever. */
const MAX_TRIES = 3;

/**
 * @typedef {object} DetailContext
 * @property {import("../../net/types.js").ImageInfo} image
 * @property {HTMLImageElement} picture the preview
 * @property {import("../../net/api.js").Api} api
 * @property {import("../../net/socket.js").Socket} socket
 * @property {import("../../canvas/view.js").View} view
 * @property {import("../../canvas/renderer.js").Renderer} renderer
 * @property {HTMLCanvasElement} canvas tells how many tiles are held
 */

/** @param {DetailContext} context */
export function startDetail({ image, picture, api, socket, view, renderer, canvas }) {
  const preview = picture.naturalWidth / image.width;
  const jobs = createJobWait({
    api,
    onJob: (listener) => socket.on("job.updated", /** @type {any} */ (listener)),
    giveUpAfter: GIVE_UP_AFTER,
    tooLate: "The image's tiles were not made in time.",
  });
  let tries = 0;
  let asking = false;
  /** @type {PyramidLayer | null} */
  let layer = null;

  /** @returns {Promise<Pyramid>} */
  async function pyramid() {
    for (;;) {
      jobs.forget();
      const response = await api.send("POST", `/images/${image.id}/pyramid`, { retries: 3 });
      const answer = await response.json();
      if (response.status === 200) return answer;
      const job = await jobs.ended(answer);
      if (job.status === "Failed") throw new Error("The image's tiles could not be made.");
    }
  }

  async function begin() {
    asking = true;
    tries++;
    try {
      show(await pyramid());
    } catch (error) {
      // The preview goes on: it is less sharp, and nothing else.
      console.warn("The image is shown by its preview alone", error);
    } finally {
      asking = false;
    }
  }

  /** @param {Pyramid} found */
  function show(found) {
    layer?.close();
    layer = createPyramidLayer({
      image, preview,
      pyramid: found,
      fetchTile: fetchTile(api.base, image.id, found.version),
      repaint: () => renderer.invalidate("view"),
      failed(error) {
        if (error instanceof ApiError && error.status === 404 && !asking && tries < MAX_TRIES) void begin();
      },
    });
    renderer.setDetail(layer);
  }

  function startIfNeeded() {
    const ratio = window.devicePixelRatio || 1;
    if (!asking && !layer && tries === 0 && view.scale * ratio > preview * ZOOMED_IN) void begin();
  }

  renderer.onPainted(() => {
    const held = String(layer?.size ?? 0);
    if (canvas.dataset.tiles !== held) canvas.dataset.tiles = held;
  });
  view.on("change", startIfNeeded);
  startIfNeeded();
}

/** @param {string} base @param {number} image @param {string} version @returns {Parameters<typeof createPyramidLayer>[0]["fetchTile"]} */
function fetchTile(base, image, version) {
  return async ({ level, column, row }, signal) => {
    const query = `level=${level}&column=${column}&row=${row}&v=${version.slice(0, 8)}`;
    const response = await fetch(`${base}/images/${image}/tile?${query}`, { signal, credentials: "same-origin" });
    if (!response.ok) throw new ApiError(response.status, "tile", "The tile could not be fetched.");
    return createImageBitmap(await response.blob());
  };
}
