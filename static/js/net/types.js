/**
 * Shapes of the native HTTP API and of the socket's events, as the pages use them.
 * @module net/types
 */

/** @typedef {{size: [number, number], counts: string}} Rle size is [height, width], counts is COCO's compressed string */

/** @typedef {{id: number, name: string, color: string, order: number}} Label */

/**
 * @typedef {object} Attribute a field of objects, whose values lie in their `attributes` under its name
 * @property {number} id
 * @property {string} name
 * @property {"text" | "number" | "choice" | "checkbox"} type
 * @property {boolean} required
 * @property {string | number | boolean | null} default
 * @property {string[]} options
 * @property {number | null} min
 * @property {number | null} max
 * @property {number[] | null} labels those whose objects have it, null for all
 * @property {number} order
 */

/**
 * @typedef {object} Project
 * @property {number} id
 * @property {string} slug
 * @property {string} name
 * @property {string} role
 * @property {Label[]} labels
 * @property {Attribute[]} attributes
 * @property {{images: number, annotated: number, annotations: number, submitted: number, skipped: number}} [counts] unless it was asked for without
 * @property {number} createdTime
 */

/** @typedef {"preparing" | "ready" | "refused"} ImageState */
/** @typedef {"open" | "submitted" | "skipped"} WorkState */
/** @typedef {"missing" | "queued" | "running" | "ready" | "failed"} EmbeddingState */

/**
 * @typedef {object} ImageInfo
 * @property {number} id
 * @property {number} project
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {number} bytes
 * @property {string} mimeType
 * @property {string} sha256
 * @property {ImageState} state
 * @property {EmbeddingState} embedding
 * @property {{code: string, message: string} | null} error
 * @property {number} annotations
 * @property {WorkState} work
 * @property {string | null} skipReason
 * @property {string | null} workBy user name
 * @property {number | null} workTime
 * @property {number} createdTime
 */

/**
 * @typedef {object} PromptPoint
 * @property {number} x
 * @property {number} y
 * @property {0 | 1} label 1 is foreground
 * @property {number} [candidate] decoder token that the person chose after this step
 */

/** @typedef {{x0: number, y0: number, x1: number, y1: number, candidate?: number}} PromptBox */

/**
 * @typedef {object} Prompts
 * @property {PromptPoint[]} points
 * @property {PromptBox | null} box
 * @property {[number, number, number, number] | null} [region] of a large image that they are decoded in; null or missing
 *   for the whole
 */

/**
 * @typedef {object} Annotation
 * @property {string} id client-made UUID
 * @property {number} image
 * @property {number | null} label
 * @property {Rle} rle
 * @property {[number, number, number, number]} bbox
 * @property {number} area
 * @property {string} source
 * @property {Prompts | null} prompts
 * @property {Record<string, unknown>} attributes
 * @property {number | null} candidate
 * @property {number | null} score
 * @property {string | null} model
 * @property {number | null} [z] the larger in front; without one `createdTime` counts
 * @property {string | null} author user name
 * @property {number} version
 * @property {number} createdTime
 * @property {number} updatedTime
 */

/**
 * @typedef {object} Revision one version of an object
 * @property {string} annotation
 * @property {number} image
 * @property {number} version
 * @property {"created" | "updated" | "deleted"} action
 * @property {string[]} changed names of the fields that differ from the version before
 * @property {string | null} reason
 * @property {string | null} user who made it
 * @property {number} time
 * @property {number} label
 * @property {Record<string, unknown>} attributes
 * @property {string} source
 * @property {number | null} score
 * @property {string | null} model
 * @property {number | null} z
 */

/** @typedef {Revision & Pick<Annotation, "rle" | "bbox" | "area" | "prompts" | "candidate">} RevisionDetail */

/**
 * @typedef {object} Job
 * @property {number | string} id
 * @property {string} kind
 * @property {"Queued" | "Running" | "Completed" | "Failed"} status
 * @property {number} progress
 * @property {number} createdTime
 * @property {number | null} startTime
 * @property {number} statusTime
 * @property {{code?: string, message?: string} | string | null} error
 * @property {any} result
 */

/**
 * @template T
 * @typedef {{items: T[], next: string | null}} Page
 */

/** @typedef {{v: number, type: string, data: Record<string, any>}} SocketMessage */

export {};
