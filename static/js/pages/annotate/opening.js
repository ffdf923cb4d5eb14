/**
 * From page to armed tool: the picture at once, objects, embedding and decoder beside it, and words for what is missing.
 * @module pages/annotate/opening
 */
import { ApiError } from "../../net/api.js";
import { embeddingVersion, mediaUrl } from "./prefetch.js";
import { createWaiter } from "./waiting.js";

/** @typedef {import("../../net/types.js").ImageInfo} ImageInfo */
/** @typedef {import("../../net/types.js").Job} Job */
/** @typedef {import("../../tools/types.js").Decoder} Decoder */
/** @typedef {import("../../decoder/client.js").BrowserDecoder} BrowserDecoder */

/**
 * @typedef {object} OpeningContext
 * @property {ImageInfo} image
 * @property {string} model
 * @property {number} modelVersion
 * @property {import("../../net/api.js").Api} api
 * @property {import("../../net/socket.js").Socket} socket
 * @property {ReturnType<typeof import("../../ui/notice.js").createNotice>} notice
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {(() => Promise<BrowserDecoder>) | null} browserDecoder null where the browser cannot, or must not, decode
 * @property {() => Decoder} serverDecoder
 * @property {((browser: BrowserDecoder, server: Decoder) => Decoder) | null} faster null where the address names one
 * @property {(picture: HTMLImageElement) => void} showPicture
 * @property {(decoder: Decoder) => void} arm
 * @property {(image: ImageInfo) => void} changed what is known of the image
 * @property {(() => void) | null} next opens the next image
 */

const EMBEDDING_TIMEOUT = 120000;

/** @param {OpeningContext} context */
export function createOpening(context) {
  const { api, socket, notice, toasts } = context;
  let { image } = context;
  const waiter = createWaiter(api, socket, image.id);
  const version = () => image.sha256.slice(0, 8);

  /** @param {ImageInfo} now */
  function update(now) {
    image = now;
    context.changed(now);
  }

  function refused() {
    notice.show({
      title: "This image was refused",
      text: image.error?.message ?? "It could not be read.",
      failed: true,
      actions: context.next ? [{ label: "Next image", run: context.next, primary: true }] : [],
    });
  }

  /** Waits until the image can be shown; false when it was refused. */
  async function prepared() {
    if (image.state === "preparing") {
      notice.show({ title: "Preparing the image…", text: "It is being decoded. This page continues by itself.", progress: null });
      update(await waiter.until((now) => now.state !== "preparing"));
      notice.hide();
    }
    if (image.state === "refused") refused();
    return image.state === "ready";
  }

  async function picture() {
    const node = new Image();
    node.decoding = "async";
    node.src = mediaUrl(image.id, version(), "preview");
    await node.decode();
    context.showPicture(node);
  }

  /** The embedding's bytes, waiting for them to be made if need be. @param {RequestCache} [cache] @returns {Promise<ArrayBuffer>} */
  async function embedding(cache) {
    for (;;) {
      try {
        const response = await api.send("GET", `/images/${image.id}/embedding`, {
          query: { v: embeddingVersion(version(), context) },
          timeout: EMBEDDING_TIMEOUT,
          cache,
        });
        if (response.status === 200) return await response.arrayBuffer();
        await made(await response.json());
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== "embedding_failed") throw error;
        await asked(error.message);
      }
    }
  }

  /** For the server's decoder: nothing to fetch, but it has to be there. */
  async function embeddingOnServer() {
    while (image.embedding !== "ready") {
      if (image.embedding === "failed") await asked(image.error?.message ?? "");
      const response = await api.send("POST", `/images/${image.id}/embedding`, { retries: 2 });
      if (response.status === 204) return;
      await made(await response.json());
    }
  }

  /** Shows progress until the embedding's job ended. @param {Job} job */
  async function made(job) {
    /** @param {number | null} progress */
    const show = (progress) =>
      notice.show({
        title: "Preparing the smart tool…",
        text: "The image's embedding is being computed. You can look around meanwhile.",
        progress,
      });
    show(job.progress || null);
    update(await waiter.until((now) => now.embedding === "ready" || now.embedding === "failed", show));
    notice.hide();
  }

  /** Tells of a failure and waits until the person wants another try. @param {string} reason */
  function asked(reason) {
    return new Promise((resolve) => {
      const again = async () => {
        notice.hide();
        await api.post(`/images/${image.id}/embedding`).catch(() => {});
        resolve(undefined);
      };
      notice.show({
        title: "The smart tool is not available for this image",
        text: `${reason || "Its embedding could not be computed."} Saved objects are not affected.`,
        failed: true,
        actions: [{ label: "Try again", run: () => void again(), primary: true }],
      });
    });
  }

  /** @param {unknown} error */
  function changeToServer(error) {
    console.warn("The browser's decoder is not available", error);
    toasts.info("Masks are computed on the server", "This browser could not run the decoder. Everything works as usual, only slower.");
  }

  /** What the decoder cannot read is asked for once more, past what the browser keeps. @param {BrowserDecoder} decoder @param {ArrayBuffer} bytes */
  async function fill(decoder, bytes) {
    try {
      await decoder.load(image.id, bytes, image);
    } catch (error) {
      console.warn("The embedding could not be read", error);
      await decoder.load(image.id, await embedding("reload"), image);
    }
  }

  /** The browser's decoder with the embedding in it; null where that does not work. @returns {Promise<Decoder | null>} */
  async function inBrowser() {
    if (!context.browserDecoder) return null;
    const bytes = embedding();
    // Waiting for the decoder must not leave a failure of the embedding unheard.
    bytes.catch(() => {});
    /** @type {BrowserDecoder | null} */
    let decoder = null;
    try {
      decoder = await context.browserDecoder();
      await fill(decoder, await bytes);
    } catch (error) {
      decoder?.dispose();
      if (error instanceof ApiError) throw error;
      changeToServer(error);
      return null;
    }
    if (context.faster) {
      decoder.onFailed(changeToServer);
      const server = context.serverDecoder();
      await server.load(image.id, null, image);
      return context.faster(decoder, server);
    }
    decoder.onFailed((error) => {
      changeToServer(error);
      void onServer().then(context.arm, failed);
    });
    return decoder;
  }

  async function onServer() {
    await embeddingOnServer();
    const decoder = context.serverDecoder();
    await decoder.load(image.id, null, image);
    return decoder;
  }

  async function smart() {
    context.arm((await inBrowser()) ?? (await onServer()));
  }

  /** @param {unknown} error */
  function failed(error) {
    const reason = error instanceof Error ? error.message : String(error);
    const stale = error instanceof ApiError && error.code === "model_changed";
    notice.show({
      title: stale ? "This page is of another model" : "The image could not be opened",
      text: `${reason} Nothing was lost; your saved objects are on the server.`,
      failed: true,
      actions: [{ label: stale ? "Load again" : "Try again", run: () => location.reload(), primary: true }],
    });
  }

  return {
    async open() {
      try {
        if (!(await prepared())) return;
        await Promise.all([picture(), smart()]);
      } catch (error) {
        failed(error);
      }
    },
  };
}
