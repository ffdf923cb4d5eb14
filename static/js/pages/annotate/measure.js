/**
 * From the pointer's event to the painted frame, as performance entries: "segweb:hover" for the smart tool's preview,
 * "segweb:stroke" for a brush.
 * @module pages/annotate/measure
 */

/** Entries are kept for whoever reads them, but not without end. */
const KEEP = 2000;

/**
 * @param {import("../../canvas/renderer.js").Renderer} renderer
 * @param {import("../../tools/prompt_controller.js").PromptController} controller
 */
export function measureHover(renderer, controller) {
  measure(renderer, "segweb:hover", () => controller.hovered?.time ?? 0);
}

/** @param {import("../../canvas/renderer.js").Renderer} renderer @param {() => number} strokeTime */
export function measureStrokes(renderer, strokeTime) {
  measure(renderer, "segweb:stroke", strokeTime);
}

/** @param {import("../../canvas/renderer.js").Renderer} renderer @param {string} name @param {() => number} latest when the event came that is shown; 0 for none */
function measure(renderer, name, latest) {
  const channel = new MessageChannel();
  let last = 0;
  let count = 0;
  /** @type {number[]} */
  const starts = [];

  // A message posted while a frame is drawn arrives right after that frame went out.
  channel.port1.onmessage = () => {
    const start = starts.shift();
    if (start === undefined) return;
    if (++count % KEEP === 0) performance.clearMeasures(name);
    performance.measure(name, { start, end: performance.now() });
  };

  renderer.onPainted(() => {
    const time = latest();
    if (!time || time === last) return;
    last = time;
    starts.push(time);
    channel.port2.postMessage(null);
  });
}
