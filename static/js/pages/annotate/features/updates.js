/**
 * The saved objects, and news of them from the server.
 * @module pages/annotate/features/updates
 */
import { defineFeature } from "../feature.js";
import { createRemote } from "../remote.js";

/** @typedef {import("../page.js").Page} Page */
/** @typedef {ReturnType<typeof createUpdates>} Updates */

/** @param {Page} page */
function createUpdates(page) {
  const { image, project, socket, toasts, decoder, events } = page;
  const remote = createRemote({
    ...page,
    image: image.id,
    project: project.id,
    imageChanged: (id, { state, embedding }) => events.emit("image", { id, change: { state, embedding } }),
  });

  /** @param {unknown} error */
  function listFailed(error) {
    const reason = error instanceof Error ? error.message : String(error);
    toasts.show({
      kind: "error",
      title: "The saved objects could not be loaded",
      text: `${reason} They are safe on the server.`,
      action: { label: "Try again", run: () => void remote.loadAll().catch(listFailed) },
    });
  }

  decoder.on("armed", () => socket.connect());
  remote.watch();
  return { /** Once the list is there, with what earlier pages could not send. */ loaded: remote.loadAll().catch(listFailed).then(remote.adopt) };
}

export const updates = defineFeature({ id: "updates", load: createUpdates });
