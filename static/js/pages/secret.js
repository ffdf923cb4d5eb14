/**
 * A secret that is shown this once: with a button that copies it.
 * @module pages/secret
 */
import { h, icon } from "../ui/element.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.place
 * @param {string} options.what begins the sentence
 * @param {string} options.name what it is called
 * @param {string} options.secret
 * @param {string} [options.once] what becomes of it
 * @param {ReturnType<typeof import("../ui/toast.js").createToasts>} options.toasts
 */
export function showSecret({ place, what, name, secret, toasts, once = "it is shown this once" }) {
  const code = h("code", { tabindex: 0, "aria-label": `The new ${name}` }, secret);
  const copy = h("button", { class: "button button-primary", type: "button" }, icon("copy"), "Copy");
  copy.addEventListener("click", async () => {
    if (await copied(secret, code)) toasts.success(`The ${name} is in the clipboard`);
    else toasts.info(`Press Ctrl+C to copy the ${name}`);
  });
  const done = h("button", { class: "button", type: "button", onclick: () => place.replaceChildren() }, "Done");
  place.replaceChildren(
    h("div", { class: "secret" }, h("p", {}, h("strong", {}, what), `Copy it now: ${once}.`), h("div", { class: "row" }, code, copy, done)),
  );
  copy.focus();
}

/** The clipboard's API is missing on plain-http addresses: then the text is only selected. @param {string} text @param {HTMLElement} node */
async function copied(text, node) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(node);
    return false;
  }
}
