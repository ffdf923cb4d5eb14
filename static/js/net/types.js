/**
 * What the native HTTP API takes and answers, and what its socket sends.
 *
 * Made from the API's document by `python -m annotations.api.typescript`: change the shapes there.
 * @module net/types
 */

/**
 * `objects`: ids of objects of the image's project to look for the like of. `images`: where to look, instead of in the
 * image alone.
 * @typedef {object} AlikeIn
 * @property {string[]} objects
 * @property {number[]} [images]
 */

/**
 * An object. What has the larger `z` lies in front; null counts as `createdTime`.
 * @typedef {object} Annotation
 * @property {string} id
 * @property {number} image
 * @property {number} label
 * @property {Rle} rle
 * @property {[number, number, number, number]} bbox left, top, width and height in pixels
 * @property {number} area
 * @property {string} source
 * @property {Prompts | null} prompts
 * @property {Record<string, unknown>} attributes
 * @property {number | null} candidate
 * @property {number | null} score
 * @property {string} model
 * @property {number | null} z
 * @property {string | null} author
 * @property {number} version
 * @property {number} createdTime
 * @property {number} updatedTime
 */

/**
 * `user`: who changed it.
 * @typedef {object} AnnotationData
 * @property {string} id
 * @property {number} image
 * @property {number} version
 * @property {number | null} user
 */

/**
 * @typedef {object} AnnotationIn
 * @property {string} id
 * @property {number} label
 * @property {RleIn | null} [rle]
 * @property {number[][] | null} [polygons]
 * @property {string} [source]
 * @property {Prompts | null} [prompts]
 * @property {Record<string, unknown>} [attributes]
 * @property {number | null} [candidate]
 * @property {number | null} [score]
 * @property {string} [model]
 * @property {number | null} [z]
 */

/**
 * @typedef {object} AnnotationPage
 * @property {Annotation[]} items
 * @property {string | null} next
 */

/**
 * @typedef {object} AnnotationPatch
 * @property {number} version
 * @property {number | null} [label]
 * @property {RleIn | null} [rle]
 * @property {number[][] | null} [polygons]
 * @property {string} [source]
 * @property {Prompts | null} [prompts]
 * @property {Record<string, unknown> | null} [attributes]
 * @property {number | null} [candidate]
 * @property {number | null} [score]
 * @property {string | null} [model]
 * @property {number | null} [z]
 */

/**
 * A field of objects. `labels` are those whose objects have it, null for all of them.
 * @typedef {object} Attribute
 * @property {number} id
 * @property {string} name
 * @property {"checkbox" | "choice" | "number" | "text"} type
 * @property {boolean} required
 * @property {boolean | number | string | null} default
 * @property {string[]} options
 * @property {number | null} min
 * @property {number | null} max
 * @property {number[] | null} labels
 * @property {number} order
 */

/**
 * A choice has `options`; a number may have `min` and `max`; a checkbox is never required.
 * @typedef {object} AttributeIn
 * @property {string} name
 * @property {"checkbox" | "choice" | "number" | "text"} type
 * @property {boolean} [required]
 * @property {boolean | number | string | null} [default]
 * @property {string[]} [options]
 * @property {number | null} [min]
 * @property {number | null} [max]
 * @property {number[] | null} [labels]
 */

/**
 * @typedef {object} AttributePatch
 * @property {string | null} [name]
 * @property {boolean | null} [required]
 * @property {boolean | number | string | null} [default]
 * @property {string[] | null} [options]
 * @property {number | null} [min]
 * @property {number | null} [max]
 * @property {number[] | null} [labels]
 * @property {number | null} [order]
 */

/**
 * @typedef {object} Counts
 * @property {number} images
 * @property {number} annotated
 * @property {number} annotations
 * @property {number} submitted
 * @property {number} skipped
 */

/**
 * `remaining` above 0: send the same again to go on. `skipped` tells why the others stayed as they are.
 * @typedef {object} Decided
 * @property {number} decided
 * @property {Skipped[]} skipped
 * @property {number} remaining
 */

/**
 * Either `ids`, or all proposals with the `label` and an agreement from `minIou` to `maxIou`, each of which may be
 * left out. `all` must be true where nothing narrows them down.
 * @typedef {object} DecisionIn
 * @property {"accept" | "dismiss" | "reopen"} decision
 * @property {number[] | null} [ids]
 * @property {number | null} [label]
 * @property {number | null} [minIou]
 * @property {number | null} [maxIou]
 * @property {boolean} [all]
 */

