/**
 * The film strip of the project's images.
 * @module pages/annotate/features/strip
 */
import { createStrip } from "../../../ui/strip.js";
import { defineFeature } from "../feature.js";

/** After the armed tool was painted: its own requests come first, and alone. */
const AFTER_ARMED_MS = 250;
/** Where arming takes so long the pictures come by themselves. */
const AT_LAST_MS = 15_000;

export const strip = defineFeature({
  id: "strip",
  panel: "strip",
  load({ data, image, store, decoder, events }, _needs, root) {
    const strip = createStrip(root, data.strip, image.id);
    events.on("image", ({ id, change }) => strip.update(id, change));
    store.on("annotations", () => strip.update(image.id, { annotations: store.size }));
    decoder.on("armed", () => setTimeout(strip.showThumbnails, AFTER_ARMED_MS));
    setTimeout(strip.showThumbnails, AT_LAST_MS);
  },
});
