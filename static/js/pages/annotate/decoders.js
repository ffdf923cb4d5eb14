/**
 * The page's decoders, and masks in the form that is saved.
 * @module pages/annotate/decoders
 */
import { createBrowserDecoder } from "../../decoder/client.js";
import { createChoosingDecoder } from "../../decoder/choice.js";
import { createServerDecoder } from "../../decoder/server.js";
import { rleFromLogits } from "../../geometry/logits.js";

/** @typedef {import("../../tools/types.js").Candidate} Candidate */

/** A slow line may need this long for the decoder's files; then the server takes over. */
const LOAD_TIMEOUT = 60000;
/** The first mask under the pointer comes before the comparison. */
const CALIBRATE_AFTER = 700;

/** @param {number} ms @returns {Promise<never>} */
function timeout(ms) {
  return new Promise((_resolve, reject) => setTimeout(() => reject(new Error("The decoder took too long to load.")), ms));
}

/**
 * Starts loading the browser's decoder at once; null where the server is to decode.
 * @param {import("./types.js").PageData} data
 */
export function browserDecoder({ assets, model, decoder }) {
  if (decoder === "server" || !assets?.models?.[model] || typeof WebAssembly === "undefined") return null;
  const loading = createBrowserDecoder({ manifest: assets, model });
  const first = Promise.race([loading, timeout(LOAD_TIMEOUT)]);
  // Its failure is dealt with by whoever waits; one that comes too late is closed again.
  first.catch(() => loading.then((decoder) => decoder.dispose(), () => {}));
  return () => first;
}

/** @param {{imageId: number, api: import("../../net/api.js").Api, socket: import("../../net/socket.js").Socket}} options */
export function serverDecoder({ imageId, api, socket }) {
  socket.connect();
  return createServerDecoder({ imageId, api, onJob: (listener) => socket.on("job.updated", listener) });
}

/**
 * The faster of the two, found out once the tool is armed.
 * @param {{
 *   browser: import("../../decoder/client.js").BrowserDecoder,
 *   server: import("../../tools/types.js").Decoder,
 *   size: {width: number, height: number},
 *   changed: (decoder: import("../../decoder/choice.js").ChoosingDecoder) => void,
 * }} options
 */
export function fasterDecoder({ browser, server, size, changed }) {
  const decoder = createChoosingDecoder({ browser, server, size, changed: () => changed(decoder) });
  setTimeout(() => void decoder.calibrate(), CALIBRATE_AFTER);
  return decoder;
}

/**
 * What the top bar says of the decoder in use: a word, and a sentence.
 * @param {import("../../tools/types.js").Decoder & {times?: () => Record<"browser" | "server", number | null>}} decoder
 */
export function describeDecoder({ kind, detail, times }) {
  const { browser = null, server = null } = times?.() ?? {};
  const where = kind === "browser" ? "in this browser" : "on the server";
  const compared =
    browser !== null && server !== null
      ? `, which is faster now: ${Math.round(server)} ms on the server, ${Math.round(browser)} ms in this browser`
      : "";
  return {
    text: kind === "browser" ? `Browser · ${detail}` : "Server",
    title: `Masks are computed ${where}${compared}`,
  };
}

/**
 * The mask as it is stored.
 * @param {Candidate} candidate
 * @param {{width: number, height: number}} image
 * @returns {import("../../net/types.js").Rle}
 */
export function rleOf({ logits, rle, crop }, { width, height }) {
  if (rle) return rle;
  if (!logits) throw new Error("The decoder gave no mask.");
  return rleFromLogits(logits, width, height, 0, crop);
}
