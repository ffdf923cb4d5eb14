/**
 * How far people are with this image: submitted, skipped for a reason, or open; and the way on from there.
 * @module pages/annotate/review_status
 */
import { createLatest } from "../../core/latest.js";
import { openDialog } from "../../ui/dialog.js";
import { h } from "../../ui/element.js";

/** @typedef {import("../../net/types.js").ImageInfo} ImageInfo */
/** @typedef {import("../../net/types.js").WorkState} State */
/** @typedef {Pick<ImageInfo, "work" | "workBy" | "skipReason">} Known */

/**
 * @typedef {object} ReviewStatusContext
 * @property {ImageInfo} image
 * @property {import("../../net/api.js").Api} api
 * @property {import("../../net/sync.js").Sync} sync
 * @property {import("../../tools/registry.js").ToolRegistry} tools
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {HTMLElement} shown
 * @property {(state: State) => void} changed
 * @property {() => boolean} next goes to the next image; false when this is the last one
 */

const REASONS = ["Out of focus", "Nothing to annotate", "The same as another image", "I am not sure"];
const REASON_KEY = "segweb-skip-reason";
/** Unsent changes have so long to reach the server before an image is submitted without them. */
const PATIENCE_MS = 15_000;

/** What the page says of the image. @param {Known} image */
export function reviewWords({ work, workBy, skipReason }) {
  const by = workBy ? ` by ${workBy}` : "";
  if (work === "submitted") return { text: "Submitted", title: `Submitted${by}. A change of an object opens it again.` };
  if (work === "skipped") return { text: "Skipped", title: `Skipped${by}: ${skipReason ?? ""}. A change of an object opens it again.` };
  return { text: "", title: "" };
}

/** @param {ReviewStatusContext} context */
export function createReviewStatus({ image, api, sync, tools, toasts, shown, changed, next }) {
  /** @type {Known} */
  let now = image;
  let busy = false;
  const changes = createLatest();

  /** @param {Known} known */
  function update(known) {
    now = known;
    changes.cancel();
    const { text, title } = reviewWords(now);
    shown.textContent = text;
    shown.title = title;
    shown.dataset.work = now.work;
    changed(now.work);
  }

  /** A mask in the making is kept first; false when it could not be. */
  async function finished() {
    for (let attempt = 0; tools.active?.canUndo?.(); attempt++) {
      if (attempt === 0) tools.action("finish");
      if (attempt > 40) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return true;
  }

  /** Resolves once everything is on the server; false when that takes too long. @returns {Promise<boolean>} */
  function saved() {
    if (!sync.pending) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (/** @type {boolean} */ good) => {
        clearTimeout(timer);
        stop();
        resolve(good);
      };
      const timer = setTimeout(() => done(false), PATIENCE_MS);
      const stop = sync.on("status", ({ pending }) => {
        if (!pending) done(true);
      });
    });
  }

  /** Asks the server. @param {Known} otherwise where it does not answer */
  async function refresh(otherwise) {
    const isLatest = changes.current();
    const found = await api.get(`/images/${image.id}`).catch(() => otherwise);
    // What was learned meanwhile may be newer than the answer.
    if (isLatest() && !busy) update(found);
  }

  /** @param {State} state @param {string} [reason] */
  async function send(state, reason) {
    update(await api.post(`/images/${image.id}/work`, reason === undefined ? { state } : { state, reason }));
  }

  /** One at a time. @param {() => Promise<void>} run @param {string} title what to say when it fails */
  async function once(run, title) {
    if (busy) return;
    busy = true;
    try {
      await run();
    } catch (error) {
      toasts.error(title, `${error instanceof Error ? error.message : String(error)} Your objects are safe.`);
    } finally {
      busy = false;
    }
  }

  /** @param {string} title */
  function goOn(title) {
    if (!next()) toasts.success(title, "This is the last image of the project.");
  }

  async function submit() {
    if (!(await finished())) return void toasts.info("The object is not finished", "Keep it with Enter or drop it with Esc, then submit.");
    if (!(await saved())) throw new Error("Not every change has reached the server yet.");
    await send("submitted");
    goOn("Submitted");
  }

  async function askReason() {
    const other = h("input", { class: "input", maxlength: "200", "aria-label": "Another reason", placeholder: "Another reason", autocomplete: "off" });
    const last = remembered();
    const radios = REASONS.map((text, k) => h("label", { class: "skip-reason" }, h("input", { type: "radio", name: "reason", value: text, checked: last ? text === last : k === 0 }), text));
    const chosen = () => other.value.trim() || radios.map((label) => /** @type {HTMLInputElement} */ (label.firstElementChild)).find((radio) => radio.checked)?.value || "";
    if (last && !REASONS.includes(last)) other.value = last;
    await openDialog({
      title: "Skip this image",
      body: [h("fieldset", { class: "skip-reasons" }, h("legend", { class: "visually-hidden" }, "Why"), ...radios), other],
      action: "Skip and go on",
      ready: () => chosen() !== "",
      async run() {
        const reason = chosen();
        if (!(await saved())) throw new Error("Not every change has reached the server yet; try again in a moment.");
        await send("skipped", reason);
        remember(reason);
        // The dialog closes first, and gives the focus back.
        setTimeout(() => goOn("Skipped"));
      },
    });
  }

  async function reopen() {
    if (now.work === "open") return void toasts.info("This image is open", "It was neither submitted nor skipped.");
    await send("open");
    toasts.success("Opened again");
  }

  update(now);
  // The first change of an object opens the image; the server's own word of it may come late, or be lost.
  for (const type of /** @type {const} */ (["saved", "deleted"])) {
    sync.on(type, () => {
      changes.cancel();
      if (now.work !== "open" && !busy) update({ work: "open", workBy: null, skipReason: null });
    });
  }

  return {
    submit: () => void once(submit, "The image could not be submitted"),
    skip: () => void once(askReason, "The image could not be skipped"),
    reopen: () => void once(reopen, "The image could not be opened again"),
    refresh: () => refresh(now),
    /** Somebody changed it. @param {State} state */
    async stateChanged(state) {
      changes.cancel();
      if (state !== now.work && !busy) await refresh({ work: state, workBy: null, skipReason: null });
    },
  };
}

/** The reason given last, which often is the next one's, too. */
function remembered() {
  try {
    return sessionStorage.getItem(REASON_KEY) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} reason */
function remember(reason) {
  try {
    sessionStorage.setItem(REASON_KEY, reason);
  } catch {
    // Then it is chosen again.
  }
}
