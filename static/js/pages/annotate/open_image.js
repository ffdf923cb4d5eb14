/**
 * The image on the page: its picture, and the decoder that the tools wait for.
 * @module pages/annotate/open_image
 */
import { byId } from "../../ui/element.js";
import { createNotice } from "../../ui/notice.js";
import { browserDecoder, fasterDecoder, serverDecoder } from "./decoders.js";
import { createOpening } from "./opening.js";
import { embeddingVersion } from "./prefetch.js";

/** @typedef {import("./page.js").Page} Page */

/** @param {Page} page @param {HTMLImageElement} picture */
async function showPicture(page, picture) {
  const { data, image, renderer, decoder } = page;
  renderer.setPicture(picture);
  const shown = renderer.onPainted(() => (shown(), document.getElementById("poster")?.remove()));
  if (picture.naturalWidth === image.width) return;
  const { startLarge } = await import("./large.js");
  decoder.addCrops(startLarge({ ...page, picture, version: embeddingVersion(image.sha256.slice(0, 8), data) }));
}

/**
 * Resolves once the tools can be used, or a notice says why they cannot.
 * @param {Page} page
 * @param {Promise<Partial<import("./feature.js").Parts>>} loaded the features: an armed tool has its keys
 */
export function openImage(page, loaded) {
  const { data, image, api, socket, decoder, events } = page;
  return createOpening({
    ...page,
    model: data.model,
    modelVersion: data.modelVersion,
    notice: createNotice(byId("notice", HTMLElement)),
    browserDecoder: browserDecoder(data),
    serverDecoder: () => serverDecoder({ imageId: image.id, api, socket }),
    faster: data.decoder ? null : (browser, server) => fasterDecoder({ browser, server, size: image, changed: decoder.changed }),
    showPicture: (picture) => void showPicture(page, picture).catch(console.warn),
    arm: (ready) => void loaded.then(() => decoder.arm(ready)),
    changed: ({ state, embedding }) => events.emit("image", { id: image.id, change: { state, embedding } }),
    next: data.next === null ? null : () => void loaded.then(({ navigation }) => navigation?.go("next")),
  }).open();
}
