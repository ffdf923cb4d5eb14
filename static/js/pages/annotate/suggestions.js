/**
 * Suggestions on this page: tool, panel, and the server's job between them. What differs between the ways of finding them is
 * their strategy.
 * @module pages/annotate/suggestions
 */
import { createJobWait, reasonOf } from "../../net/job_wait.js";
import { createSuggestionsTool } from "../../tools/suggestions.js";

/** @typedef {import("../../net/types.js").Job} Job */
/** @typedef {import("../../tools/suggestions.js").Suggestion} Suggestion */
/** @typedef {import("../../ui/suggestions.js").SuggestionsPanel} SuggestionsPanel */

/**
 * @typedef {object} SuggestionsContext
 * @property {import("../../net/api.js").Api} api
 * @property {import("../../net/socket.js").Socket} socket
 * @property {import("../../core/store.js").Store} store
 * @property {import("./annotation_edits.js").AnnotationEdits} edits
 * @property {import("../../tools/registry.js").ToolRegistry} tools
 * @property {import("../../canvas/suggestion_layer.js").SuggestionPaths} suggestionPaths
 * @property {HTMLElement} root of the panel
 * @property {{id: number}} image
 * @property {() => Promise<number | null>} ask for a label, when the project has none
 * @property {() => string} color
 * @property {import("../../ui/toast.js").Toasts} toasts
 * @property {() => void} changed the scene has to be drawn
 * @property {() => void} exit leaves the tool
 * @property {() => void} done gives the focus back to the canvas
 */

/**
 * @template {SuggestionsPanel} P
 * @typedef {object} Strategy
 * @property {string} tool id of the tool
 * @property {string} source of the annotations that are made
 * @property {import("../../core/history.js").History} [history] lets single suggestions be dropped
 * @property {boolean} [keeps] whether those found before stay until the next search has ended
 * @property {() => void} [activated] the tool was taken up
 * @property {number} giveUpAfter milliseconds
 * @property {{late: string, failed: string, title: string}} words when the job takes too long; when it fails without a reason;
 *   above every reason
 * @property {() => P} panel made once
 * @property {(panel: P) => number} [minScore]
 */

/**
 * @template {SuggestionsPanel} P
 * @param {SuggestionsContext} context
 * @param {Strategy<P>} strategy
 */
export function createSuggestions(context, strategy) {
  const { api, socket, store, edits, tools } = context;
  const { words } = strategy;
  const panel = strategy.panel();
  /** @type {number | string | null} the job that is waited for */
  let running = null;
  const jobs = createJobWait({ api, onJob: (listener) => socket.on("job.updated", listener), giveUpAfter: strategy.giveUpAfter, tooLate: words.late });
  socket.on("job.updated", (event) => {
    if (running !== null && String(event.id) === String(running)) panel.progress?.(event.progress);
  });

  /** @param {() => Promise<Job>} ask */
  async function resultOf(ask) {
    jobs.forget();
    const job = await ask();
    running = job.id;
    const ended = await jobs.ended(job);
    if (ended.status === "Failed") throw new Error(reasonOf(ended, words.failed));
    return ended.result;
  }

  /** @param {Suggestion[]} suggestions */
  async function accept(suggestions) {
    const label = store.activeLabel ?? (await context.ask());
    if (label === null) return [];
    const contents = suggestions.map(({ rle, bbox, area, prompts, candidate, score, model }) => ({ label, rle, bbox, area, prompts, candidate, score, model }));
    return edits.createAll(contents, strategy.source);
  }

  const suggestions = createSuggestionsTool({
    id: strategy.tool,
    paths: context.suggestionPaths,
    history: strategy.history,
    keeps: strategy.keeps,
    activated: strategy.activated,
    minScore: () => strategy.minScore?.(panel) ?? 0,
    accept,
    exists: (id) => store.get(id) !== undefined,
    color: context.color,
    changed() {
      panel.update(suggestions);
      context.changed();
    },
    failed(error) {
      const reason = error instanceof Error ? error.message : String(error);
      context.toasts.show({ kind: "error", key: strategy.tool, title: words.title, text: `${reason} Nothing is lost. Try it again.` });
    },
    exit: context.exit,
  });

  tools.add(suggestions.tool);
  tools.on("change", () => panel.update(suggestions));
  store.on("annotations", () => suggestions.active && suggestions.refresh());

  return {
    panel,
    /**
     * Searches by a job of the server.
     * @param {() => Promise<Job>} ask
     * @param {(result: any) => Suggestion[]} read
     */
    search: (ask, read) => void suggestions.start(async () => read(await resultOf(ask))),
    drop: suggestions.drop,
    filter: suggestions.refresh,
    acceptAll: () => suggestions.active && void suggestions.acceptAll(),
  };
}
