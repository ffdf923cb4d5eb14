/**
 * The labels page: add, rename, recolour, reorder, delete; and below them the attributes.
 * @module pages/labels
 */
import { ApiError } from "../net/api.js";
import { createSocket } from "../net/socket.js";
import { confirmDialog } from "../ui/dialog.js";
import { byId, h, icon } from "../ui/element.js";
import { plural } from "../ui/format.js";
import { begin } from "./common.js";
import { createLabelField } from "./label_field.js";
import { createAttributes } from "./labels/attributes.js";
import { moveButton, redraw } from "./labels/move_button.js";

/** @typedef {import("../net/types.js").Label} Label */
/** @typedef {import("../net/types.js").Project} Project */

const { data, api, toasts, report } = begin();
const list = byId("labels", HTMLUListElement);
const status = byId("labels-status", HTMLElement);
const form = byId("add-label", HTMLFormElement);
const problem = byId("add-problem", HTMLElement);
const submit = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
const path = `/projects/${data.project.id}`;

/** @type {Label[]} */
let labels = data.project.labels;

const field = createLabelField({
  input: byId("label-names", HTMLTextAreaElement),
  preview: byId("label-preview", HTMLUListElement),
  palette: data.palette,
  existing: () => labels,
});

const attributes = createAttributes({
  path,
  attributes: data.project.attributes,
  labels: () => labels,
  places: {
    list: byId("attributes", HTMLUListElement),
    empty: byId("attributes-empty", HTMLElement),
    add: byId("add-attribute", HTMLButtonElement),
    status,
  },
  api,
  toasts,
  report,
});

form.addEventListener("input", describeAction);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const wanted = field.labels();
  problem.textContent = "";
  submit.disabled = true;
  try {
    for (const label of wanted) labels = [...labels, await api.post(`${path}/labels`, label)];
    field.clear();
    status.textContent = `${plural(wanted.length, "label")} added.`;
  } catch (error) {
    problem.textContent = error instanceof Error ? error.message : String(error);
  }
  draw();
  describeAction();
});

function describeAction() {
  const count = field.labels().length;
  submit.disabled = count === 0;
  submit.textContent = count > 1 ? `Add ${count} labels` : "Add";
}

function draw() {
  redraw(list, labels.map(row));
}

/** @param {Label} label @param {number} index */
function row(label, index) {
  const color = h("input", { type: "color", class: "color-input", value: label.color, "aria-label": `Colour of ${label.name}`, onchange: () => change(label, { color: color.value }) });
  const name = h("input", { class: "input name-input", value: label.name, maxlength: 100, "aria-label": `Name of ${label.name}`, autocomplete: "off", onchange: () => change(label, { name: name.value }) });
  return h(
    "li",
    {},
    h("span", { class: "key", title: index < 10 ? "Digit key while annotating" : "" }, index < 10 ? (index + 1) % 10 : ""),
    color,
    name,
    moveButton(label, -1, index > 0, () => move(index, -1)),
    moveButton(label, 1, index < labels.length - 1, () => move(index, 1)),
    h("button", { class: "button button-quiet button-icon button-small", type: "button", "aria-label": `Delete ${label.name}`, title: "Delete", onclick: () => remove(label) }, icon("trash")),
  );
}

/** @param {Label} label @param {Partial<Label>} fields */
async function change(label, fields) {
  try {
    const changed = await api.patch(`/labels/${label.id}`, fields);
    labels = labels.map((one) => (one.id === label.id ? changed : one));
    status.textContent = `${changed.name} is saved.`;
  } catch (error) {
    report(`“${label.name}” was not changed`, error);
  }
  draw();
}

/** @param {number} index @param {-1 | 1} by */
async function move(index, by) {
  const target = index + by;
  if (target < 0 || target >= labels.length) return;
  const before = labels;
  const { name } = labels[index];
  const wanted = labels.with(index, labels[target]).with(target, labels[index]);
  labels = wanted;
  draw();
  try {
    const moved = wanted.map((label, order) => ({ label, order })).filter(({ label, order }) => label.order !== order);
    await Promise.all(moved.map(({ label, order }) => api.patch(`/labels/${label.id}`, { order })));
    // The socket may have brought the list meanwhile, with one of the two in its place.
    if (labels === wanted) labels = wanted.map((label, order) => ({ ...label, order }));
    status.textContent = `${name} is number ${target + 1}.`;
  } catch (error) {
    labels = before;
    report("The order was not saved", error);
  }
  draw();
}

/** @param {Label} label */
async function remove(label) {
  const done = await confirmDialog({
    title: `Delete “${label.name}”?`,
    text: "A label that objects carry is kept: give those objects another one first.",
    action: "Delete",
    run: () => api.delete(`/labels/${label.id}`).catch(explain),
  });
  if (!done) return;
  labels = labels.filter((one) => one.id !== label.id);
  draw();
  toasts.success(`“${label.name}” is deleted`);
}

/** @param {unknown} error */
function explain(error) {
  if (error instanceof ApiError && error.status === 409) throw new Error(`${error.message} You find them on the images page with the label's filter.`);
  if (!(error instanceof ApiError && error.status === 404)) throw error;
}

const socket = createSocket({ url: data.wsUrl });
async function refetch() {
  /** @type {Project} */
  const project = await api.get(path);
  attributes.refresh(project.attributes);
  // Somebody is typing a name right now: their own change will bring the list.
  if (document.activeElement?.matches("#labels .name-input")) return;
  labels = project.labels;
  draw();
}
socket.on("project.updated", () => void refetch().catch(() => {}));
socket.onOpen(() => void refetch().catch(() => {}));
socket.connect();
draw();
