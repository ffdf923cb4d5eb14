/**
 * The bar over the image: what can be set for the tool in hand, and what can be done to the selected objects.
 * @module ui/tool_options
 */
import { LIMITS } from "../tools/options.js";
import { h, icon } from "./element.js";

/** @typedef {import("../tools/options.js").ToolOptions} ToolOptions */
/** @typedef {import("../tools/options.js").Options} Options */
/** @typedef {{id: string, name: string, keys: string, icon: string, minSelected?: number, run: () => void}} Command minSelected: so many objects must be selected */

/** Whether people point with a finger first of all. */
const COARSE = matchMedia("(pointer: coarse)");

/** touch: the hint for people without a second button; makes: whether prompts or corners are collected before Enter keeps them @type {Record<string, {name: string, hint: string, touch?: string, makes?: boolean, fields: (keyof Options)[]}>} */
const TOOLS = {
  smart: { name: "Smart", hint: "Click what belongs to the object, right click what does not, or drag a box", touch: "Tap what belongs to the object, hold what does not, or drag a box; two fingers move and zoom", makes: true, fields: [] },
  magic: { name: "Add and cut", hint: "Click adds what lies there to the object, right click cuts it out, Enter keeps it", touch: "Tap adds what lies there to the object, a long touch cuts it out", makes: true, fields: [] },
  proposals: { name: "Proposals", hint: "Click keeps one, Shift+Click drops one, A keeps all that are shown", touch: "Tap keeps one; the panel keeps or drops all", fields: [] },
  regions: { name: "Colour regions", hint: "Click a region to keep it as an object", fields: [] },
  brush: { name: "Brush", hint: "Shift+Click draws a line, the right button erases, Enter begins another object", touch: "Paint with one finger or a pen, whose pressure sizes the brush; two fingers move and zoom", fields: ["size", "shape"] },
  eraser: { name: "Eraser", hint: "Shift+Click draws a line, the right button paints", touch: "Erase with one finger or a pen; two fingers move and zoom", fields: ["size", "shape"] },
  polygon: { name: "Polygon", hint: "Click corners or draw freely; the first corner or Enter closes", touch: "Tap corners or draw freely; the first corner closes", makes: true, fields: ["tolerance", "snap"] },
  box: { name: "Box", hint: "Drag from corner to corner, or click both; Shift makes a square", fields: [] },
  split: { name: "Split", hint: "Draw a line across an object", fields: [] },
  select: { name: "Select", hint: "Shift adds, a drag selects several, a double click refines", fields: [] },
};

/**
 * @typedef {object} ToolOptionsBar
 * @property {HTMLElement} root
 * @property {ToolOptions} options
 * @property {import("../tools/registry.js").ToolRegistry} tools
 * @property {import("../core/store.js").Store} store
 * @property {Command[]} commands
 * @property {() => void} done gives the focus back to the canvas
 */

