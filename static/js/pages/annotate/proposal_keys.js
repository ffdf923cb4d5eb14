/**
 * The keys of everything mode and of finding alike.
 * @module pages/annotate/proposal_keys
 */

/**
 * @param {{start: (kind: import("../../ui/proposals.js").SearchKind) => void, takeAll: () => void}} proposals
 * @returns {import("../../ui/shortcuts.js").Shortcut[]}
 */
export function proposalKeys({ start, takeAll }) {
  const group = "Proposals";
  return [
    { id: "tool-proposals", group, keys: ["Q"], does: "Everything: propose all objects of the image", run: () => start("everything") },
    { id: "propose-alike", group, keys: ["Shift+Q"], does: "Propose objects like the selected ones, or like those of the image before", run: () => start("alike") },
    { id: "proposals-keep", group, keys: ["A"], does: "Keep all proposals that are shown", run: takeAll },
    { group, keys: [], shown: ["Click", "Shift+Click"], does: "Keep a proposal; drop it" },
  ];
}
