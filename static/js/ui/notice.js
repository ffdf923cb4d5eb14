/**
 * What stands over the canvas while the image or its embedding is on the way, or could not be had.
 * @module ui/notice
 */
import { h, icon } from "./element.js";

/**
 * @typedef {object} Notice
 * @property {string} title
 * @property {string} [text]
 * @property {number | null} [progress] 0 to 1; null moves without an end
 * @property {boolean} [failed]
 * @property {{label: string, run: () => void, primary?: boolean}[]} [actions]
 */

/** @param {HTMLElement} root role="status" */
export function createNotice(root) {
  let key = "";

  /** @param {Notice} notice */
  function build({ title, text, progress, failed, actions = [] }) {
    const bar = h("progress", { "aria-label": title, max: "1" });
    root.replaceChildren(
      h(
        "div",
        { class: `notice${failed ? " is-failed" : ""}` },
        failed ? icon("alert") : null,
        h("strong", { class: "notice-title" }, title),
        text ? h("p", { class: "notice-text" }, text) : null,
        progress === undefined ? null : bar,
        actions.length
          ? h(
              "div",
              { class: "notice-actions" },
              ...actions.map(({ label, run, primary }) =>
                h("button", { type: "button", class: `button button-small${primary ? " button-primary" : ""}`, onclick: run }, label),
              ),
            )
          : null,
      ),
    );
  }

  return {
    /** @param {Notice} notice */
    show(notice) {
      const nextKey = JSON.stringify([notice.title, notice.text, notice.failed, notice.progress === undefined, notice.actions?.map(({ label }) => label)]);
      if (nextKey !== key) build(notice);
      key = nextKey;
      root.hidden = false;
      const bar = root.querySelector("progress");
      if (!bar) return;
      if (notice.progress) bar.value = notice.progress;
      else bar.removeAttribute("value");
    },
    hide() {
      key = "";
      root.hidden = true;
      root.replaceChildren();
    },
  };
}
