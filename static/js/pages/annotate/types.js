/**
 * What the server puts into the annotate page.
 * @module pages/annotate/types
 */

/**
 * @typedef {object} PageData
 * @property {{id: number, username: string}} user
 * @property {import("../../net/types.js").Project} project
 * @property {import("../../net/types.js").ImageInfo} image
 * @property {import("../../ui/strip.js").StripItem[]} strip
 * @property {number} index
 * @property {number} total
 * @property {number | null} prev
 * @property {number | null} next
 * @property {import("../../ui/shortcuts.js").Bindings} keys that this person gave to actions
 * @property {any} assets where the decoder's files lie; empty when there are none
 * @property {string} model
 * @property {number} modelVersion
 * @property {"" | "browser" | "server"} decoder which one the address asks for; the faster one without
 * @property {string} wsUrl
 */

export {};
