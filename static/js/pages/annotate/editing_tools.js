/**
 * The tools that edit masks, and what they share.
 * @module pages/annotate/editing_tools
 */
import { createBoxTool } from "../../tools/box.js";
import { createBrushTool } from "../../tools/brush.js";
import { createCutTool } from "../../tools/cut.js";
import { createMagicTool } from "../../tools/magic.js";
import { createOptions } from "../../tools/options.js";
import { createPolygonTool } from "../../tools/polygon.js";
import { createSelectTool } from "../../tools/select.js";
import { rectangle } from "../../geometry/spans.js";
import { createToolOptions } from "../../ui/tool_options.js";
import { rleOf } from "./decoders.js";
import { createEditing } from "./editing.js";
import { MASK_COMMANDS } from "./mask_commands.js";
import { createMasks } from "./masks.js";
import { createOutlines } from "./outlines.js";

/**
 * @typedef {object} EditingToolsContext
 * @property {{width: number, height: number}} image
 * @property {import("../../core/store.js").Store} store
 * @property {import("./annotation_edits.js").AnnotationEdits} edits
 * @property {import("../../tools/registry.js").ToolRegistry} tools
 * @property {import("../../canvas/view.js").View} view
 * @property {import("../../canvas/mask_paths.js").MaskPaths} maskPaths
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {() => string} color
 * @property {() => Promise<number | null>} ask for a label, when the project has none
 * @property {() => import("../../tools/types.js").Decoder | null} decoder
 * @property {(id: string) => void} refine
 * @property {() => void} changed
 * @property {() => void} exit leaves the tool
 * @property {(error: unknown) => void} failed
 * @property {HTMLElement} root of the options
 * @property {() => void} done gives the focus back to the canvas
 */

/** @typedef {ReturnType<typeof createEditingTools>} EditingTools */

/** Where settings are kept; null where the browser keeps none. */
function storage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** @param {EditingToolsContext} context */
export function createEditingTools(context) {
  const { image, store, edits, tools, view, maskPaths, toasts, color, changed, exit } = context;
  const options = createOptions(storage());
  /** @param {number} x @param {number} y */
  const hitTest = (x, y) => maskPaths.hitTest(store.list().filter(({ id }) => store.isVisible(id)), x, y);
  const masks = createMasks({ image, store, edits, toasts, ask: context.ask, hitTest });
  const outlines = createOutlines({ image, store, options, maskPaths, masks, toasts });
  const editing = createEditing({ image, store, edits, masks, options, toasts });

  const brushContext = { store, options, target: masks.target, commit: masks.paint, color, changed, exit };
  const brushes = [createBrushTool(brushContext, false), createBrushTool(brushContext, true)];
  const polygon = createPolygonTool({
    store, options, color, changed, exit,
    scale: () => view.scale,
    snap: outlines.snap,
    outline: outlines.current,
    reshape: outlines.reshape,
    add: outlines.add,
  });
  const magic = createMagicTool({
    image, store, color, changed, exit,
    decoder: context.decoder,
    failed: context.failed,
    rleOf: (candidate) => rleOf(candidate, image),
    accept(id, change) {
      const spans = change(masks.spansOf(id));
      if (spans.length) masks.replace(id, spans, "Add and cut", "smart");
      else toasts.info("Nothing would be left of the object", "Its mask was not changed.");
    },
    finished() {
      store.select(null);
      tools.use("smart");
    },
  });

  for (const { tool } of brushes) tools.add(tool);
  tools.add(polygon);
  tools.add(createBoxTool({ image, store, color, changed, exit, add: (region) => masks.add(rectangle(region, image.height), "box") }));
  tools.add(createCutTool({ store, color, changed, exit, split: editing.splitAlong }));
  tools.add(createSelectTool({ store, image, hitTest, changed, refine: context.refine, within: editing.within }));
  tools.add(magic);

  function convert() {
    if (!store.selected) return void toasts.info("No object is selected");
    if (!masks.editable([store.selected]).length) return;
    if (outlines.convert()) tools.use("polygon");
  }

  /** @type {Record<string, () => void>} */
  const runs = {
    merge: editing.merge,
    subtract: editing.subtractFromNeighbours,
    "cut-out": editing.subtractNeighbours,
    separate: editing.separate,
    convert,
    grow: editing.grow,
    shrink: editing.shrink,
    smooth: editing.smooth,
    "fill-holes": editing.fillHoles,
    "remove-specks": editing.removeSpecks,
  };
  const commands = MASK_COMMANDS.map((command) => ({ ...command, run: () => runs[command.id]() }));
  const bar = createToolOptions({ root: context.root, options, tools, store, commands, done: context.done });
  options.on("change", changed);

  return {
    options,
    commands,
    /** @param {string} id of one of the commands */
    run: (id) => runs[id](),
    /** There may be more or less to keep or drop. */
    stepsChanged: bar.work,
    /** When the pointer moved that the last painted stroke shows. */
    strokeTime: () => Math.max(...brushes.map(({ time }) => time)),
  };
}
