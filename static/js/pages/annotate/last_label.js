/**
 * The label chosen last in a project is the one to begin with on the next image.
 * @module pages/annotate/last_label
 */

/**
 * @param {import("../../core/store.js").Store} store
 * @param {number} project
 */
export function rememberLabel(store, project) {
  const key = `segweb-label-${project}`;
  try {
    const last = Number(sessionStorage.getItem(key));
    if (store.label(last)) store.setActiveLabel(last);
  } catch {
    // Storage may be switched off: then every image begins with the first label.
  }
  store.on("label", ({ id }) => {
    try {
      if (id !== null) sessionStorage.setItem(key, String(id));
    } catch {
      // As above.
    }
  });
}
