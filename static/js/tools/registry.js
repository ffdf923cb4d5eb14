/**
 * The tools of the page, by id; one is active.
 * @module tools/registry
 */
import { createEmitter } from "../core/emitter.js";

/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {ReturnType<typeof createToolRegistry>} ToolRegistry */

export function createToolRegistry() {
  /** @type {ReturnType<typeof createEmitter<{change: {tool: Tool | null}}>>} */
  const events = createEmitter();
  /** @type {Map<string, Tool>} */
  const tools = new Map();
  /** @type {Tool | null} */
  let active = null;

  return {
    on: events.on,
    /** @param {Tool} tool */
    add(tool) {
      tools.set(tool.id, tool);
    },
    /** A tool that could not be loaded is not taken up. @param {string} id */
    use(id) {
      const next = tools.get(id);
      if (!next || next === active) return;
      active?.deactivate();
      active = next;
      next.activate();
      events.emit("change", { tool: next });
    },
    get active() {
      return active;
    },
    /** Offers a key's meaning to the active tool. @param {string} action */
    action: (action) => active?.action(action) ?? false,
    ids: () => [...tools.keys()],
  };
}
