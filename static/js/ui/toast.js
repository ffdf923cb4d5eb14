/**
 * Short messages in a corner, announced by screen readers. Styles: css/toast.css.
 * An error says what happened (title), what it means and what to do (text).
 * @module ui/toast
 */

/** @typedef {"info" | "success" | "error"} ToastKind */

/**
 * @typedef {object} ToastOptions
 * @property {ToastKind} [kind]
 * @property {string} title
 * @property {string} [text]
 * @property {{label: string, run: () => void}} [action]
 * @property {number} [timeout] milliseconds, 0 keeps it; default 5000, errors stay until dismissed
 * @property {string} [key] a toast with the same key is replaced
 */

/** @typedef {ReturnType<typeof createToasts>} Toasts */

const MAX_VISIBLE = 4;

/** @param {HTMLElement} [parent] */
export function createToasts(parent = document.body) {
  // Live regions must be in the page before their content changes, or it is not announced.
  const root = element("div", "toasts");
  root.setAttribute("aria-label", "Notifications");
  root.setAttribute("role", "region");
  const calm = region("status", "polite");
  const urgent = region("alert", "assertive");
  root.append(urgent, calm);
  parent.append(root);

  /** @param {ToastOptions} options */
  function show(options) {
    const { kind = "info", key } = options;
    if (key) root.querySelectorAll(".toast").forEach((old) => matches(old, key) && old.remove());
    const toast = build(options, kind);
    if (key) toast.dataset.key = key;
    const target = kind === "error" ? urgent : calm;
    target.append(toast);
    while (target.children.length > MAX_VISIBLE) target.firstElementChild?.remove();
    const timeout = options.timeout ?? (kind === "error" ? 0 : 5000);
    if (timeout > 0) expire(toast, timeout);
    return () => toast.remove();
  }

  return {
    show,
    /** @param {string} title @param {string} [text] */
    info: (title, text) => show({ kind: "info", title, text }),
    /** @param {string} title @param {string} [text] */
    success: (title, text) => show({ kind: "success", title, text }),
    /** @param {string} title @param {string} [text] */
    error: (title, text) => show({ kind: "error", title, text }),
    /** @param {string} key */
    dismiss(key) {
      root.querySelectorAll(".toast").forEach((old) => matches(old, key) && old.remove());
    },
  };
}

/** @param {Element} toast @param {string} key */
function matches(toast, key) {
  return toast instanceof HTMLElement && toast.dataset.key === key;
}

/** @param {string} role @param {string} live */
function region(role, live) {
  const node = element("div", "toasts-region");
  node.setAttribute("role", role);
  node.setAttribute("aria-live", live);
  node.setAttribute("aria-relevant", "additions");
  return node;
}

/** @param {ToastOptions} options @param {ToastKind} kind */
function build({ title, text, action }, kind) {
  const toast = element("div", `toast toast-${kind}`);
  const body = element("div", "toast-body");
  body.append(element("strong", "toast-title", title));
  if (text) body.append(element("span", "toast-text", text));
  toast.append(body);
  if (action) {
    const button = /** @type {HTMLButtonElement} */ (element("button", "toast-action", action.label));
    button.type = "button";
    button.addEventListener("click", () => {
      toast.remove();
      action.run();
    });
    toast.append(button);
  }
  const close = /** @type {HTMLButtonElement} */ (element("button", "toast-close", "×"));
  close.type = "button";
  close.setAttribute("aria-label", "Dismiss");
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  return toast;
}

/**
 * Time stands still while somebody reads: pointer over it or focus inside.
 * @param {HTMLElement} toast
 * @param {number} timeout
 */
function expire(toast, timeout) {
  let timer = setTimeout(() => toast.remove(), timeout);
  const hold = () => clearTimeout(timer);
  const resume = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), timeout);
  };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", resume);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", resume);
}

/** @param {string} tag @param {string} className @param {string} [text] @returns {HTMLElement} */
function element(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}
