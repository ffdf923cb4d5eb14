/**
 * The way from image to image.
 * @module pages/annotate/features/navigation
 */
import { byId } from "../../../ui/element.js";
import { annotateUrl } from "../../../ui/strip.js";
import { defineFeature } from "../feature.js";
import { prefetch } from "../prefetch.js";

/** @typedef {import("../page.js").Page} Page */
/** @typedef {ReturnType<typeof createNavigation>} Navigation */

/** @param {Page} page */
function createNavigation(page) {
  const { data, image, api, sync, toasts, decoder } = page;
  /** @type {ReturnType<typeof import("../leaving.js").createLeaving> | null} what makes it seem quick */
  let leaving = null;
  const loading = import("../leaving.js").then(({ createLeaving }) => {
    leaving = createLeaving({ ...page, stage: byId("stage", HTMLElement), strip: data.strip, ahead: [data.next, data.prev] });
  }, console.warn);

  /** False when what is to go along is too much. @param {number} id @param {import("../clipboard.js").Clip | null} [paste] objects to put there */
  function leave(id, paste = null) {
    if (leaving) return leaving.leave(id, paste);
    if (!paste) void sync.settled().then(() => location.assign(annotateUrl(id) + location.search));
    return !paste;
  }

  /** @param {"prev" | "next"} direction */
  function go(direction) {
    const id = data[direction];
    if (id === null) toasts.info(direction === "next" ? "This is the last image" : "This is the first image");
    else leave(id);
  }

  async function goToUntouched() {
    try {
      /** @type {{image: import("../../../net/types.js").ImageInfo | null}} */
      const { image: found } = await api.get(`/images/${image.id}/next`);
      if (found) leave(found.id);
      else toasts.info("No other image waits to be begun", "Every other one has objects, was submitted, or was skipped.");
    } catch (error) {
      toasts.error("The next image could not be found", error instanceof Error ? error.message : String(error));
    }
  }

  decoder.on("armed", ({ kind }) => {
    void loading.then(() => leaving?.lookAhead());
    prefetch(data.strip.find(({ id }) => id === data.next), kind === "browser" ? data : null);
  });
  return { leave, go, goToUntouched };
}

export const navigation = defineFeature({
  id: "navigation",
  load: createNavigation,
  keys({ go, goToUntouched }) {
    const group = "Images";
    return [
      { id: "image-previous", group, keys: ["D"], does: "Previous image", run: () => go("prev") },
      { id: "image-next", group, keys: ["F"], does: "Next image", run: () => go("next") },
      { id: "image-untouched", group, keys: ["Shift+F"], does: "Next image without an object, neither submitted nor skipped", run: () => void goToUntouched() },
    ];
  },
});
