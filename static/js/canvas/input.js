/**
 * From the browser's pointer events to the active tool's: pan and zoom are taken out here, the same in every tool.
 * @module canvas/input
 */

/** @typedef {import("../tools/types.js").ToolPointer} ToolPointer */

const WHEEL_SPEED = 0.0016;
/** A pinch on a touchpad arrives as small wheel steps with Ctrl. */
const PINCH_SPEED = 0.01;
const MAX_WHEEL_STEP = 240;
const MAX_PINCH_STEP = 30;
const DOUBLE_CLICK_MS = 400;
/** How far a wheel "line" and "page" go, in pixels. */
const WHEEL_UNITS = [1, 16, 400];

/**
 * @typedef {object} InputOptions
 * @property {HTMLCanvasElement} canvas
 * @property {import("./view.js").View} view
 * @property {{width: number, height: number}} image
 * @property {() => import("../tools/types.js").Tool | null} tool
 * @property {() => void} changed the keyboard's pointer has to be drawn
 */

/** @typedef {ReturnType<typeof createInput>} Input */

/** A pen that reports none presses fully. @param {PointerEvent} event */
function pressureOf({ pointerType, pressure }) {
  return pointerType === "pen" && pressure > 0 ? pressure : 1;
}

/** @param {InputOptions} options */
export function createInput({ canvas, view, image, tool, changed }) {
  /** @type {Map<number, {x: number, y: number}>} touches and pressed pointers, canvas pixels */
  const down = new Map();
  /** @type {"none" | "tool" | "pan" | "pinch"} */
  let gesture = "none";
  let spaceHeld = false;
  /** @type {ToolPointer | null} */
  let last = null;
  /** @type {{x: number, y: number} | null} the keyboard's pointer, image pixels */
  let crosshair = null;
  let lastPress = { x: 0, y: 0, time: -Infinity };

  /** Pointer events do not count clicks. @param {PointerEvent} event */
  function countClicks(event) {
    if (event.type !== "pointerdown") return 1;
    const near = Math.hypot(event.clientX - lastPress.x, event.clientY - lastPress.y) < 6;
    const double = near && event.timeStamp - lastPress.time < DOUBLE_CLICK_MS;
    lastPress = { x: event.clientX, y: event.clientY, time: double ? -Infinity : event.timeStamp };
    return double ? 2 : 1;
  }

  /** @param {PointerEvent | MouseEvent | WheelEvent} event */
  function place(event) {
    const rect = canvas.getBoundingClientRect();
    return { x: event.clientX - rect.left, y: event.clientY - rect.top };
  }

  /** @param {PointerEvent} event @returns {ToolPointer} */
  function translate(event) {
    const at = place(event);
    return fromCanvas(at.x, at.y, {
      clientX: event.clientX,
      clientY: event.clientY,
      button: event.button,
      shift: event.shiftKey,
      ctrl: event.ctrlKey,
      type: event.pointerType === "touch" || event.pointerType === "pen" ? event.pointerType : "mouse",
      time: event.timeStamp,
      clicks: countClicks(event),
      alt: event.altKey,
      pressure: pressureOf(event),
      trail: event.type === "pointermove" ? trail(event) : undefined,
    });
  }

  /** @param {PointerEvent} event */
  function trail(event) {
    const events = event.getCoalescedEvents?.() ?? [];
    return (events.length ? events : [event]).map((one) => {
      const at = place(one);
      return { ...view.toImage(at.x, at.y), pressure: pressureOf(one) };
    });
  }

  /**
   * @param {number} cx
   * @param {number} cy
   * @param {Omit<ToolPointer, "x" | "y" | "inside">} rest
   * @returns {ToolPointer}
   */
  function fromCanvas(cx, cy, rest) {
    const { x, y } = view.toImage(cx, cy);
    const inside = x >= 0 && y >= 0 && x < image.width && y < image.height;
    return { ...rest, x, y, inside };
  }

  function updateCursor() {
    const pan = gesture === "pan" || gesture === "pinch";
    const cursor = pan ? "grabbing" : spaceHeld ? "grab" : (tool()?.cursor() ?? "default");
    if (canvas.style.cursor !== cursor) canvas.style.cursor = cursor;
  }

  /** @param {"pan" | "pinch"} next */
  function takeOver(next) {
    if (gesture === "tool") tool()?.leave();
    gesture = next;
    updateCursor();
  }

  /** @param {PointerEvent} event */
  function onDown(event) {
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, place(event));
    if (event.pointerType === "touch" && down.size === 2) return takeOver("pinch");
    if (down.size > 1) return;
    if (event.button === 1 || (event.button === 0 && spaceHeld)) {
      event.preventDefault();
      return takeOver("pan");
    }
    gesture = "tool";
    tool()?.down(translate(event));
    updateCursor();
  }

  /** @param {PointerEvent} event */
  function onMove(event) {
    const before = down.get(event.pointerId);
    const now = place(event);
    if (gesture === "pinch" && before) pinch(event.pointerId, before, now);
    else if (gesture === "pan" && before) view.panBy(now.x - before.x, now.y - before.y);
    if (before) down.set(event.pointerId, now);
    if (gesture === "pan" || gesture === "pinch") return;
    last = translate(event);
    hideCrosshair();
    tool()?.move(last);
    updateCursor();
  }

  /** @param {number} id @param {{x: number, y: number}} before @param {{x: number, y: number}} now */
  function pinch(id, before, now) {
    const other = [...down].find(([key]) => key !== id)?.[1];
    if (!other) return;
    const grown = Math.hypot(now.x - other.x, now.y - other.y) / Math.hypot(before.x - other.x, before.y - other.y);
    // What lay between the fingers lies between them again, and the zoom leaves it there.
    view.panBy((now.x - before.x) / 2, (now.y - before.y) / 2);
    if (Number.isFinite(grown) && grown > 0) view.zoomBy(grown, (now.x + other.x) / 2, (now.y + other.y) / 2);
  }

  /** @param {PointerEvent} event */
  function onUp(event) {
    if (!down.delete(event.pointerId)) return;
    const was = gesture;
    // The second finger of a pinch must not end as a click.
    if (down.size === 0) gesture = "none";
    if (was === "tool" && down.size === 0) {
      if (event.type === "pointercancel") tool()?.leave();
      else tool()?.up(translate(event));
    }
    updateCursor();
  }

  function hideCrosshair() {
    if (!crosshair) return;
    crosshair = null;
    changed();
  }

  /**
   * @param {number} cx canvas pixels
   * @param {number} cy
   * @returns {ToolPointer}
   */
  function keyboardPointer(cx, cy) {
    const rect = canvas.getBoundingClientRect();
    return fromCanvas(cx, cy, {
      clientX: rect.left + cx,
      clientY: rect.top + cy,
      button: 0,
      shift: false,
      ctrl: false,
      type: "keyboard",
      time: performance.now(),
      clicks: 1,
      alt: false,
      pressure: 1,
    });
  }

  function onLeave() {
    last = null;
    if (gesture === "none") tool()?.leave();
  }

  /** @param {WheelEvent} event */
  function onWheel(event) {
    event.preventDefault();
    const at = place(event);
    // With Shift, some systems turn the wheel sideways.
    const delta = (event.deltaY || (event.shiftKey ? event.deltaX : 0)) * (WHEEL_UNITS[event.deltaMode] ?? 1);
    const resize = event.shiftKey ? tool()?.resize : undefined;
    if (resize) return resize(delta < 0 ? 1 : -1);
    const max = event.ctrlKey ? MAX_PINCH_STEP : MAX_WHEEL_STEP;
    const step = Math.max(-max, Math.min(max, delta));
    view.zoomBy(Math.exp(-step * (event.ctrlKey ? PINCH_SPEED : WHEEL_SPEED)), at.x, at.y);
  }

  canvas.addEventListener("pointerdown", onDown);
  canvas.addEventListener("pointermove", onMove);
  canvas.addEventListener("pointerup", onUp);
  canvas.addEventListener("pointercancel", onUp);
  canvas.addEventListener("pointerleave", onLeave);
  // Browsers must see no gesture of their own here: after a quick drag that they take for a fling,
  // Chromium swallows the next tap, wherever it is.
  canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  canvas.addEventListener("wheel", onWheel, { passive: false });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  // Middle click would start the browser's own scrolling.
  canvas.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault());
  canvas.addEventListener("auxclick", (event) => event.preventDefault());

  return {
    updateCursor,
    /** @param {boolean} held */
    holdSpace(held) {
      spaceHeld = held;
      if (held && gesture === "none") tool()?.leave();
      updateCursor();
    },
    /** The pointer as the tool last saw it over the canvas. */
    get last() {
      return last;
    },
    keyboardPointer,
    get crosshair() {
      return crosshair;
    },
    /** Moves the keyboard's pointer. @param {number} cx canvas pixels @param {number} cy */
    moveCrosshair(cx, cy) {
      const pointer = keyboardPointer(cx, cy);
      crosshair = { x: pointer.x, y: pointer.y };
      tool()?.move(pointer);
      changed();
    },
  };
}
