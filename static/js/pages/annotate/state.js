/**
 * One word for the page's state, on the canvas and in the top bar.
 * @module pages/annotate/state
 */

/**
 * @param {object} context
 * @param {HTMLCanvasElement} context.canvas
 * @param {import("../../net/sync.js").Sync} context.sync
 * @param {ReturnType<typeof import("../../ui/topbar.js").createTopbar>} context.topbar
 * @param {() => boolean} context.armed
 */
export function createState({ canvas, sync, topbar, armed }) {
  /** @type {{state: import("../../net/sync.js").SyncState, pending: number}} */
  let last = { state: "saved", pending: 0 };

  function word() {
    if (!navigator.onLine || last.state === "offline" || last.state === "signed-out") return "offline";
    if (!armed()) return "loading";
    return last.pending ? "saving" : "armed";
  }

  function update() {
    canvas.dataset.state = word();
    const offline = !navigator.onLine && last.pending ? "offline" : last.state;
    topbar.setSaved(offline, last.pending);
  }

  sync.on("status", (status) => {
    last = status;
    update();
  });
  window.addEventListener("online", () => {
    sync.retry();
    update();
  });
  window.addEventListener("offline", update);
  // Only without lasting storage would leaving lose something.
  window.addEventListener("beforeunload", (event) => {
    if (!sync.durable && sync.pending) event.preventDefault();
  });
  update();
  return { update };
}
