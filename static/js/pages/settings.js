/**
 * The settings page: renaming and deleting a project.
 * @module pages/settings
 */
import { confirmDialog } from "../ui/dialog.js";
import { byId } from "../ui/element.js";
import { plural } from "../ui/format.js";
import { begin } from "./common.js";

const { data, api, toasts } = begin();
const path = `/projects/${data.project.id}`;
const form = byId("rename", HTMLFormElement);
const name = byId("name", HTMLInputElement);
const problem = byId("rename-problem", HTMLElement);
const submit = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
let stored = data.project.name;

const check = () => (submit.disabled = name.value.trim() === "" || name.value.trim() === stored);
form.addEventListener("input", check);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  try {
    const project = await api.patch(path, { name: name.value.trim() });
    stored = project.name;
    for (const node of document.querySelectorAll(".topbar-project")) node.textContent = stored;
    toasts.success("The project is renamed");
  } catch (error) {
    problem.textContent = error instanceof Error ? error.message : String(error);
  }
  check();
});

byId("delete", HTMLButtonElement).addEventListener("click", async () => {
  const { images, annotations } = data.project.counts;
  const done = await confirmDialog({
    title: `Delete “${stored}”?`,
    text: `${plural(images, "image")} and ${plural(annotations, "object")} are deleted for everybody, with their files. This cannot be taken back.`,
    action: "Delete the project",
    typed: stored,
    run: () => api.delete(path, { timeout: 300_000 }),
  });
  if (done) location.href = "/projects/";
});