/**
 * One event on its way to one webhook. `body` is what is sent, `response` the beginning of the last answer.
 * @typedef {object} Delivery
 * @property {number} id
 * @property {number} webhook
 * @property {string} event
 * @property {string} type
 * @property {"delivered" | "failed" | "sending" | "waiting"} status
 * @property {number} attempts
 * @property {number | null} statusCode
 * @property {string | null} error
 * @property {string | null} response
 * @property {number | null} durationMs
 * @property {number} createdTime
 * @property {number | null} lastTime
 * @property {number | null} nextTime
 * @property {Record<string, unknown>} body
 */

/**
 * @typedef {object} DeliveryPage
 * @property {Delivery[]} items
 * @property {string | null} next
 */

/**
 * @typedef {object} EndedJob
 * @property {number} id
 * @property {"alike" | "closeup" | "colour" | "embed" | "everything" | "export" | "fetch" | "prepare" | "pyramid" | "regions" | "replay" | "segment"} kind
 * @property {"Completed" | "Failed" | "Queued" | "Running"} status
 * @property {number | null} image
 * @property {ErrorBody | null} error
 */

/**
 * Every refusal has this shape.
 * @typedef {object} ErrorAnswer
 * @property {ErrorBody} error
 */

/**
 * @typedef {object} ErrorBody
 * @property {string} code
 * @property {string} message
 * @property {string | null} [field]
 */

/**
 * `pointsPerSide`: the grid of points that are asked for. `score`, `stability`: the least that the model predicts of a
 * mask, and that the mask depends on no threshold. `crops`: looks again at four overlapping parts of the image, for
 * small objects; three times the time.
 * @typedef {object} EverythingIn
 * @property {number} [pointsPerSide]
 * @property {number} [score]
 * @property {number} [stability]
 * @property {boolean} [crops]
 */

/**
 * @typedef {object} ExportIn
 * @property {"coco"} [format]
 * @property {"polygon" | "rle"} [segmentation]
 * @property {boolean} [images]
 * @property {number[] | null} [ids]
 */

/**
 * Addresses of image files, http or https.
 * @typedef {object} FetchesIn
 * @property {string[]} urls
 */

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
 * @property {"preparing" | "ready" | "refused"} state
 * @property {"failed" | "missing" | "queued" | "ready" | "running"} embedding
 * @property {ErrorBody | null} error
 * @property {number} annotations
 * @property {"open" | "skipped" | "submitted"} work
 * @property {string | null} skipReason
 * @property {string | null} workBy
 * @property {number | null} workTime
 * @property {number} createdTime
 * @property {string | null} [externalId]
 */

/**
 * What an event of an image says of it; what it leaves out has not changed. `prepared` is true once, when the image
 * has become ready to be shown.
 * @typedef {object} ImageData
 * @property {number} id
 * @property {"preparing" | "ready" | "refused"} [state]
 * @property {"open" | "skipped" | "submitted"} [work]
 * @property {boolean} [prepared]
 * @property {"failed" | "missing" | "queued" | "ready" | "running"} [embedding]
 * @property {ErrorBody | null} [error]
 */

/**
 * @typedef {object} ImagePage
 * @property {ImageInfo[]} items
 * @property {string | null} next
 */

/**
 * @typedef {object} ImagePatch
 * @property {string | null} [name]
 * @property {string | null} [externalId]
 */

/**
 * @typedef {object} Job
 * @property {number} id
 * @property {"alike" | "closeup" | "colour" | "embed" | "everything" | "export" | "fetch" | "prepare" | "pyramid" | "regions" | "replay" | "segment"} kind
 * @property {"Completed" | "Failed" | "Queued" | "Running"} status
 * @property {number} progress
 * @property {number} createdTime
 * @property {number | null} startTime
 * @property {number} statusTime
 * @property {ErrorBody | null} error
 * @property {any} result
 * @property {number | null} project
 * @property {number | null} image
 */

/**
 * @typedef {object} JobData
 * @property {number} id
 * @property {"alike" | "closeup" | "colour" | "embed" | "everything" | "export" | "fetch" | "prepare" | "pyramid" | "regions" | "replay" | "segment"} kind
 * @property {"Completed" | "Failed" | "Queued" | "Running"} status
 * @property {number | null} image
 * @property {ErrorBody | null} error
 * @property {number} progress
 */

/**
 * @typedef {object} JobPage
 * @property {Job[]} items
 * @property {string | null} next
 */

/**
 * @typedef {object} Jobs
 * @property {Job[]} items
 */

/**
 * @typedef {object} Label
 * @property {number} id
 * @property {string} name
 * @property {string} color
 * @property {number} order
 */

/**
 * @typedef {object} LabelIn
 * @property {string} name
 * @property {string | null} [color]
 */

