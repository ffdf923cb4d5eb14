/**
 * The API reference, made from the server's own OpenAPI document.
 * @module pages/api_docs
 */
import { byId, h } from "../ui/element.js";
import { byTag, schemaText } from "./api_schema.js";
import { begin } from "./common.js";

/** @typedef {Record<string, any>} Schema */

const CHIPS = /** @type {Record<string, string>} */ ({ get: "chip-info", post: "chip-ok", patch: "chip-warn", put: "chip-warn", delete: "chip-danger" });

const { api, report } = begin();
const place = byId("api", HTMLElement);

/** @param {Schema} openapi */
function draw(openapi) {
  const named = openapi.components?.schemas ?? {};
  byId("api-intro", HTMLElement).textContent = openapi.info.description ?? "";
  place.replaceChildren(
    ...[...byTag(openapi)].map(([tag, operations]) =>
      h("section", { class: "api-group" }, h("h2", {}, tag), h("div", { class: "card api-list" }, ...operations.map((one) => entry(one, named)))),
    ),
  );
}

/** @param {{method: string, path: string, operation: Schema}} one @param {Record<string, Schema>} named */
function entry({ method, path, operation }, named) {
  const details = h("details", { class: "api-entry" });
  const summary = (operation.description ?? "").split(/\n\s*\n/)[0] || operation.summary;
  details.append(
    h("summary", {}, h("span", { class: `chip api-method ${CHIPS[method] ?? ""}` }, method.toUpperCase()), h("code", {}, path), h("span", { class: "muted api-summary" }, summary)),
  );
  // Made when it is opened: the whole reference at once would be thousands of elements.
  details.addEventListener("toggle", () => details.append(body(operation, named)), { once: true });
  return details;
}

/** @param {Schema} operation @param {Record<string, Schema>} named */
function body(operation, named) {
  const answers = Object.entries(operation.responses ?? {});
  const good = answers.filter(([status]) => status < "300");
  const refusals = answers.filter(([status]) => status >= "300").map(([status]) => status);
  return h(
    "div",
    { class: "api-body" },
    ...(operation.description ?? "").split(/\n\s*\n/).map((/** @type {string} */ text) => text && h("p", {}, text)),
    operation.parameters?.length && parameters(operation.parameters, named),
    ...Object.entries(operation.requestBody?.content ?? {}).map(([kind, content]) => block(`Body, ${kind}`, schemaText(content.schema, named))),
    ...good.map(([status, answer]) => block(`Answer ${status}`, answer.content ? schemaText(Object.values(answer.content)[0].schema, named) : "nothing")),
    refusals.length > 0 && h("p", { class: "muted small" }, `Refusals: ${refusals.join(", ")}, each {"error": {"code", "message", "field"?}}.`),
  );
}

/** @param {Schema[]} list @param {Record<string, Schema>} named */
function parameters(list, named) {
  return h(
    "dl",
    { class: "api-parameters" },
    ...list.flatMap((one) => [
      h("dt", {}, h("code", {}, one.name), h("span", { class: "muted small" }, ` in the ${one.in}`)),
      h("dd", {}, schemaText(one.schema, named), one.description && h("span", { class: "muted" }, ` – ${one.description}`)),
    ]),
  );
}

/** @param {string} title @param {string} text */
function block(title, text) {
  return h("div", {}, h("h3", {}, title), h("pre", { tabindex: 0, "aria-label": title, role: "region" }, text));
}

try {
  draw(await api.get("/openapi.json"));
} catch (error) {
  report("The reference could not be loaded", error);
}
