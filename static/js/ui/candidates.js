/**
 * The masks that the model offers for the prompts, to compare and choose from.
 * @module ui/candidates
 */
import { withAlpha } from "../canvas/colors.js";
import { h } from "./element.js";

/** @typedef {import("../tools/types.js").Candidate} Candidate */

/**
 * @typedef {object} CandidatesOptions
 * @property {HTMLElement} root
 * @property {import("../tools/prompt_controller.js").PromptController} controller
 * @property {import("../canvas/renderer.js").Renderer} renderer
 * @property {{width: number, height: number}} image
 * @property {() => string} color
 * @property {() => void} done
 */

const SIDE = 56;

/** @param {CandidatesOptions} options */
export function createCandidates({ root, controller, renderer, image, color, done }) {
  const list = h("div", { class: "candidates-list", role: "group", "aria-label": "Candidates" });
  root.append(list, h("p", { class: "candidates-hint" }, h("kbd", {}, "M"), " next · ", h("kbd", {}, "Enter"), " keep"));
  /** @type {readonly Candidate[]} */
  let shown = [];
  let shownColor = "";

  /** The part of the image that shows all of them, as a square. @param {Candidate[]} candidates */
  function frame(candidates) {
    const boxes = candidates.map((candidate) => renderer.outlineOf(candidate).box).filter((box) => box.x1 > box.x0);
    const x0 = Math.min(...boxes.map((box) => box.x0), image.width);
    const y0 = Math.min(...boxes.map((box) => box.y0), image.height);
    const x1 = Math.max(...boxes.map((box) => box.x1), 0);
    const y1 = Math.max(...boxes.map((box) => box.y1), 0);
    const side = Math.max(x1 - x0, y1 - y0, 8) * 1.12;
    return { x: (x0 + x1 - side) / 2, y: (y0 + y1 - side) / 2, side };
  }

  /** @param {Candidate} candidate @param {ReturnType<typeof frame>} part */
  function thumbnail(candidate, part) {
    const ratio = window.devicePixelRatio || 1;
    const canvas = h("canvas", { width: Math.round(SIDE * ratio), height: Math.round(SIDE * ratio), "aria-hidden": "true" });
    const context = canvas.getContext("2d");
    if (!context) return canvas;
    const scale = canvas.width / part.side;
    context.setTransform(scale, 0, 0, scale, -part.x * scale, -part.y * scale);
    renderer.paintPicture(context);
    const { path } = renderer.outlineOf(candidate);
    context.fillStyle = withAlpha(color(), 0.5);
    context.fill(path, "evenodd");
    context.strokeStyle = "rgb(255 255 255 / 0.85)";
    context.lineWidth = ratio / scale;
    context.stroke(path);
    return canvas;
  }

  function build() {
    const ordered = [...shown].sort((a, b) => a.maskIndex - b.maskIndex);
    const part = frame(ordered);
    list.replaceChildren(
      ...ordered.map((candidate, index) => {
        const score = candidate.score.toFixed(2);
        return h(
          "button",
          {
            type: "button",
            class: "candidate",
            dataset: { maskIndex: String(candidate.maskIndex) },
            "aria-label": `Candidate ${index + 1} of ${ordered.length}, score ${score}`,
            onclick: () => (controller.choose(candidate.maskIndex), done()),
          },
          thumbnail(candidate, part),
          h("span", { class: "candidate-score" }, score),
        );
      }),
    );
  }

  function update() {
    const visible = controller.candidates.length > 1 && !controller.isEmpty;
    root.hidden = !visible;
    if (!visible) return;
    if (shown !== controller.candidates || shownColor !== color()) {
      shown = controller.candidates;
      shownColor = color();
      build();
    }
    for (const button of list.children) {
      if (button instanceof HTMLElement) button.setAttribute("aria-pressed", String(button.dataset.maskIndex === String(controller.maskIndex)));
    }
  }

  root.hidden = true;
  return { update };
}
