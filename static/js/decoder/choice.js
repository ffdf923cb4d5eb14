/**
 * Two decoders that give the same masks. Which is the faster is measured: it answers, and the other one does where it
 * fails or dawdles. A server with a graphics card beats most browsers; one with a long queue beats none.
 * @module decoder/choice
 */

/** @typedef {import("../tools/types.js").Decoder} Decoder */
/** @typedef {import("../tools/types.js").Prompts} Prompts */
/** @typedef {import("../tools/types.js").Result} Result */
/** @typedef {import("./client.js").BrowserDecoder} BrowserDecoder */
/** @typedef {"browser" | "server"} Kind */

/** So many of the last decodes are remembered. */
const WINDOW = 5;
/** The server has to be clearly faster to be chosen, and slower to be left: no going to and fro. */
const TO_SERVER = 0.75;
const TO_BROWSER = 0.95;
/** Decodes of each side before the first choice. */
const PROBES = 3;
/** Multiples of it, without their whole part, lie far from each other and never come again. */
const GOLDEN = 0.618034;
/** An answer from the server later than so many of the browser's own is not waited for alone. */
const PATIENCE = 3;
const MIN_PATIENCE = 300;
/** How long a server that failed or dawdled is left alone, and how often it is tried while the browser works. */
const REST = 30_000;
const AGAIN = 60_000;

/**
 * @typedef {object} ChoiceOptions
 * @property {BrowserDecoder} browser
 * @property {Decoder} server
 * @property {{width: number, height: number}} size of the image
 * @property {() => void} changed another decoder answers now, or its time is another
 * @property {() => number} [now]
 * @property {() => boolean} [online]
 */

/**
 * @typedef {Decoder & {
 *   times: () => Record<Kind, number | null>,
 *   calibrate: () => Promise<void>,
 * }} ChoosingDecoder `times` are medians in milliseconds
 */

/** @param {number[]} values */
function median(values) {
  if (!values.length) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** @param {ChoiceOptions} options @returns {ChoosingDecoder} */
export function createChoosingDecoder({
  browser,
  server,
  size,
  changed,
  now = () => performance.now(),
  online = () => navigator.onLine,
}) {
  const decoders = { browser, server };
  /** @type {Record<Kind, number[]>} */
  const seen = { browser: [], server: [] };
  /** @type {Kind} */
  let current = "browser";
  let browserLost = false;
  let restUntil = 0;
  let probedAt = now();
  let probing = false;
  let probes = 0;
  let disposed = false;

  browser.onFailed(() => {
    browserLost = true;
    choose();
  });

  const times = () => ({ browser: median(seen.browser), server: median(seen.server) });

  /** @param {Kind} kind @param {Result | null} result null where a newer question took its place */
  function record(kind, result) {
    // What was kept from before takes no time in any decoder.
    if (!result || result.cached) return;
    seen[kind].push(result.ms);
    if (seen[kind].length > WINDOW) seen[kind].shift();
  }

  /** @returns {Kind} */
  function best() {
    if (browserLost) return "server";
    if (!online() || now() < restUntil) return "browser";
    const { browser: own, server: theirs } = times();
    if (own === null || theirs === null || seen.server.length < PROBES) return current;
    if (current === "browser") return theirs < TO_SERVER * own ? "server" : "browser";
    return theirs > TO_BROWSER * own ? "browser" : "server";
  }

  function choose() {
    const next = best();
    if (next === current || disposed) return;
    current = next;
    changed();
  }

  function restServer() {
    restUntil = now() + REST;
    seen.server.length = 0;
    choose();
  }

  /** @param {"preview" | "commit"} method @param {Prompts} prompts @returns {Promise<Result | null>} */
  async function ask(method, prompts) {
    choose();
    const result = await (current === "server" ? fromServer(method, prompts) : fromBrowser(method, prompts));
    if (current === "browser" && now() - probedAt > AGAIN) void probe("server");
    return result;
  }

  /** @param {"preview" | "commit"} method @param {Prompts} prompts */
  async function fromBrowser(method, prompts) {
    try {
      const result = await browser[method](prompts);
      record("browser", result);
      return result;
    } catch (error) {
      if (!browserLost) throw error;
      return server[method](prompts);
    }
  }

  /** @param {"preview" | "commit"} method @param {Prompts} prompts @returns {Promise<Result | null>} */
  async function fromServer(method, prompts) {
    if (browserLost) return server[method](prompts);
    const patience = Math.max(MIN_PATIENCE, PATIENCE * (median(seen.browser) ?? 0));
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    /** @type {Promise<null>} */
    const late = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("The server took too long.")), patience);
    });
    const answer = server[method](prompts);
    try {
      const result = await Promise.race([answer, late]);
      record("server", result);
      return result;
    } catch {
      // Whatever it still answers is of no use to anybody.
      answer.catch(() => {});
      restServer();
      return fromBrowser(method, prompts);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A point that nobody asked for before: the first in the middle of the image, the others around it. @returns {import("../net/types.js").PromptPoint} */
  function fresh() {
    const share = 0.25 + ((0.5 + GOLDEN * probes++) % 1) / 2;
    return { x: size.width * share, y: size.height * share, label: 1 };
  }

  /** One decode, for its time. @param {Kind} kind */
  async function probe(kind) {
    if (probing || disposed || !online() || (kind === "server" && now() < restUntil)) return;
    probing = true;
    if (kind === "server") probedAt = now();
    try {
      // A question of the person's own may take its place, and is timed itself.
      record(kind, await decoders[kind].preview({ points: [fresh()], box: null }));
    } catch {
      if (kind === "server") restServer();
    } finally {
      probing = false;
    }
    choose();
  }

  return {
    get kind() {
      return current;
    },
    get detail() {
      return decoders[current].detail;
    },
    async load(imageId, embedding, given) {
      await Promise.all([browser.load(imageId, embedding, given), server.load(imageId, null, given)]);
    },
    async loadCrop(crop, embedding) {
      if (!browserLost) await browser.loadCrop?.(crop, embedding);
    },
    preview: (prompts) => ask("preview", prompts),
    commit: async (prompts) => {
      const result = await ask("commit", prompts);
      if (!result) throw new Error("The decoder gave no mask.");
      return result;
    },
    times,
    /** Finds out who is faster. To be called when the tool is armed and before anybody points. */
    async calibrate() {
      for (let round = 0; round < PROBES; round++) {
        if (seen.browser.length < PROBES) await probe("browser");
        await probe("server");
      }
      if (!disposed) changed();
    },
    dispose() {
      disposed = true;
      browser.dispose();
      server.dispose();
    },
  };
}
