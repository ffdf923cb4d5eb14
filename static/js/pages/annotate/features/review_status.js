/**
 * Submitting, skipping and opening the image again.
 * @module pages/annotate/features/review_status
 */
import { byId } from "../../../ui/element.js";
import { defineFeature } from "../feature.js";

export const reviewStatus = defineFeature({
  id: "review-status",
  needs: ["navigation"],
  async load(page, { navigation }) {
    const { createReviewStatus } = await import("../review_status.js");
    const { data, image, socket, events } = page;
    const state = createReviewStatus({
      ...page,
      shown: byId("work-state", HTMLElement),
      changed: (work) => events.emit("image", { id: image.id, change: { work } }),
      next: () => data.next !== null && navigation.leave(data.next),
    });
    socket.on("image.updated", ({ id, work }) => {
      if (!work) return;
      if (id === image.id) void state.stateChanged(work);
      else events.emit("image", { id, change: { work } });
    });
    // What happened to the image before the socket was there.
    socket.onOpen(() => void state.refresh());
    return state;
  },
  toolbar: ({ submit, skip }) => ({ "work-submit": () => (submit(), false), "work-skip": () => (skip(), false) }),
  keys({ submit, skip, reopen }) {
    const group = "Images";
    return [
      { id: "work-submit", group, keys: ["Ctrl+Enter"], does: "Submit the image and go to the next", run: submit },
      { id: "work-skip", group, keys: ["Ctrl+Shift+Enter"], does: "Skip the image for a reason", run: skip },
      { id: "work-reopen", group, keys: ["Shift+R"], does: "Open a submitted or skipped image again", run: reopen },
    ];
  },
});
