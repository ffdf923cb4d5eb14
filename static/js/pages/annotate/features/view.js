/**
 * Zoom, pan, and keys that matter while they are held.
 * @module pages/annotate/features/view
 */
import { byId } from "../../../ui/element.js";
import { restoreViewport } from "../navigation_state.js";
import { defineFeature } from "../feature.js";

/** @typedef {import("../page.js").Page} Page */

const ZOOM_STEP = 1.25;

/** @param {Page} page */
function listenToHeldKeys({ tools, input }) {
  window.addEventListener("keydown", (event) => {
    if (event.key === "Control") tools.action("freeze");
    // The style sheet shows the canvas's focus to those who came by keyboard.
    if (event.key === "Tab") document.body.dataset.byTab = "";
  });
  window.addEventListener("pointerdown", () => delete document.body.dataset.byTab);
  window.addEventListener("keyup", (event) => {
    if (event.key === "Control") tools.action("thaw");
    if (event.key === " ") input.holdSpace(false);
  });
  window.addEventListener("blur", () => {
    tools.action("thaw");
    input.holdSpace(false);
  });
}

export const view = defineFeature({
  id: "view",
  load(page) {
    const { image, view, viewSettings, store, navigationState } = page;
    listenToHeldKeys(page);
    store.on("visibility", ({ all }) => byId("hide-all", HTMLButtonElement).setAttribute("aria-pressed", String(all)));

    function followSettings() {
      view.rotateTo(viewSettings.values.rotation);
      store.setAlone(viewSettings.values.alone);
    }
    viewSettings.on("change", followSettings);
    followSettings();
    restoreViewport(view, image, navigationState);
  },
  toolbar: (_own, { view, store }) => ({
    "hide-all": store.toggleAll,
    "zoom-in": () => view.zoomBy(ZOOM_STEP),
    "zoom-out": () => view.zoomBy(1 / ZOOM_STEP),
    "zoom-fit": view.fit,
    "zoom-actual": view.actualSize,
  }),
  keys(_own, { view, input, store }) {
    const group = "View";
    /** At the pointer, where it is over the canvas. @param {number} factor */
    const zoom = (factor) => () => {
      const at = input.last && view.toCanvas(input.last.x, input.last.y);
      const { width, height } = view.size;
      if (at && at.x >= 0 && at.y >= 0 && at.x <= width && at.y <= height) view.zoomBy(factor, at.x, at.y);
      else view.zoomBy(factor);
    };
    return [
      { id: "pan", group, keys: ["Space"], shown: ["Space-drag", "Middle-drag"], fixed: true, does: "Move the image", run: () => input.holdSpace(true) },
      { group, keys: [], shown: ["Wheel"], does: "Zoom at the pointer" },
      { id: "zoom-in", group, keys: ["+", "="], shown: ["+"], does: "Zoom in", repeats: true, run: zoom(ZOOM_STEP) },
      { id: "zoom-out", group, keys: ["-"], does: "Zoom out", repeats: true, run: zoom(1 / ZOOM_STEP) },
      { id: "zoom-fit", group, keys: ["Ctrl+0"], does: "Fit the image", run: view.fit },
      { id: "zoom-actual", group, keys: ["Ctrl+1"], does: "Actual size", run: view.actualSize },
      { id: "hide-all", group, keys: ["H"], does: "Hide or show all objects", run: store.toggleAll },
    ];
  },
});