/**
 * @typedef {object} LabelPatch
 * @property {string | null} [name]
 * @property {string | null} [color]
 * @property {number | null} [order]
 */

/**
 * `level` 0 has the image's own pixels, each further one half of them a side.
 * @typedef {object} Level
 * @property {number} level
 * @property {number} width
 * @property {number} height
 * @property {number} columns
 * @property {number} rows
 */

/**
 * @typedef {object} Me
 * @property {number} id
 * @property {string} username
 * @property {string} email
 * @property {boolean} isStaff
 */

/**
 * @typedef {object} Member
 * @property {string} username
 * @property {"member" | "owner"} role
 * @property {number} createdTime
 */

/**
 * @typedef {object} MemberIn
 * @property {string} username
 * @property {"member" | "owner"} [role]
 */

/**
 * @typedef {object} MemberOut
 * @property {string} username
 */

/**
 * @typedef {object} MemberPage
 * @property {Member[]} items
 * @property {string | null} next
 */

/**
 * A model that prompts can be replayed on. `problem` says what keeps it from loading on the host that answers; the
 * workers' host may differ. `serving`: it is the one that people use.
 * @typedef {object} Model
 * @property {string} name
 * @property {string} model
 * @property {string | null} problem
 * @property {boolean} serving
 */

/**
 * @typedef {object} Models
 * @property {Model[]} items
 */

/**
 * @typedef {object} NewMask
 * @property {Rle} rle
 * @property {[number, number, number, number]} bbox left, top, width and height in pixels
 * @property {number} area
 * @property {number} candidate
 * @property {number} score
 */

/**
 * @typedef {object} NewToken
 * @property {number} id
 * @property {string} name
 * @property {string} prefix
 * @property {("annotate" | "export" | "manage" | "read" | "upload")[]} scopes
 * @property {number} createdTime
 * @property {number | null} expiresTime
 * @property {number | null} lastUsedTime
 * @property {string} token
 */

/**
 * @typedef {object} NewWebhook
 * @property {number} id
 * @property {number} project
 * @property {string} url
 * @property {("annotation.created" | "annotation.deleted" | "annotation.updated" | "image.created" | "image.deleted" | "image.ready" | "image.refused" | "job.completed" | "job.failed")[]} events
 * @property {boolean} active
 * @property {string | null} stopped
 * @property {number} failures
 * @property {number | null} failingTime
 * @property {number} createdTime
 * @property {string | null} createdBy
 * @property {string} secret
 */

/**
 * @typedef {object} NextImage
 * @property {ImageInfo | null} image
 */

/**
 * @typedef {object} OldMask
 * @property {Rle} rle
 * @property {number | null} score
 * @property {string} model
 */

/**
 * `keys`: the keys that I gave to actions of the annotate page.
 * @typedef {object} Preferences
 * @property {Record<string, string[]>} keys
 */

/**
 * `keys` replaces all that were given before; actions that are left out have their own.
 * @typedef {object} PreferencesPatch
 * @property {Record<string, unknown> | null} [keys]
 */

/**
 * @typedef {object} Project
 * @property {number} id
 * @property {string} slug
 * @property {string} name
 * @property {"member" | "owner"} role
 * @property {Label[]} labels
 * @property {Attribute[]} attributes
 * @property {Counts | null} [counts] there unless it was asked for without
 * @property {number} createdTime
 */

/**
 * @typedef {object} ProjectIn
 * @property {string} name
 * @property {LabelIn[]} [labels]
 */

/**
 * @typedef {object} ProjectPage
 * @property {Project[]} items
 * @property {string | null} next
 */

/**
 * @typedef {object} ProjectPatch
 * @property {string | null} [name]
 */

/**
 * `old` is the object's mask at `version`, `new` the model's, null where it has no pixel. `label` is null where the
 * object was deleted. An `outdated` one cannot be accepted: the object has changed since.
 * @typedef {object} Proposal
 * @property {number} id
 * @property {number} image
 * @property {string} imageName
 * @property {[number, number]} imageSize width and height
 * @property {string} annotation
 * @property {number} version
 * @property {number | null} label
 * @property {"accepted" | "dismissed" | "outdated" | "pending"} state
 * @property {number} iou
 * @property {OldMask | null} old
 * @property {NewMask | null} new
 * @property {string | null} decidedBy
 * @property {number | null} decidedTime
 */

/**
 * `total`: how many there are on all pages.
 * @typedef {object} ProposalPage
 * @property {number} total
 * @property {Proposal[]} items
 * @property {string | null} next
 */

