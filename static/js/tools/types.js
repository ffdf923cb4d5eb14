/**
 * What tools, decoders and the page agree on.
 * @module tools/types
 */

/** @typedef {import("../net/types.js").Prompts} Prompts */
/** @typedef {import("../net/types.js").Rle} Rle */

/**
 * @typedef {object} Candidate
 * @property {number} maskIndex which of the four masks that the decoder gives
 * @property {number} score
 * @property {Float32Array} [logits] 256 × 256, browser decoder
 * @property {Rle} [rle] full size, server decoder
 * @property {string} [model] that made it, where it may be another than the page was opened with
 * @property {import("../geometry/crop_window.js").CropWindow} [crop] that the logits lie over; the whole image's without
 */

/**
 * @typedef {object} Result
 * @property {Candidate[]} candidates the chosen one comes first
 * @property {number} ms
 * @property {boolean} [cached] nothing was computed for it: its time says nothing of the decoder
 * @property {import("../geometry/crop_window.js").CropWindow | null} [crop] the frame, where it was chosen from several
 */

/**
 * @typedef {object} Decoder
 * @property {"browser" | "server"} kind
 * @property {string} detail
 * @property {(imageId: number, embedding: ArrayBuffer | null, size: {width: number, height: number}) => Promise<void> | void} load
 * @property {(prompts: Prompts) => Promise<Result | null>} preview null when a newer request replaced it
 * @property {(prompts: Prompts) => Promise<Result>} commit
 * @property {() => void} dispose
 * @property {(crop: import("../geometry/crop_window.js").CropWindow, embedding: ArrayBuffer) => Promise<void>} [loadCrop] takes
 *   what prompts with it as their `region` are decoded in; missing where there is nothing to be loaded
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
 * @property {boolean} alt
 * @property {number} pressure 0 … 1 of a pen; 1 for everything else
 * @property {TrailPoint[]} [trail] where it was since the last event, itself included: pointers move faster than frames
 */

/** @typedef {{x: number, y: number, pressure: number}} TrailPoint in image pixels */

/**
 * One tool. The page holds exactly one active.
 * @typedef {object} Tool
 * @property {string} id
 * @property {string} [button] the tool whose button stands for it too, also the canvas's `data-tool`; itself if missing
 * @property {boolean} [keepsSelection] whether it works on the selected object, so that selecting one does not leave it
 * @property {() => void} activate
 * @property {() => void} deactivate
 * @property {(pointer: ToolPointer) => void} down
 * @property {(pointer: ToolPointer) => void} move
 * @property {(pointer: ToolPointer) => void} up
 * @property {() => void} leave the pointer left the canvas, or its gesture became a pan
 * @property {(steps: number) => void} [resize] by wheel or keys, in steps
 * @property {(action: string) => boolean} action a key's meaning ("finish", "cancel", "undo", …); true when the tool took it
 * @property {() => boolean} [isMaking] whether an object is in the making, which labels are meant for from now on
 * @property {() => boolean} [canUndo] whether it has steps of its own to undo
 * @property {() => boolean} [canRedo]
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
 * @property {import("../canvas/suggestion_layer.js").Suggestions | null} [suggestions] masks that are offered
 * @property {EditScene | null} [edit] a mask under the brush
 * @property {PolygonScene | null} [polygon]
 * @property {{x0: number, y0: number, x1: number, y1: number} | null} [line] a cut in the making
 */

/**
 * @typedef {object} EditScene
 * @property {import("../net/types.js").Annotation | null} annotation painted over all others; null for an object to be
 * @property {{dabs: import("../geometry/stroke.js").Dab[], shape: import("../geometry/stroke.js").BrushShape, erase: boolean} | null} stroke
 * @property {{dab: import("../geometry/stroke.js").Dab, shape: import("../geometry/stroke.js").BrushShape, erase: boolean} | null} ring where the brush is
 */

/**
 * @typedef {object} PolygonScene
 * @property {number[][]} rings
 * @property {boolean} open whether the last ring is still being drawn
 * @property {boolean} filled whether closed rings are filled: nothing else shows what they cover
 * @property {{x: number, y: number} | null} next where the next corner would be
 * @property {{ring: number, corner: number} | null} hot the corner under the pointer
 * @property {boolean} closing whether a click now closes the ring
 * @property {boolean} snapped whether `next` lies on another object's edge
 */

export {};
