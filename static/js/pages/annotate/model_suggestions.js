/**
 * Objects that the model finds by itself as suggestions: all of the image, or those similar to chosen ones.
 * @module pages/annotate/model_suggestions
 */
import { ApiError } from "../../net/api.js";
import { createModelSuggestionsPanel, SEARCHES } from "../../ui/model_suggestions.js";
import { createSuggestions } from "./suggestions.js";

/** @typedef {import("../../tools/suggestions.js").Suggestion} Suggestion */
/** @typedef {import("../../net/types.js").Job} Job */
/** @typedef {import("../../ui/model_suggestions.js").SearchKind} SearchKind */

const GIVE_UP_AFTER = 300_000;
/** What the server leaves out, below where anybody would set the least score. */
const MIN_SCORE = 0.7;
const MAX_EXAMPLES = 8;
/** Neighbours differ clearly, on dark pictures and on light ones. */
const COLORS = ["#4da3ff", "#ffb02e", "#5fd38d", "#ff6b8b", "#b48cff", "#2fd4d4", "#ff8f4d", "#d8e04a"];

/**
 * @typedef {import("./suggestions.js").SuggestionsContext & {
 *   project: {id: number},
 *   sync: import("../../net/sync.js").Sync,
 *   history: import("../../core/history.js").History,
 * }} ModelSuggestionsContext
 */

/** The objects that were looked for last, so that the next images of the project can be searched for them. @param {number} project */
function createExamples(project) {
  const key = `segweb.alike.${project}`;
  return {
    /** @returns {string[]} */
    read() {
      try {
        const value = JSON.parse(sessionStorage.getItem(key) ?? "[]");
        return Array.isArray(value) ? value.filter((id) => typeof id === "string") : [];
      } catch {
        return [];
      }
    },
    /** @param {string[]} ids */
    write(ids) {
      try {
        sessionStorage.setItem(key, JSON.stringify(ids));
      } catch {
        // A browser that keeps nothing: then each image needs an object of its own.
      }
    },
  };
}

/** @param {unknown} error */
const isGone = (error) => error instanceof ApiError && error.status === 404;

/** @param {{proposals: Suggestion[], model: string}} result of the job */
function readResult({ proposals, model }) {
  return proposals.map((one, k) => ({ ...one, model, color: COLORS[k % COLORS.length] }));
}

/** @param {ModelSuggestionsContext} context */
export function createModelSuggestions(context) {
  const { root, image, api, sync, store, tools, toasts, done } = context;
  const examples = createExamples(context.project.id);
  /** @param {SearchKind} kind */
  const path = (kind) => `/images/${image.id}/${SEARCHES[kind].name}`;

  /** Those of the objects that nobody has deleted. @param {string[]} ids */
  async function existing(ids) {
    const gone = await Promise.all(ids.map((id) => api.get(`/annotations/${id}`).then(() => false, isGone)));
    return ids.filter((_, k) => !gone[k]);
  }

  /** @param {string[]} ids @returns {Promise<Job>} */
  async function findSimilar(ids) {
    try {
      return await api.post(path("findSimilar"), { objects: ids });
    } catch (error) {
      const others = isGone(error) ? await existing(ids) : ids;
      if (others.length === ids.length) throw error;
      examples.write(others);
      if (others.length) return api.post(path("findSimilar"), { objects: others });
      throw new Error("The objects to go by are gone. Select one, or a few, to look for more like them.", { cause: error });
    }
  }

  /** @param {() => Promise<Job>} ask */
  function search(ask) {
    suggestions.search(async () => {
      // The server looks at what it has: one's own last objects may be on their way.
      await sync.settled();
      return ask();
    }, readResult);
  }

  /** @param {SearchKind} kind */
  function start(kind) {
    const selected = store.selection.slice(0, MAX_EXAMPLES);
    const ids = selected.length ? selected : examples.read();
    if (kind === "findSimilar" && !ids.length) {
      return void toasts.info("No object is selected", "Select one, or a few, to look for more like them.");
    }
    store.select(null);
    tools.use("proposals");
    suggestions.panel.begin(kind);
    if (kind === "findSimilar") {
      examples.write(ids);
      return search(() => findSimilar(ids));
    }
    const body = { score: MIN_SCORE, crops: suggestions.panel.crops() };
    search(() => api.post(path("autoSegment"), body));
  }

  const suggestions = createSuggestions(context, {
    tool: "proposals",
    source: "smart",
    history: context.history,
    giveUpAfter: GIVE_UP_AFTER,
    words: {
      late: "The server did not finish in time.",
      failed: "The server could not look for objects.",
      title: "Objects could not be looked for",
    },
    panel: () => createModelSuggestionsPanel({
      root,
      search: start,
      acceptAll: () => suggestions.acceptAll(),
      drop: () => suggestions.drop(),
      filter: () => suggestions.filter(),
      done,
    }),
    minScore: (panel) => panel.minScore(),
  });

  return { start, acceptAll: suggestions.acceptAll };
}
