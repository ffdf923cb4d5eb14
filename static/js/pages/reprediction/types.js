/**
 * What re-predictions look like on the wire.
 * @module pages/reprediction/types
 */

/** @typedef {import("../../net/types.js").Rle} Rle */

/** @typedef {"pending" | "accepted" | "dismissed" | "outdated"} State */

/** @typedef {{annotation: string, image: number, code: string, message: string}} Problem */

/**
 * @typedef {object} Reprediction
 * @property {number} id
 * @property {number} project
 * @property {string} engine
 * @property {string} model
 * @property {number | null} job
 * @property {"Queued" | "Running" | "Completed" | "Failed"} status
 * @property {number} progress
 * @property {{code: string, message: string} | null} error
 * @property {number} total
 * @property {number} skipped
 * @property {number} failed objects that could not be asked about
 * @property {Problem[]} problems why not, of the first of them
 * @property {Record<State, number>} counts
 * @property {number} createdTime
 * @property {string | null} createdBy
 */

/**
 * @typedef {object} Proposal
 * @property {number} id
 * @property {number} image
 * @property {string} imageName
 * @property {[number, number]} imageSize width and height
 * @property {string} annotation
 * @property {number} version
 * @property {number | null} label null where the object was deleted
 * @property {State} state
 * @property {number} iou
 * @property {{rle: Rle, score: number | null, model: string} | null} old
 * @property {{rle: Rle, bbox: [number, number, number, number], area: number, candidate: number, score: number} | null} new
 * @property {string | null} decidedBy
 * @property {number | null} decidedTime
 */

export {};