/**
 * `tile`: the side of a tile; those in the last column and row may be smaller. `version` stands for the tiles' bytes.
 * The finest level comes first.
 * @typedef {object} Pyramid
 * @property {string} version
 * @property {number} tile
 * @property {Level[]} levels
 */

/**
 * @typedef {object} Reference
 * @property {number} id
 */

/**
 * @typedef {object} RefusedImage
 * @property {number} id
 * @property {ErrorBody} error
 */

/**
 * `clusterThreshold`: percent of the pixels below which a range of colours is no cluster. `smoothingThreshold`: what
 * counts as noise in the histograms; null grows with the image. `colourSpace`: 1 to 22, as in PixLab's `cs`.
 * @typedef {object} RegionsIn
 * @property {number} [clusterThreshold]
 * @property {number | null} [smoothingThreshold]
 * @property {number} [colourSpace]
 */

/**
 * `total`: the project's objects when it began; `skipped`: those without prompts; `failed`: those that could not be
 * asked about; `problems`: why not, for the first 20 of them; `counts`: the proposals by their state.
 * @typedef {object} Replay
 * @property {number} id
 * @property {number} project
 * @property {string} engine
 * @property {string} model
 * @property {number | null} job
 * @property {"Completed" | "Failed" | "Queued" | "Running"} status
 * @property {number} progress
 * @property {ErrorBody | null} error
 * @property {number} total
 * @property {number} skipped
 * @property {number} failed
 * @property {ReplayProblem[]} problems
 * @property {ReplayCounts} counts
 * @property {number} createdTime
 * @property {string | null} createdBy
 */

/**
 * @typedef {object} ReplayCounts
 * @property {number} pending
 * @property {number} accepted
 * @property {number} dismissed
 * @property {number} outdated
 */

/**
 * `model`: a name or a model id of `GET /api/models`.
 * @typedef {object} ReplayIn
 * @property {string} model
 */

/**
 * @typedef {object} ReplayPage
 * @property {Replay[]} items
 * @property {string | null} next
 */

/**
 * Why an object could not be asked about.
 * @typedef {object} ReplayProblem
 * @property {string} annotation
 * @property {number} image
 * @property {string} code
 * @property {string} message
 */

/**
 * `revision`: the version to go back to. `label`: taken if the one of then was deleted.
 * @typedef {object} RestoreIn
 * @property {number} version
 * @property {number} revision
 * @property {number | null} [label]
 */

/**
 * One version of an object: who made it when, what it changed, and what the object was then. `reason` is there where
 * it was no plain edit.
 * @typedef {object} Revision
 * @property {string} annotation
 * @property {number} image
 * @property {number} version
 * @property {"created" | "deleted" | "updated"} action
 * @property {string[]} changed
 * @property {string | null} reason
 * @property {string | null} user
 * @property {number} time
 * @property {number} label
 * @property {Record<string, unknown>} attributes
 * @property {string} source
 * @property {number | null} score
 * @property {string} model
 * @property {number | null} z
 */

/**
 * @typedef {object} RevisionDetail
 * @property {string} annotation
 * @property {number} image
 * @property {number} version
 * @property {"created" | "deleted" | "updated"} action
 * @property {string[]} changed
 * @property {string | null} reason
 * @property {string | null} user
 * @property {number} time
 * @property {number} label
 * @property {Record<string, unknown>} attributes
 * @property {string} source
 * @property {number | null} score
 * @property {string} model
 * @property {number | null} z
 * @property {Rle} rle
 * @property {[number, number, number, number]} bbox left, top, width and height in pixels
 * @property {number} area
 * @property {Prompts | null} prompts
 * @property {number | null} candidate
 */

/**
 * @typedef {object} RevisionPage
 * @property {Revision[]} items
 * @property {string | null} next
 */

/**
 * @typedef {object} Rle
 * @property {[number, number]} size height and width
 * @property {string} counts COCO's compressed string
 */

/**
 * @typedef {object} RleIn
 * @property {[number, number]} size height and width
 * @property {string | number[]} counts COCO's compressed string, or the run lengths
 */

/**
 * Points in the order they were clicked, a box, or both (the box counts as first). `candidate` on a point or the box
 * is the decoder's token (0..3) that a person chose then. A `preview` is for a pointer that moves on: told to its
 * asker alone, and gone after minutes. `region` (x, y, width, height) of a large image has an embedding of its own, in
 * which small things are seen; all prompts must lie in it. Without it the image is seen as a whole.
 * @typedef {object} SegmentIn
 * @property {({x: number, y: number, label: 0 | 1, candidate?: number | null})[]} [points]
 * @property {{x0: number, y0: number, x1: number, y1: number, candidate?: number | null} | null} [box]
 * @property {boolean} [multimask]
 * @property {boolean} [preview]
 * @property {[number, number, number, number] | null} [region]
 */

