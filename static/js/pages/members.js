/**
 * The members page: who belongs to the project, and as what.
 * @module pages/members
 */
import { confirmDialog } from "../ui/dialog.js";
import { byId, h, icon } from "../ui/element.js";
import { begin } from "./common.js";

/** @typedef {import("../net/types.js").Member} Member */

const { data, api, toasts, report } = begin();
const path = `/projects/${data.project.id}/members`;
const list = byId("members", HTMLUListElement);
const form = byId("add-member", HTMLFormElement);
const name = byId("member-name", HTMLInputElement);
const role = byId("member-role", HTMLSelectElement);
const problem = byId("member-problem", HTMLElement);

async function load() {
  try {
    /** @type {Member[]} */
    const members = await api.all(path);
    list.replaceChildren(...members.map((member) => row(member, members)));
  } catch (error) {
    report("The members could not be loaded", error);
  }
}

/** @param {Member} member @param {Member[]} members */
function row(member, members) {
  const me = member.username === data.user.username;
  const lastOwner = member.role === "owner" && members.filter((one) => one.role === "owner").length === 1;
  const select = h(
    "select",
    { class: "input", "aria-label": `Role of ${member.username}`, disabled: lastOwner, title: lastOwner ? "A project keeps at least one owner" : null, onchange: () => setRole(member, select.value) },
    h("option", { value: "member", selected: member.role === "member" }, "Member"),
    h("option", { value: "owner", selected: member.role === "owner" }, "Owner"),
  );
  return h(
    "li",
    {},
    h("span", { class: "avatar", "aria-hidden": "true" }, member.username.slice(0, 1).toUpperCase()),
    h("span", { class: "row-main row-name" }, member.username, me && h("span", { class: "muted" }, " (you)")),
    select,
    h("button", { class: "button button-quiet button-icon button-small", type: "button", disabled: lastOwner, "aria-label": `Remove ${member.username}`, title: "Remove", onclick: () => remove(member, me) }, icon("trash")),
  );
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  try {
    await api.post(path, { username: name.value.trim(), role: role.value });
    toasts.success(`${name.value.trim()} belongs to the project now`);
    name.value = "";
  } catch (error) {
    problem.textContent = error instanceof Error ? error.message : String(error);
  }
  name.focus();
  await load();
});

/** @param {Member} member @param {string} wanted */
async function setRole(member, wanted) {
  try {
    await api.post(path, { username: member.username, role: wanted });
    // An owner who steps down may no longer see this page.
    if (member.username === data.user.username) return location.assign(`/projects/${data.project.id}/`);
    toasts.success(`${member.username} is ${wanted === "owner" ? "an owner" : "a member"} now`);
  } catch (error) {
    report("The role was not changed", error);
  }
  await load();
}

/** @param {Member} member @param {boolean} me */
async function remove(member, me) {
  const done = await confirmDialog({
    title: me ? "Leave the project?" : `Remove ${member.username}?`,
    text: me ? "You will not see the project any more, until an owner adds you again." : "They lose sight of the project at once. What they made stays.",
    action: me ? "Leave" : "Remove",
    run: () => api.delete(path, { json: { username: member.username } }),
  });
  if (done && me) location.href = "/projects/";
  else if (done) await load();
}

await load();
