/**
 * Which images are selected, and what is done with all of them.
 * @module pages/project/selection
 */
import { ApiError } from "../../net/api.js";
import { openDialog } from "../../ui/dialog.js";
import { h, icon } from "../../ui/element.js";
import { plural } from "../../ui/format.js";

/**
 * @typedef {object} SelectionOptions
 * @property {HTMLElement} bar
 * @property {HTMLElement} instead what the bar takes the place of, so that nothing on the page moves
 * @property {() => void} onChange
 * @property {(ids: number[]) => void} onExport
 * @property {(ids: number[]) => void} onDelete
 * @property {() => number[]} allIds the loaded images' ids
 */

/** @typedef {ReturnType<typeof createSelection>} Selection */

/** @param {SelectionOptions} options */
export function createSelection({ bar, instead, onChange, onExport, onDelete, allIds }) {
  /** @type {Set<number>} */
  const selected = new Set();
  /** @type {number | null} */
  let anchor = null;
  const count = h("strong", { role: "status" });
  bar.append(
    count,
    h("span", { class: "topbar-gap" }),
    h("button", { class: "button button-small", type: "button", onclick: () => setAll(allIds()) }, "Select all shown"),
    h("button", { class: "button button-small", type: "button", onclick: () => onExport([...selected]) }, icon("download"), "Export"),
    h("button", { class: "button button-small button-danger", type: "button", onclick: () => onDelete([...selected]) }, icon("trash"), "Delete"),
    h("button", { class: "button button-small button-quiet", type: "button", onclick: clear }, "Clear"),
  );

  function changed() {
    bar.hidden = selected.size === 0;
    instead.hidden = !bar.hidden;
    count.textContent = `${plural(selected.size, "image")} selected`;
    onChange();
  }

  /** @param {number[]} ids */
  function setAll(ids) {
    for (const id of ids) selected.add(id);
    changed();
  }

  function clear() {
    selected.clear();
    anchor = null;
    changed();
  }

  return {
    clear,
    /** @param {number} id */
    has: (id) => selected.has(id),
    get size() {
      return selected.size;
    },
    /** @param {number} id @param {boolean} on @param {(from: number, to: number) => number[]} [range] with Shift: all between the last and this */
    set(id, on, range) {
      const ids = range && anchor !== null ? range(anchor, id) : [id];
      for (const one of ids) on ? selected.add(one) : selected.delete(one);
      anchor = id;
      changed();
    },
    /** @param {number} id */
    forget(id) {
      if (selected.delete(id)) changed();
    },
  };
}

const PARALLEL = 4;

/**
 * Asks, then deletes the images, showing how far it is. What fails stays, and is said.
 * @param {number[]} ids
 * @param {{remove: (id: number) => Promise<unknown>, onDeleted: (id: number) => void, objects: number}} options
 */
export async function deleteImages(ids, { remove, onDeleted, objects }) {
  const bar = h("progress", { max: ids.length, value: 0, hidden: true, "aria-label": "Deleting" });
  const lost = objects ? ` ${plural(objects, "object")} on them ${objects === 1 ? "is" : "are"} deleted too.` : "";
  return openDialog({
    title: `Delete ${plural(ids.length, "image")}?`,
    body: [h("p", {}, `The files are deleted for everybody.${lost} This cannot be taken back.`), bar],
    action: "Delete",
    danger: true,
    run: async () => {
      bar.hidden = false;
      const failed = await each(ids, async (id) => {
        await remove(id).catch((error) => {
          if (!(error instanceof ApiError && error.status === 404)) throw error;
        });
        onDeleted(id);
        bar.value += 1;
      });
      if (failed.length) throw new Error(`${plural(failed.length, "image")} could not be deleted: ${failed[0].message} Press Delete to try again.`);
    },
  });
}

/** @param {number[]} ids @param {(id: number) => Promise<void>} work @returns {Promise<Error[]>} */
async function each(ids, work) {
  const waiting = [...ids];
  /** @type {Error[]} */
  const failed = [];
  const worker = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        await work(id);
      } catch (error) {
        failed.push(/** @type {Error} */ (error));
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return failed;
}
