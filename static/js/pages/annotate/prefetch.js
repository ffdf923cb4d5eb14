/**
 * Fetches the next image's picture and embedding into the browser's cache while nobody waits for anything.
 * @module pages/annotate/prefetch
 */

const SETTLE_MS = 2500;

/** @param {number} id @param {string} v @param {string} what */
export function mediaUrl(id, v, what) {
  return `/api/images/${id}/${what}?v=${v}`;
}

/**
 * What names an embedding's bytes: another model has others for the same image.
 * @param {string} v of the image's content
 * @param {{model: string, modelVersion: number}} page
 */
export function embeddingVersion(v, { model, modelVersion }) {
  return `${v}-${model}-${modelVersion}`;
}

/**
 * @param {import("../../ui/strip.js").StripItem | undefined} item
 * @param {{model: string, modelVersion: number} | null} embedding the model whose embedding is wanted too
 */
export function prefetch(item, embedding) {
  if (!item || item.state !== "ready" || saving()) return;
  const urls = [mediaUrl(item.id, item.v, "preview")];
  if (embedding && item.embedding === "ready") urls.push(mediaUrl(item.id, embeddingVersion(item.v, embedding), "embedding"));
  whenIdle(async () => {
    for (const url of urls) {
      const init = /** @type {RequestInit} */ ({ credentials: "same-origin", priority: "low" });
      // Reading to the end lets the browser keep the answer.
      await fetch(url, init).then((response) => response.arrayBuffer(), () => {});
    }
  });
}

/** Whether the person asked their browser to save data. */
export function saving() {
  return /** @type {any} */ (navigator).connection?.saveData === true;
}

/** After the first moments with the image, which belong to its decoder. @param {() => void} run */
function whenIdle(run) {
  setTimeout(() => ("requestIdleCallback" in window ? requestIdleCallback(run, { timeout: 3000 }) : run()), SETTLE_MS);
}