/** @param {ToolOptionsBar} context */
export function createToolOptions({ root, options, tools, store, commands, done }) {
  const name = h("strong", { class: "options-tool" });
  const hint = h("span", { class: "options-hint" });
  const size = number("size", "Size", "Width of the brush in pixels of the image ([ and ], Shift+Wheel)");
  const tolerance = number("tolerance", "Simplify", "How far the line may be from the drawn one or from the mask's edge, in pixels", 0.25);
  const amount = number("amount", "by", "Pixels to grow, shrink or smooth by");
  const speck = number("speck", "specks <", "Parts of fewer pixels are specks");
  const shape = h(
    "div",
    { class: "options-choice", role: "group", "aria-label": "Shape of the brush" },
    choice("round", "Round"),
    choice("square", "Square"),
  );
  const snap = h("button", { type: "button", class: "options-toggle", title: "Corners go to the edges of other objects; Alt turns it round", onclick: toggleSnap }, icon("snap"), "Snap");
  /** @type {Partial<Record<keyof Options, HTMLElement>>} */
  const fields = { size, shape, tolerance, snap };
  // By touch there is no Enter and no Escape.
  const making = h("div", { class: "options-making", role: "group", "aria-label": "The mask in the making" }, ...[
    finisher("Keep", "finish", "check", "Keep it (Enter)"),
    finisher("Drop", "cancel", "close", "Drop it (Esc)"),
  ]);
  const buttons = commands.map(commandButton);
  const actions = h("div", { class: "options-commands", role: "group", "aria-label": "Change the selected masks" }, ...buttons.slice(0, 5), amount, ...buttons.slice(5), speck);
  root.append(name, making, ...Object.values(fields), hint, h("span", { class: "options-gap" }), actions);

  /** @param {"size" | "tolerance" | "amount" | "speck"} key @param {string} text @param {string} title @param {number} [step] */
  function number(key, text, title, step = 1) {
    const [min, max] = LIMITS[key];
    const input = h("input", { class: "input options-number", id: `option-${key}`, type: "number", min: String(min), max: String(max), step: String(step), value: String(options.values[key]) });
    input.addEventListener("input", () => {
      if (input.value !== "" && input.checkValidity()) options.set({ [key]: input.valueAsNumber });
    });
    // Enter and Escape mean that the number is right; the keys belong to the canvas again.
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      done();
    });
    input.addEventListener("blur", () => (input.value = String(options.values[key])));
    return h("label", { class: "options-field", title }, h("span", {}, text), input, key === "tolerance" || key === "size" ? h("span", { "aria-hidden": "true" }, "px") : null);
  }

  /** @param {Options["shape"]} value @param {string} text */
  function choice(value, text) {
    return h("button", { type: "button", class: "options-toggle", dataset: { shape: value }, onclick: (/** @type {MouseEvent} */ event) => (options.set({ shape: value }), after(event)) }, text);
  }

  /** @param {string} text @param {string} action @param {string} image @param {string} title */
  function finisher(text, action, image, title) {
    return h("button", { type: "button", class: "options-toggle", title, onclick: () => (tools.action(action), done()) }, icon(image), text);
  }

  /** @param {MouseEvent} event */
  function toggleSnap(event) {
    options.set({ snap: !options.values.snap });
    after(event);
  }

  /** A keyboard user stays where they are. @param {MouseEvent} event */
  function after(event) {
    if (event.detail > 0) done();
  }

  /** @param {Command} command */
  function commandButton(command) {
    const run = (/** @type {MouseEvent} */ event) => (command.run(), after(event));
    const title = `${command.name} (${command.keys})`;
    return h("button", { type: "button", class: "options-command", id: `command-${command.id}`, "aria-label": command.name, title, "aria-keyshortcuts": command.keys, onclick: run }, icon(command.icon));
  }

  function update() {
    const { size: width, shape: form, snap: snapping, ...rest } = options.values;
    for (const [key, value] of Object.entries({ size: width, ...rest })) {
      const input = root.querySelector(`#option-${key}`);
      if (input instanceof HTMLInputElement && document.activeElement !== input) input.value = String(value);
    }
    for (const button of shape.children) {
      if (button instanceof HTMLElement) button.setAttribute("aria-pressed", String(button.dataset.shape === form));
    }
    snap.setAttribute("aria-pressed", String(snapping));
  }

  function follow() {
    const tool = TOOLS[tools.active?.id ?? ""];
    name.textContent = tool?.name ?? "";
    hint.textContent = (COARSE.matches ? tool?.touch : null) ?? tool?.hint ?? "";
    hint.title = hint.textContent;
    for (const [key, field] of Object.entries(fields)) field.hidden = !tool?.fields.includes(/** @type {keyof Options} */ (key));
  }

  function enable() {
    const count = store.selection.length;
    actions.hidden = count === 0;
    // Both do not fit beside each other: who works on an object knows the tool.
    hint.hidden = count > 0;
    commands.forEach((command, k) => (buttons[k].disabled = count < (command.minSelected ?? 1)));
  }

  function work() {
    const tool = tools.active;
    making.hidden = !(TOOLS[tool?.id ?? ""]?.makes && tool?.canUndo?.());
  }

  options.on("change", update);
  tools.on("change", follow);
  tools.on("change", work);
  COARSE.addEventListener("change", follow);
  store.on("selection", enable);
  update();
  follow();
  enable();
  work();
  return { work };
}
