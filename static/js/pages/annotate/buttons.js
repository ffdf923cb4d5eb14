/**
 * The page's fixed buttons.
 * @module pages/annotate/buttons
 */
import { byId } from "../../ui/element.js";

/**
 * @typedef {object} ButtonContext
 * @property {import("./commands.js").Commands} commands
 * @property {import("../../tools/registry.js").ToolRegistry} tools
 * @property {import("../../core/store.js").Store} store
 * @property {import("../../canvas/view.js").View} view
 * @property {() => void} help
 * @property {() => void} focusCanvas
 */

/** @param {ButtonContext} context */
export function bindButtons({ commands, tools, store, view, help, focusCanvas }) {
  /** @param {string} id @param {() => void} run */
  function bind(id, run) {
    byId(id, HTMLButtonElement).addEventListener("click", (event) => {
      run();
      // After a mouse click the keys belong to the canvas again; a keyboard user stays where they are.
      if (event.detail > 0 && !document.querySelector("dialog[open]")) focusCanvas();
    });
  }

  bind("tool-smart", commands.smart);
  bind("tool-regions", commands.regions);
  for (const id of ["brush", "eraser", "polygon", "box", "split", "select"]) bind(`tool-${id}`, () => tools.use(id));
  bind("hide-all", commands.toggleAll);
  bind("undo", commands.undo);
  bind("redo", commands.redo);
  bind("zoom-in", () => view.zoomBy(1.25));
  bind("zoom-out", () => view.zoomBy(0.8));
  bind("zoom-fit", view.fit);
  bind("zoom-actual", view.actualSize);
  bind("help", help);

  tools.on("change", ({ tool }) => {
    const pressed = tool?.button ?? tool?.id;
    for (const button of document.querySelectorAll(".ws-tool[id^=tool-]")) {
      button.setAttribute("aria-pressed", String(button.id === `tool-${pressed}`));
    }
  });
  store.on("visibility", ({ all }) => byId("hide-all", HTMLButtonElement).setAttribute("aria-pressed", String(all)));
}
