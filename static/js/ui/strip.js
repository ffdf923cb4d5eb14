/**
 * The film strip: the project's images around this one, with what is known of each.
 * @module ui/strip
 */
import { h } from "./element.js";

/**
 * @typedef {object} StripItem
 * @property {number} id
 * @property {string} name
 * @property {import("../net/types.js").ImageState} state
 * @property {import("../net/types.js").EmbeddingState} embedding
 * @property {number} annotations
 * @property {import("../net/types.js").WorkState} work
 * @property {number} width
 * @property {number} height
 * @property {string} v
 */

/** @param {number} id */
export const annotateUrl = (id) => `/images/${id}/annotate/`;

/** @param {StripItem} item @returns {{kind: string, words: string}} */
export function stateOf(item) {
  if (item.state === "refused") return { kind: "refused", words: "refused" };
  if (item.state === "preparing") return { kind: "preparing", words: "being prepared" };
  if (item.embedding === "failed") return { kind: "refused", words: "embedding failed" };
  if (item.embedding !== "ready") return { kind: "preparing", words: "embedding being prepared" };
  if (item.work === "submitted") return { kind: "submitted", words: `submitted with ${item.annotations} ${item.annotations === 1 ? "object" : "objects"}` };
  if (item.work === "skipped") return { kind: "skipped", words: "skipped" };
  if (item.annotations) return { kind: "annotated", words: `${item.annotations} ${item.annotations === 1 ? "object" : "objects"}` };
  return { kind: "ready", words: "not annotated" };
}

/**
 * @param {HTMLElement} root
 * @param {StripItem[]} items
 * @param {number} current
 */
export function createStrip(root, items, current) {
  const list = h("ol", { class: "strip-list" });
  root.append(list);
  let withThumbnails = false;
  /** @type {Map<number, {item: StripItem, node: HTMLLIElement}>} */
  const cells = new Map();

  /** @param {StripItem} item */
  function build(item) {
    const link = h(
      "a",
      { href: annotateUrl(item.id) + location.search, class: "strip-link", "aria-current": item.id === current ? "page" : null },
      picture(item),
      h("span", { class: "strip-state", "aria-hidden": "true" }),
    );
    describe(link, item);
    return h("li", { class: "strip-cell" }, link);
  }

  /** What is known of the image, in words and as a badge. @param {Element} link @param {StripItem} item */
  function describe(link, item) {
    const { kind, words } = stateOf(item);
    const label = `${item.name}, ${words}`;
    link.setAttribute("title", label);
    link.setAttribute("aria-label", label);
    const badge = link.lastElementChild;
    if (!badge) return;
    badge.className = `strip-state is-${kind}`;
    // Colour alone would not tell the states apart.
    badge.textContent = kind === "submitted" ? "✓" : kind === "skipped" ? "–" : item.annotations ? String(item.annotations) : "";
  }

  /** @param {StripItem} item */
  function picture(item) {
    // Thumbnails wait until the tool is armed: nothing may be slower because of them.
    if (!withThumbnails || item.state !== "ready") return h("span", { class: "strip-blank", "aria-hidden": "true" });
    const src = `/api/images/${item.id}/thumbnail?size=256&v=${item.v}`;
    return h("img", { src, alt: "", loading: "lazy", decoding: "async", width: "96", height: "64", draggable: "false" });
  }

  function render() {
    list.replaceChildren(
      ...items.map((item) => {
        const node = build(item);
        cells.set(item.id, { item, node });
        return node;
      }),
    );
  }

  function centre() {
    const cell = cells.get(current)?.node;
    if (cell) list.scrollLeft = cell.offsetLeft - (list.clientWidth - cell.offsetWidth) / 2;
  }

  render();
  centre();
  list.addEventListener("wheel", (event) => {
    if (event.ctrlKey || !event.deltaY) return;
    event.preventDefault();
    list.scrollLeft += event.deltaY;
  }, { passive: false });

  return {
    showThumbnails() {
      if (withThumbnails) return;
      withThumbnails = true;
      for (const { item, node } of cells.values()) node.querySelector(".strip-blank")?.replaceWith(picture(item));
    },
    /** @param {number} id @param {Partial<StripItem>} change */
    update(id, change) {
      const cell = cells.get(id);
      if (!cell) return;
      const shown = cell.item.state;
      Object.assign(cell.item, change);
      const link = cell.node.firstElementChild;
      if (!link) return;
      if (cell.item.state !== shown) link.firstElementChild?.replaceWith(picture(cell.item));
      describe(link, cell.item);
    },
  };
}
