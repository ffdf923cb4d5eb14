/**
 * Modal dialogs on <dialog>: focus stays inside, Escape closes, focus goes back where it was.
 * @module ui/dialog
 */
import { h, icon } from "./element.js";

/**
 * @typedef {object} DialogOptions
 * @property {string} title
 * @property {(Node | string | null)[]} body
 * @property {string} action the main button's words
 * @property {boolean} [danger]
 * @property {string} [cancel]
 * @property {() => boolean} [ready] whether the main button may be pressed; asked after each input
 * @property {(show: (message: string) => void) => Promise<unknown> | unknown} run does the work;
 *   an error it throws is shown in the dialog, which stays open
 */

let made = 0;

/**
 * Opens a dialog with one form. Resolves with what `run` gave, or null when it was cancelled.
 * @param {DialogOptions} options
 * @returns {Promise<any>}
 */
export function openDialog(options) {
  const id = `dialog-${++made}`;
  const problem = h("p", { class: "field-error", role: "alert" });
  const submit = h("button", { class: `button ${options.danger ? "button-danger" : "button-primary"}`, type: "submit" }, options.action);
  const dialog = h("dialog", { "aria-labelledby": id });
  const close = () => dialog.close();
  const form = h(
    "form",
    { novalidate: true },
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id }, options.title),
      h("button", { class: "button button-quiet button-icon button-small", type: "button", "aria-label": "Close", onclick: close }, icon("close")),
    ),
    h("div", { class: "dialog-body" }, ...options.body, problem),
    h("div", { class: "dialog-foot" }, h("button", { class: "button", type: "button", onclick: close }, options.cancel ?? "Cancel"), submit),
  );
  dialog.append(form);
  return show(dialog, form, submit, problem, options);
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} submit
 * @param {HTMLElement} problem
 * @param {DialogOptions} options
 */
function show(dialog, form, submit, problem, options) {
  const before = document.activeElement;
  const check = () => (submit.disabled = options.ready ? !options.ready() : false);
  return new Promise((resolve) => {
    /** @type {any} */
    let result = null;
    form.addEventListener("input", check);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (submit.disabled) return;
      problem.textContent = "";
      busy(submit, true);
      try {
        result = (await options.run((message) => (problem.textContent = message))) ?? true;
        dialog.close();
      } catch (error) {
        problem.textContent = error instanceof Error ? error.message : String(error);
      } finally {
        busy(submit, false);
        check();
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      resolve(result);
    });
    document.body.append(dialog);
    check();
    dialog.showModal();
    focusFirst(form);
  });
}

/** @param {HTMLFormElement} form */
function focusFirst(form) {
  const first = form.querySelector(".dialog-body :is(input, select, textarea, button):not([disabled], [type=hidden])");
  const target = first ?? form.querySelector(".dialog-foot button");
  if (target instanceof HTMLElement) target.focus();
}

/** @param {HTMLButtonElement} button @param {boolean} on */
function busy(button, on) {
  button.disabled = on;
  button.setAttribute("aria-busy", String(on));
}

/**
 * Asks before something that cannot be taken back. With `typed`, those words must be typed first.
 * @param {{title: string, text: string, action: string, typed?: string, run: () => Promise<unknown> | unknown}} options
 * @returns {Promise<boolean>}
 */
export async function confirmDialog({ title, text, action, typed, run }) {
  const field = typed ? h("input", { class: "input", autocomplete: "off", spellcheck: "false", "aria-label": `Type ${typed} to confirm` }) : null;
  const body = [h("p", {}, text)];
  if (field && typed) {
    body.push(h("p", { class: "small muted" }, "To confirm, type ", h("strong", {}, typed), "."));
    body.push(field);
  }
  const ready = () => !field || field.value.trim() === typed;
  return (await openDialog({ title, body, action, danger: true, ready, run })) !== null;
}
