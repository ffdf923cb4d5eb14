/**
 * What tools, decoders and the page agree on.
 * @module tools/types
 */

/** @typedef {import("../net/types.js").Prompts} Prompts */
/** @typedef {import("../net/types.js").Rle} Rle */

/**
 * @typedef {object} Candidate
 * @property {number} token
 * @property {number} score
 * @property {Float32Array} [logits] 256 × 256, browser decoder
 * @property {Rle} [rle] full size, server decoder
 */

/** @typedef {{candidates: Candidate[], ms: number}} Result the chosen candidate comes first */

/**
 * @typedef {object} Decoder
 * @property {"browser" | "server"} kind
 * @property {string} detail
 * @property {(imageId: number, embedding: ArrayBuffer | null, size: {width: number, height: number}) => Promise<void> | void} load
 * @property {(prompts: Prompts) => Promise<Result | null>} preview null when a newer request replaced it
 * @property {(prompts: Prompts) => Promise<Result>} commit
 * @property {() => void} dispose
 */

/**
 * A pointer over the canvas, in image pixels and in the page's.
 * @typedef {object} ToolPointer
 * @property {number} x
 * @property {number} y
 * @property {number} clientX
 * @property {number} clientY
 * @property {number} button
 * @property {boolean} shift
 * @property {boolean} ctrl
 * @property {boolean} inside whether it is over the image
 * @property {"mouse" | "pen" | "touch" | "keyboard"} type
 * @property {number} time when it happened, on performance.now()'s clock
 * @property {number} clicks 2 for the second click of a double click
 */

/**
 * One tool. The page holds exactly one active.
 * @typedef {object} Tool
 * @property {string} id also the canvas's `data-tool`
 * @property {() => void} activate
 * @property {() => void} deactivate
 * @property {(pointer: ToolPointer) => void} down
 * @property {(pointer: ToolPointer) => void} move
 * @property {(pointer: ToolPointer) => void} up
 * @property {() => void} leave the pointer left the canvas, or its gesture became a pan
 * @property {(action: string) => boolean} action a key's meaning ("finish", "cancel", "undo", …); true when the tool took it
 * @property {() => string} cursor CSS
 * @property {() => Scene | null} scene what to draw over the image
 */

/**
 * What the overlay shows of a tool at work.
 * @typedef {object} Scene
 * @property {Candidate | null} mask the mask of the prompts so far
 * @property {Candidate | null} hover the mask that a click here would give
 * @property {string} color of the label
 * @property {{x: number, y: number, label: 0 | 1, pending?: boolean}[]} points
 * @property {{x0: number, y0: number, x1: number, y1: number} | null} box
 * @property {{x0: number, y0: number, x1: number, y1: number} | null} draftBox
 * @property {string | null} editing the saved object that is being reworked
 * @property {import("../canvas/ghosts.js").Ghosts | null} [ghosts] masks that are offered
 */

export {};