/**
 * @typedef {object} SentEvent
 * @property {string} id
 * @property {string} type
 * @property {number} time
 * @property {number} project
 * @property {Record<string, unknown>} data
 */

/**
 * @typedef {object} Skipped
 * @property {number} id
 * @property {"decided" | "deleted" | "empty_mask" | "stale_version"} code
 */

/**
 * The version was not the newest; `current` is what the object is now.
 * @typedef {object} Stale
 * @property {ErrorBody} error
 * @property {Annotation | null} [current]
 */

/**
 * @typedef {object} Token
 * @property {number} id
 * @property {string} name
 * @property {string} prefix
 * @property {("annotate" | "export" | "manage" | "read" | "upload")[]} scopes
 * @property {number} createdTime
 * @property {number | null} expiresTime
 * @property {number | null} lastUsedTime
 */

/**
 * `scopes` left out: all that the maker has. `expiresTime` left out: until it is revoked.
 * @typedef {object} TokenIn
 * @property {string} name
 * @property {("annotate" | "export" | "manage" | "read" | "upload")[] | null} [scopes]
 * @property {number | null} [expiresTime]
 */

/**
 * @typedef {object} TokenPage
 * @property {Token[]} items
 * @property {string | null} next
 */

/**
 * @typedef {object} UploadError
 * @property {string} name
 * @property {string} code
 * @property {string} message
 */

/**
 * @typedef {object} Uploaded
 * @property {UploadedImage[]} items
 * @property {UploadError[]} errors
 */

/**
 * @typedef {object} UploadedImage
 * @property {number} id
 * @property {number} project
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {number} bytes
 * @property {string} mimeType
 * @property {string} sha256
 * @property {"preparing" | "ready" | "refused"} state
 * @property {"failed" | "missing" | "queued" | "ready" | "running"} embedding
 * @property {ErrorBody | null} error
 * @property {number} annotations
 * @property {"open" | "skipped" | "submitted"} work
 * @property {string | null} skipReason
 * @property {string | null} workBy
 * @property {number | null} workTime
 * @property {number} createdTime
 * @property {string | null} [externalId]
 * @property {boolean} duplicate
 */

/**
 * `stopped` says why the server switched the hook off by itself, `failingTime` since when nothing has got through.
 * @typedef {object} Webhook
 * @property {number} id
 * @property {number} project
 * @property {string} url
 * @property {("annotation.created" | "annotation.deleted" | "annotation.updated" | "image.created" | "image.deleted" | "image.ready" | "image.refused" | "job.completed" | "job.failed")[]} events
 * @property {boolean} active
 * @property {string | null} stopped
 * @property {number} failures
 * @property {number | null} failingTime
 * @property {number} createdTime
 * @property {string | null} createdBy
 */

/**
 * @typedef {object} WebhookIn
 * @property {string} url a public http or https address
 * @property {("annotation.created" | "annotation.deleted" | "annotation.updated" | "image.created" | "image.deleted" | "image.ready" | "image.refused" | "job.completed" | "job.failed")[]} events
 */

/**
 * @typedef {object} WebhookPage
 * @property {Webhook[]} items
 * @property {string | null} next
 */

/**
 * What is left out stays. `active` true begins anew after a hook was switched off.
 * @typedef {object} WebhookPatch
 * @property {string | null} [url]
 * @property {("annotation.created" | "annotation.deleted" | "annotation.updated" | "image.created" | "image.deleted" | "image.ready" | "image.refused" | "job.completed" | "job.failed")[] | null} [events]
 * @property {boolean | null} [active]
 */

/**
 * `reason` says why an image is skipped, and belongs to that alone.
 * @typedef {object} WorkIn
 * @property {"open" | "skipped" | "submitted"} state
 * @property {string | null} [reason]
 */

/** @typedef {ImageInfo["state"]} ImageState */
/** @typedef {ImageInfo["work"]} WorkState */
/** @typedef {ImageInfo["embedding"]} EmbeddingState */

/** @typedef {NonNullable<SegmentIn["points"]>[number]} PromptPoint */
/** @typedef {NonNullable<SegmentIn["box"]>} PromptBox */
/** @typedef {Pick<SegmentIn, "region"> & {points: PromptPoint[], box: PromptBox | null}} Prompts */

/**
 * @template T
 * @typedef {{items: T[], next: string | null}} Page
 */

/** @typedef {{v: number, type: string, data: Record<string, any>}} SocketMessage */

export {};
