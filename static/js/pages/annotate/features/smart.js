/**
 * The smart tool with its candidates, and the way back into it for saved objects.
 * @module pages/annotate/features/smart
 */
import { createSmartTool } from "../../../tools/smart.js";
import { createCandidates } from "../../../ui/candidates.js";
import { defineFeature } from "../feature.js";
import { createAccept } from "../accept.js";
import { createKeyboardPointer } from "../keyboard_pointer.js";
import { measureHover } from "../measure.js";

/** @typedef {import("../page.js").Page} Page */
/** @typedef {import("../../../net/types.js").Prompts} Prompts */
/** @typedef {ReturnType<typeof createSmart>} Smart */

/** @param {Prompts | null} prompts */
const hasPrompts = (prompts) => prompts !== null && (prompts.points.length > 0 || prompts.box !== null);

/** @param {Page} page @param {() => Promise<number | null>} askLabel @param {HTMLElement} root of the candidates */
function createSmart(page, askLabel, root) {
  const { image, data, store, edits, tools, history, decoder, renderer, toasts, color, done } = page;
  const smart = createSmartTool({
    image, color,
    decoder: decoder.current,
    accept: createAccept({ image, store, edits, toasts, model: data.model, ask: askLabel }),
    changed: () => sceneChanged(),
    failed: page.decodeFailed,
    exit: page.exit,
    undoBefore: () => void history.undo(),
  });
  const { controller } = smart;
  const candidates = createCandidates({ root, controller, renderer, image, color, done });
  let below = "";

  function sceneChanged() {
    if (!controller.isEmpty && store.selected) store.select(null);
    // The object that is being reworked leaves the saved ones, and they step back behind a mask in the making.
    const now = `${controller.editing} ${controller.chosen() !== null}`;
    if (now !== below) renderer.invalidate("base");
    below = now;
    candidates.update();
    page.changed();
  }

  /** @param {string} id */
  function isChangeable(id) {
    if (store.isLocked(id)) toasts.info("The object is locked", "Unlock it in the list or with L to change it.");
    else if (!decoder.armed) toasts.info("The smart tool is not ready yet");
    else return true;
    return false;
  }

  /** Takes up an object's prompts again; one without any is added to and cut from. @param {string} id */
  function refine(id) {
    const annotation = store.get(id);
    if (!annotation) return;
    const { prompts } = annotation;
    if (!prompts || !hasPrompts(prompts)) return magic(id);
    if (!isChangeable(id)) return;
    tools.use("smart");
    store.select(null);
    store.setActiveLabel(annotation.label);
    controller.reopen(id, prompts);
  }

  /** The smart tool adds to a mask and cuts from it. @param {string | null} [id] */
  function magic(id = store.selected) {
    if (!id) return void toasts.info("No object is selected", "Select the one to add to or to cut from.");
    if (!isChangeable(id)) return;
    // The tool takes up what is selected when it begins.
    if (tools.active?.id === "magic") tools.use("select");
    store.select(id);
    tools.use("magic");
  }

  tools.add(smart.tool);
  store.on("label", candidates.update);
  measureHover(renderer, controller);
  // The page begins with it.
  tools.use("smart");

  return {
    refine,
    magic: () => magic(),
    /** The tool in hand; with an object selected, that object. */
    use() {
      const id = store.selected;
      if (id && tools.active?.id !== "magic" && decoder.armed && !store.isLocked(id)) return refine(id);
      store.select(null);
      tools.use("smart");
    },
    finish() {
      if (tools.action("finish")) return;
      if (store.selected) refine(store.selected);
    },
  };
}

export const smart = defineFeature({
  id: "smart",
  needs: ["selection"],
  panel: "candidates",
  load: (page, { selection }, panel) => createSmart(page, selection.askLabel, panel),
  toolbar: (own) => ({ "tool-smart": own.use }),
  keys(own, page) {
    const { tools } = page;
    const group = "Smart tool";
    const pointer = createKeyboardPointer(page);
    return [
      { id: "tool-smart", group, keys: ["S"], does: "Smart tool; with an object selected, refine it", run: own.use },
      { group, keys: [], shown: ["Click"], does: "Belongs to the object" },
      { group, keys: [], shown: ["Right click", "Shift+Click", "Long touch"], does: "Does not belong to it" },
      { group, keys: [], shown: ["Drag"], does: "Draw a box around it" },
      { id: "candidate-next", group, keys: ["M"], does: "Next candidate", run: () => tools.action("next-candidate") },
      { id: "candidate-previous", group, keys: ["Shift+M"], does: "Previous candidate", run: () => tools.action("previous-candidate") },
      { id: "finish", group, keys: ["Enter", "N"], does: "Keep the object", run: own.finish },
      { id: "cancel", group, keys: ["Escape"], shown: ["Esc"], does: "Drop the prompts, then leave the tool", run: () => void tools.action("cancel") },
      { group, keys: [], shown: ["Hold Ctrl"], does: "Freeze the preview" },
      { id: "pointer-move", group, keys: ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"], shown: ["Arrows"], fixed: true, does: "Move the keyboard's pointer", repeats: true, run: pointer.move },
      { id: "pointer-move-fine", group, keys: ["Shift+ArrowUp", "Shift+ArrowDown", "Shift+ArrowLeft", "Shift+ArrowRight"], shown: ["Shift+Arrows"], fixed: true, does: "Move it in fine steps", repeats: true, run: pointer.move },
      { id: "pointer-click", group, keys: ["."], does: "Click at the keyboard's pointer", run: () => pointer.click(false) },
      { id: "pointer-background", group, keys: [","], does: "Background click there", run: () => pointer.click(true) },
    ];
  },
});
