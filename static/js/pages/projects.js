/**
 * The projects page: making a project in one dialog.
 * @module pages/projects
 */
import { openDialog } from "../ui/dialog.js";
import { h } from "../ui/element.js";
import { begin } from "./common.js";
import { createLabelField } from "./label_field.js";

const { data, api } = begin();

for (const button of document.querySelectorAll("[data-create]")) button.addEventListener("click", create);

async function create() {
  const name = h("input", { class: "input", id: "project-name", maxlength: 200, autocomplete: "off", required: true });
  const input = h("textarea", { class: "input", id: "project-labels", rows: 3, "aria-describedby": "project-labels-hint" });
  const preview = h("ul", { class: "chips", "aria-label": "Labels" });
  const field = createLabelField({ input, preview, palette: data.palette });
  const project = await openDialog({
    title: "New project",
    body: [
      h("div", { class: "field" }, h("label", { for: "project-name" }, "Name"), name),
      h(
        "div",
        { class: "field" },
        h("label", { for: "project-labels" }, "Labels"),
        input,
        h("span", { class: "field-hint", id: "project-labels-hint" }, "One a line or separated by commas; paste a whole list. You can add more later."),
      ),
      preview,
    ],
    action: "Create project",
    ready: () => name.value.trim() !== "",
    run: () => api.post("/projects", { name: name.value.trim(), labels: field.labels() }),
  });
  if (project) location.href = `/projects/${project.id}/`;
}
