/**
 * The keys of suggested objects.
 * @module pages/annotate/suggestion_keys
 */

/**
 * @param {{start: (kind: import("../../ui/object_suggestions.js").SearchKind) => void, acceptAll: () => void}} suggestions
 * @returns {import("../../ui/shortcuts.js").Shortcut[]}
 */
export function suggestionKeys({ start, acceptAll }) {
  const group = "Proposals";
  return [
    { id: "tool-proposals", group, keys: ["Q"], does: "Everything: propose all objects of the image", run: () => start("autoSegment") },
    { id: "propose-alike", group, keys: ["Shift+Q"], does: "Propose objects like the selected ones, or like those of the image before", run: () => start("findSimilar") },
    { id: "proposals-keep", group, keys: ["A"], does: "Keep all proposals that are shown", run: acceptAll },
    { group, keys: [], shown: ["Click", "Shift+Click"], does: "Keep a proposal; drop it" },
  ];
}
