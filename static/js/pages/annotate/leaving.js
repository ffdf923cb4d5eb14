/**
 * The way to another image. Pages are loaded anew for each, so that nothing of one image can get into the next; its picture
 * is fetched and decoded ahead, and shown within the frame in which the key was pressed, where the next page will draw it.
 * @module pages/annotate/leaving
 */
import { createView } from "../../canvas/view.js";
import { h } from "../../ui/element.js";
import { annotateUrl } from "../../ui/strip.js";
import { saveNavigationState } from "./navigation_state.js";
import { mediaUrl, saving } from "./prefetch.js";

/** @typedef {import("../../ui/strip.js").StripItem} StripItem */

/**
 * @typedef {object} LeavingContext
 * @property {HTMLElement} stage
 * @property {HTMLCanvasElement} canvas
 * @property {import("../../canvas/view.js").View} view
 * @property {{width: number, height: number}} image
 * @property {import("../../tools/registry.js").ToolRegistry} tools
 * @property {import("../../net/sync.js").Sync} sync
 * @property {import("../../ui/shortcuts.js").Shortcuts} shortcuts
 * @property {StripItem[]} strip
 * @property {(number | null)[]} ahead ids of the images whose pictures are decoded before they are asked for
 */

/** The image's own loading comes first, then that of the decoder. */
const AHEAD_AFTER = 2500;
/** Who stopped the browser on the way goes on here. */
const GIVE_UP = 20_000;

/** @param {LeavingContext} context */
export function createLeaving({ stage, canvas, view, image, tools, sync, shortcuts, strip, ahead }) {
  /** @type {Map<number, HTMLImageElement>} */
  const decoded = new Map();
  let gone = false;

  /** @param {number | null} id */
  async function decode(id) {
    const item = strip.find((one) => one.id === id);
    if (!item || item.state !== "ready" || decoded.has(item.id) || saving()) return;
    const picture = h("img", { alt: "", decoding: "sync", class: "ws-poster is-placed" });
    picture.src = mediaUrl(item.id, item.v, "preview");
    await picture.decode().then(() => decoded.set(item.id, picture), () => {});
  }

  /** What part of the picture is looked at, in parts of its size; null for all of it. */
  function place() {
    if (view.fitted) return null;
    const { x, y } = view.middle();
    return { scale: view.scale, x: x / image.width, y: y / image.height };
  }

  /** Where the next page will draw the picture. @param {StripItem} item @param {ReturnType<typeof place>} at */
  function posterOf({ width, height }, at) {
    const next = createView({ width, height });
    next.rotateTo(view.rotation);
    next.resize(view.size.width, view.size.height);
    if (at) next.restore({ scale: at.scale, x: at.x * width, y: at.y * height });
    const middle = next.toCanvas(width / 2, height / 2);
    const [w, h] = [width * next.scale, height * next.scale];
    // Turned around its middle by the style sheet.
    return { left: middle.x - w / 2, top: middle.y - h / 2, width: w, height: h, rotation: next.rotation };
  }

  /** Nothing more is done to this image; the next one's picture stands for it where it is at hand. @param {number} id @param {import("./navigation_state.js").NavigationState["poster"]} poster */
  function close(id, poster) {
    gone = true;
    shortcuts.pause(true);
    tools.active?.leave();
    canvas.dataset.state = "loading";
    const picture = poster && decoded.get(id);
    const curtain = h("div", { class: `ws-curtain${picture ? "" : " is-clear"}` });
    stage.append(curtain);
    if (!picture) return;
    for (const side of /** @type {const} */ (["left", "top", "width", "height"])) picture.style.setProperty(side, `${poster[side]}px`);
    picture.style.setProperty("transform", `rotate(${poster.rotation * 90}deg)`);
    stage.append(picture);
  }

  function comeBack() {
    gone = false;
    shortcuts.pause(false);
    for (const node of stage.querySelectorAll(".ws-curtain, .ws-curtain + .ws-poster")) node.remove();
  }

  /**
   * @param {number} id
   * @param {import("./clipboard.js").Clip | null} [paste] objects to put there; false when the browser cannot carry them
   */
  function leave(id, paste = null) {
    if (gone) return true;
    const item = strip.find((one) => one.id === id);
    const at = place();
    const poster = item?.width ? posterOf(item, at) : null;
    if (!saveNavigationState({ image: id, tool: tools.active?.id ?? null, place: at, paste, poster }) && paste) return false;
    close(id, poster);
    setTimeout(comeBack, GIVE_UP);
    // What is unsent must be on disk before the page goes.
    void sync.settled().then(() => location.assign(annotateUrl(id) + location.search));
    return true;
  }

  /** Once the tool is armed, whose own requests come first. */
  function lookAhead() {
    setTimeout(() => void Promise.all(ahead.map(decode)), AHEAD_AFTER);
  }

  window.addEventListener("pageshow", ({ persisted }) => persisted && comeBack());
  // Links to other images go the same way, unless they are to open elsewhere.
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a[href^='/images/']") : null;
    const id = Number(/^\/images\/(\d+)\/annotate\//.exec(link?.getAttribute("href") ?? "")?.[1]);
    if (!id) return;
    event.preventDefault();
    leave(id);
  });

  return {
    leave, lookAhead,
  };
}
