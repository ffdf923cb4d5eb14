/**
 * The part of an image that holds an object, with a mask on it. Drawn when it comes into view.
 * @module pages/reprediction/pictures
 */
import { withAlpha } from "../../canvas/colors.js";
import { createMaskPath } from "../../canvas/mask_paths.js";
import { measureRuns } from "../../geometry/outline.js";
import { decodeCounts } from "../../geometry/rle.js";

/** @typedef {import("./types.js").Proposal} Proposal */
/** @typedef {{x: number, y: number, side: number}} Part */

const SIDE = 352;
/** Pictures kept for the objects that follow: those of one image often lie beside each other. */
const KEPT = 8;

/** @param {import("./types.js").Rle} rle */
function maskPathOf(rle) {
  const { bbox, area } = measureRuns(decodeCounts(rle.counts), rle.size[0]);
  return createMaskPath({ rle, bbox, area }, decodeCounts);
}

/** A square that holds all of them, with some air. @param {[number, number, number, number][]} boxes @returns {Part} */
function partOf(boxes) {
  const x0 = Math.min(...boxes.map(([x]) => x));
  const y0 = Math.min(...boxes.map(([, y]) => y));
  const x1 = Math.max(...boxes.map(([x, , w]) => x + w));
  const y1 = Math.max(...boxes.map(([, y, , h]) => y + h));
  const side = Math.max(x1 - x0, y1 - y0, 16) * 1.25;
  return { x: (x0 + x1 - side) / 2, y: (y0 + y1 - side) / 2, side };
}

export function createPictures() {
  /** @type {Map<number, Promise<HTMLImageElement | null>>} */
  const previews = new Map();

  /** @param {number} id */
  function preview(id) {
    const known = previews.get(id) ?? load(id);
    previews.delete(id);
    previews.set(id, known);
    for (const oldest of previews.keys()) {
      if (previews.size <= KEPT) break;
      previews.delete(oldest);
    }
    return known;
  }

  /** @param {number} id @returns {Promise<HTMLImageElement | null>} */
  async function load(id) {
    const picture = new Image();
    picture.src = `/api/images/${id}/preview`;
    // Without the picture the masks are shown all the same.
    return picture.decode().then(() => picture, () => null);
  }

  /** @type {WeakMap<Element, () => void>} */
  const waiting = new WeakMap();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        waiting.get(target)?.();
      }
    },
    { rootMargin: "400px" },
  );

  /** @param {Proposal} proposal @param {HTMLCanvasElement} before @param {HTMLCanvasElement} after @param {string} color */
  async function draw(proposal, before, after, color) {
    const old = proposal.old && maskPathOf(proposal.old.rle);
    const fresh = proposal.new && maskPathOf(proposal.new.rle);
    const boxes = [old, fresh].flatMap((mask) => (mask ? [mask.bbox] : []));
    if (!boxes.length) return;
    const part = partOf(boxes);
    const picture = await preview(proposal.image);
    paint(before, { picture, part, size: proposal.imageSize, mask: old, dashed: null, color });
    paint(after, { picture, part, size: proposal.imageSize, mask: fresh, dashed: old, color });
  }

  return {
    /** Draws both sides once they are near the window. @param {Element} card @param {Proposal} proposal @param {HTMLCanvasElement} before @param {HTMLCanvasElement} after @param {string} color */
    add(card, proposal, before, after, color) {
      waiting.set(card, () => void draw(proposal, before, after, color));
      observer.observe(card);
    },
    clear: () => observer.disconnect(),
  };
}

/**
 * @typedef {object} Painting
 * @property {HTMLImageElement | null} picture
 * @property {Part} part
 * @property {[number, number]} size
 * @property {import("../../canvas/mask_paths.js").MaskPath | null} mask
 * @property {import("../../canvas/mask_paths.js").MaskPath | null} dashed the mask to compare with
 * @property {string} color
 */

/** @param {HTMLCanvasElement} canvas @param {Painting} painting */
function paint(canvas, { picture, part, size, mask, dashed, color }) {
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d");
  if (!context) return;
  const scale = SIDE / part.side;
  context.setTransform(scale, 0, 0, scale, -part.x * scale, -part.y * scale);
  if (picture) context.drawImage(picture, 0, 0, size[0], size[1]);
  if (mask) {
    const path = mask.path(scale);
    context.fillStyle = withAlpha(color, 0.4);
    context.fill(path, "evenodd");
    context.strokeStyle = color;
    context.lineWidth = 2.5 / scale;
    context.stroke(path);
  }
  if (!dashed) return;
  const path = dashed.path(scale);
  for (const [style, dash] of /** @type {const} */ ([["#000a", []], ["#fff", [6, 5]]])) {
    context.strokeStyle = style;
    context.setLineDash(dash.map((length) => length / scale));
    context.lineWidth = 1.5 / scale;
    context.stroke(path);
  }
}
