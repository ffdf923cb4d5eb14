/**
 * What a feature of the annotate page is: a tool, a panel, or something around them. The page's list of features names them
 * all; each says what it needs of others, so that the list's order means nothing but that of the help sheet, and who is asked
 * first where two share a key.
 * @module pages/annotate/feature
 */
import { byId } from "../../ui/element.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../../ui/shortcuts.js").Shortcut} Shortcut */

/**
 * What features give to each other, by their ids.
 * @typedef {object} Parts
 * @property {import("./features/selection.js").Selection} selection
 * @property {import("./features/smart.js").Smart} smart
 * @property {import("./annotation_panel.js").AnnotationPanel} annotations
 * @property {import("./features/navigation.js").Navigation} navigation
 * @property {import("./features/updates.js").Updates} updates
 * @property {import("./clipboard.js").Clipboard} clipboard
 */

/**
 * @template P
 * @template {keyof Parts} N
 * @typedef {object} Feature
 * @property {string} id
 * @property {N[]} [needs] the features whose parts it uses: it is loaded after them, and not at all without them
 * @property {string} [panel] id of the element that it fills
 * @property {(page: Page, needs: Pick<Parts, N>, panel: HTMLElement) => P | Promise<P>} load makes its part, and may import
 *   modules for that; without a panel it gets the page's body
 * @property {(part: P, page: Page, others: Pick<Parts, N> & Partial<Parts>) => Shortcut[]} [keys] of the others all that could
 *   be loaded
 * @property {(part: P, page: Page, needs: Pick<Parts, N>) => Record<string, () => void | false>} [toolbar] what buttons do, by
 *   their ids; false leaves the focus where it is
 */

/** @typedef {Feature<any, any>} AnyFeature */

/**
 * Only types: what `load` makes is what `keys` and `toolbar` get, and what others were promised.
 * @template {string} I
 * @template P
 * @template {keyof Parts} [N=never]
 * @param {Feature<P, N> & {id: I} & (I extends keyof Parts ? {load: (page: Page, needs: Pick<Parts, N>, panel: HTMLElement) => Parts[I] | Promise<Parts[I]>} : unknown)} feature
 * @returns {AnyFeature}
 */
export function defineFeature(feature) {
  return feature;
}

/**
 * Loads each feature as soon as what it needs is there. One that fails is told of, and missed by those alone that need it.
 * Resolves with all parts once each was loaded or has failed.
 * @param {readonly AnyFeature[]} features
 * @param {Page} page
 * @param {(error: unknown) => void} failed
 * @returns {Promise<Partial<Parts>>}
 */
export function loadFeatures(features, page, failed) {
  const byName = new Map(features.map((feature) => [feature.id, feature]));
  /** @type {Map<string, Promise<any>>} undefined for those that could not be loaded */
  const loading = new Map();
  /** @type {Partial<Parts>} */
  const parts = {};

  /** @param {string} id @param {readonly string[]} path of those that wait for it @returns {Promise<any>} */
  function part(id, path) {
    const feature = byName.get(id);
    if (!feature) throw new Error(`${path.at(-1)} needs ${id}, which is no feature`);
    if (path.includes(id)) throw new Error(`Features need each other: ${[...path, id].join(", ")}`);
    const known = loading.get(id) ?? load(feature, [...path, id]).catch((error) => void failed(error));
    loading.set(id, known);
    return known;
  }

  /** @param {AnyFeature} feature @param {readonly string[]} path @returns {Promise<any>} */
  async function load({ id, needs = [], panel, load: make, toolbar }, path) {
    const found = await Promise.all(needs.map((/** @type {string} */ need) => part(need, path)));
    if (found.includes(undefined)) return undefined;
    const given = Object.fromEntries(needs.map((/** @type {string} */ need, /** @type {number} */ k) => [need, found[k]]));
    const own = (await make(page, given, panel ? byId(panel, HTMLElement) : document.body)) ?? null;
    Object.assign(parts, { [id]: own });
    bindToolbar(toolbar?.(own, page, given) ?? {}, page);
    return own;
  }

  return Promise.all(features.map(({ id }) => part(id, []))).then(() => parts);
}

/** @param {Record<string, () => void | false>} toolbar @param {Page} page */
function bindToolbar(toolbar, { done }) {
  for (const [id, run] of Object.entries(toolbar)) {
    const button = byId(id, HTMLButtonElement);
    button.addEventListener("click", (event) => {
      const keeps = run() === false;
      // After a mouse click the keys belong to the canvas again; a keyboard user stays where they are.
      if (!keeps && event.detail > 0 && !document.querySelector("dialog[open]")) done();
    });
  }
}

/**
 * The keys of those features that are there, in the order of the list.
 * @param {readonly AnyFeature[]} features
 * @param {Page} page
 * @param {Partial<Parts>} parts
 * @returns {Shortcut[]}
 */
export function keysOf(features, page, parts) {
  const known = /** @type {Record<string, unknown>} */ (parts);
  return features.flatMap(({ id, keys }) => (known[id] === undefined ? [] : (keys?.(known[id], page, parts) ?? [])));
}
