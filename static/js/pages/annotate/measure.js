/**
 * From the pointer's event to the painted preview, as performance entries named "segweb:hover".
 * @module pages/annotate/measure
 */

const NAME = "segweb:hover";
/** Entries are kept for whoever reads them, but not without end. */
const KEEP = 2000;

/**
 * @param {import("../../canvas/renderer.js").Renderer} renderer
 * @param {import("../../tools/loop.js").Loop} loop
 */
export function measureHover(renderer, loop) {
  const channel = new MessageChannel();
  let last = 0;
  let count = 0;
  /** @type {number[]} */
  const starts = [];

  // A message posted while a frame is drawn arrives right after that frame went out.
  channel.port1.onmessage = () => {
    const start = starts.shift();
    if (start === undefined) return;
    if (++count % KEEP === 0) performance.clearMeasures(NAME);
    performance.measure(NAME, { start, end: performance.now() });
  };

  renderer.onPainted(() => {
    const time = loop.hovered?.time;
    if (time === undefined || time === last) return;
    last = time;
    starts.push(time);
    channel.port2.postMessage(null);
  });
}
