/**
 * A pointer for people who use no mouse: it starts where the mouse was last, or in the middle.
 * @module pages/annotate/keyboard_pointer
 */

const STEP = 16;
const FINE_STEP = 2;

/** @param {Pick<import("./page.js").Page, "input" | "view" | "tools" | "canvas">} page */
export function createKeyboardPointer({ input, view, tools, canvas }) {
  function place() {
    const { width, height } = view.size;
    const image = input.crosshair ?? (input.last ? { x: input.last.x, y: input.last.y } : view.toImage(width / 2, height / 2));
    return view.toCanvas(image.x, image.y);
  }

  return {
    /** @param {KeyboardEvent} event */
    move(event) {
      // Elsewhere the arrows scroll.
      if (event.target !== canvas && event.target !== document.body) return false;
      const step = event.shiftKey ? FINE_STEP : STEP;
      const at = place();
      const dx = event.key.endsWith("Right") ? step : event.key.endsWith("Left") ? -step : 0;
      const dy = event.key.endsWith("Down") ? step : event.key.endsWith("Up") ? -step : 0;
      const { width, height } = view.size;
      input.moveCrosshair(Math.min(Math.max(at.x + dx, 0), width), Math.min(Math.max(at.y + dy, 0), height));
      return true;
    },
    /** @param {boolean} background */
    click(background) {
      if (!input.crosshair) return;
      const at = place();
      const pointer = { ...input.keyboardPointer(at.x, at.y), shift: background };
      tools.active?.down(pointer);
      tools.active?.up(pointer);
    },
  };
}
