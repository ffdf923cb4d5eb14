/**
 * A button that moves a row of a list up or down, and keeps the focus when the list is drawn anew.
 * @module pages/labels/move_button
 */
import { h, icon } from "../../ui/element.js";

/**
 * @param {{id: number, name: string}} row
 * @param {-1 | 1} by
 * @param {boolean} possible
 * @param {() => void} move
 */
export function moveButton({ id, name }, by, possible, move) {
  const words = by < 0 ? "up" : "down";
  return h(
    "button",
    {
      class: "button button-quiet button-icon button-small",
      type: "button",
      "aria-label": `Move ${name} ${words}`,
      title: `Move ${words}`,
      dataset: { keep: `${id}-${words}` },
      "aria-disabled": possible ? null : "true",
      onclick: move,
    },
    icon(by < 0 ? "arrow-up" : "arrow-down"),
  );
}

/** Draws a list anew; what had the focus in it has it again. @param {HTMLElement} list @param {HTMLElement[]} rows */
export function redraw(list, rows) {
  const active = document.activeElement;
  const focused = active instanceof HTMLElement && list.contains(active) ? active.dataset.keep : undefined;
  list.replaceChildren(...rows);
  if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-keep="${CSS.escape(focused)}"]`))?.focus();
}
