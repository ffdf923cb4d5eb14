/**
 * The export dialog: what is wanted, then the job's progress, then the file.
 * @module pages/project/export
 */
import { h, icon } from "../../ui/element.js";
import { bytes, percent, plural } from "../../ui/format.js";

/** @typedef {import("../../net/types.js").Job} Job */

const POLL = 2000;

/**
 * @param {object} options
 * @param {import("../../net/api.js").Api} options.api
 * @param {import("../../net/socket.js").Socket} options.socket
 * @param {number} options.project
 * @param {number} options.images how many are in the project
 * @param {number[]} [options.ids] only these images
 */
export function openExport({ api, socket, project, images, ids }) {
  const before = document.activeElement;
  const dialog = h("dialog", { "aria-labelledby": "export-title" });
  const body = h("div", { class: "dialog-body" });
  const foot = h("div", { class: "dialog-foot" });
  const close = () => dialog.close();
  dialog.append(
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id: "export-title" }, ids ? `Export ${plural(ids.length, "image")}` : `Export all ${plural(images, "image")}`),
      h("button", { class: "button button-quiet button-icon button-small", type: "button", "aria-label": "Close", onclick: close }, icon("close")),
    ),
    body,
    foot,
  );
  const control = new AbortController();
  dialog.addEventListener("close", () => {
    control.abort();
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  });
  document.body.append(dialog);

  function ask() {
    const withImages = h("input", { type: "checkbox" });
    body.replaceChildren(
      h("p", { class: "muted small" }, "COCO, the format that trainers and tools read."),
      h(
        "fieldset",
        { class: "stack" },
        h("legend", {}, "Masks as"),
        choice("rle", "Run lengths (RLE)", "Exact to the pixel: holes and separate parts stay.", true),
        choice("polygon", "Polygons", "Outlines, for tools that take nothing else.", false),
      ),
      h("label", { class: "check" }, withImages, h("span", {}, "With the image files, as one zip")),
    );
    foot.replaceChildren(
      h("button", { class: "button", type: "button", onclick: close }, "Cancel"),
      h("button", { class: "button button-primary", type: "button", onclick: () => run(segmentation(), withImages.checked) }, "Export"),
    );
  }

  const segmentation = () => /** @type {HTMLInputElement} */ (body.querySelector("[name=segmentation]:checked")).value;

  /** @param {string} kind @param {boolean} withImages */
  async function run(kind, withImages) {
    const bar = h("progress", { max: 1, "aria-label": "Export" });
    const text = h("p", { class: "muted small", role: "status" }, "Waiting for a worker …");
    body.replaceChildren(text, bar);
    foot.replaceChildren(h("button", { class: "button", type: "button", onclick: close }, "Close"));
    try {
      const payload = { format: "coco", segmentation: kind, images: withImages, ...(ids ? { ids } : {}) };
      /** @type {Job} */
      const started = await api.post(`/projects/${project}/exports`, payload);
      const job = await finished(api, socket, started, control.signal, (progress) => {
        bar.value = progress;
        text.textContent = `Writing … ${percent(progress)}`;
      });
      if (control.signal.aborted) return;
      if (job.status === "Failed") throw new Error(typeof job.error === "string" ? job.error : (job.error?.message ?? "The worker gave no reason."));
      offer(job);
    } catch (error) {
      if (!control.signal.aborted) failed(error);
    }
  }

  /** @param {Job} job */
  function offer(job) {
    const size = job.result?.bytes;
    body.replaceChildren(h("div", { class: "note note-ok", role: "status" }, icon("check"), h("div", {}, "The export is ready. It also stays on the jobs page.")));
    const link = h("a", { class: "button button-primary", href: job.result?.url ?? `/api/jobs/${job.id}/download`, download: "" }, icon("download"), size ? `Download (${bytes(size)})` : "Download");
    foot.replaceChildren(h("button", { class: "button", type: "button", onclick: close }, "Close"), link);
    link.focus();
  }

  /** @param {unknown} error */
  function failed(error) {
    body.replaceChildren(
      h("div", { class: "note note-danger", role: "alert" }, icon("alert"), h("div", {}, `The export failed: ${error instanceof Error ? error.message : error} Nothing in the project was changed.`)),
    );
    foot.replaceChildren(h("button", { class: "button", type: "button", onclick: close }, "Close"), h("button", { class: "button button-primary", type: "button", onclick: ask }, "Try again"));
  }

  ask();
  dialog.showModal();
  /** @type {HTMLElement | null} */ (body.querySelector("[name=segmentation]"))?.focus();
}

/** @param {string} value @param {string} title @param {string} text @param {boolean} checked */
function choice(value, title, text, checked) {
  return h(
    "label",
    { class: "radio-card" },
    h("input", { type: "radio", name: "segmentation", value, checked }),
    h("span", {}, h("strong", {}, title), h("span", { class: "muted small" }, text)),
  );
}

/**
 * The job once it has ended: told by the socket, and asked for now and then in case an event was lost.
 * @param {import("../../net/api.js").Api} api
 * @param {import("../../net/socket.js").Socket} socket
 * @param {Job} started
 * @param {AbortSignal} signal
 * @param {(progress: number) => void} onProgress
 * @returns {Promise<Job>}
 */
export function finished(api, socket, started, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const ask = async () => {
      try {
        /** @type {Job} */
        const job = await api.get(`/jobs/${started.id}`, { signal });
        if (job.status === "Running") onProgress(job.progress);
        if (job.status === "Completed" || job.status === "Failed") end(() => resolve(job));
      } catch (error) {
        end(() => reject(error));
      }
    };
    const forget = socket.on("job.updated", (event) => {
      if (event.id !== started.id) return;
      if (event.status === "Running") onProgress(event.progress);
      else void ask();
    });
    const timer = setInterval(ask, POLL);
    /** @param {() => void} settle */
    const end = (settle) => {
      clearInterval(timer);
      forget();
      settle();
    };
    signal.addEventListener("abort", () => end(() => reject(new Error("Closed."))));
    void ask();
  });
}
