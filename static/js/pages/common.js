/**
 * What every page's script begins with: its data, the API, messages.
 * @module pages/common
 */
import { ApiError, createApi } from "../net/api.js";
import { pageData } from "../ui/element.js";
import { createToasts } from "../ui/toast.js";

export function begin() {
  const data = pageData();
  const api = createApi();
  const toasts = createToasts();

  /** Says what failed; signed out, the way back is one click away. @param {string} what @param {unknown} error */
  function report(what, error) {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof ApiError && error.status === 401) {
      toasts.show({ kind: "error", key: "signed-out", title: what, text: "You are signed out.", action: { label: "Sign in", run: signIn } });
    } else {
      toasts.show({ kind: "error", key: what, title: what, text });
    }
  }

  return { data, api, toasts, report };
}

function signIn() {
  location.href = `/login/?next=${encodeURIComponent(location.pathname + location.search)}`;
}

/** Runs the listener once the typing pauses. @param {() => void} listener @param {number} [ms] */
export function debounce(listener, ms = 250) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(listener, ms);
  };
}

/** Runs the work at most once in a while, however often it is asked for; the last wish counts. @param {() => void} work @param {number} ms */
export function throttle(work, ms) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      work();
    }, ms);
  };
}
