/**
 * Making elements. Text always goes in as text: names and labels can never become markup.
 * @module ui/element
 */

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, any>} Props attributes; `class`, `dataset`, `on<event>` and properties such as `value` or `disabled` */

const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "hidden", "indeterminate", "tabIndex", "open", "files"]);

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(node, name, value);
  append(node, children);
  return node;
}

/** @param {HTMLElement} node @param {string} name @param {any} value */
function set(node, name, value) {
  if (value === null || value === undefined) return;
  if (name === "dataset") Object.assign(node.dataset, value);
  else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (PROPERTIES.has(name)) Reflect.set(node, name, value);
  else if (value !== false) node.setAttribute(name, value === true ? "" : String(value));
}

/** @param {Node} node @param {Child[]} children */
function append(node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    node.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

const SPRITE = new URL("../../img/icons.svg", import.meta.url).pathname;

/** A decorative icon of the sprite. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${SPRITE}#${name}`);
  svg.append(use);
  return svg;
}

/** A square of a label's colour. @param {string} color */
export function swatch(color) {
  const node = h("span", { class: "swatch", "aria-hidden": "true" });
  node.style.backgroundColor = color;
  return node;
}

/**
 * The element with this id; a page without it is broken, and says so early.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const node = document.getElementById(id);
  if (!(node instanceof kind)) throw new Error(`#${id} is missing`);
  return node;
}

/** What the server put into the page for its script. @returns {any} */
export function pageData() {
  return JSON.parse(document.getElementById("page-data")?.textContent ?? "{}");
}
