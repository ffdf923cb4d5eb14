/**
 * The API reference, made from the server's own OpenAPI document.
 * @module pages/api_docs
 */
import { byId, h } from "../ui/element.js";
import { byTag, jsonText, schemaText, scopeOf } from "./api_schema.js";
import { begin } from "./common.js";

/** @typedef {Record<string, any>} Schema */

const CHIPS = /** @type {Record<string, string>} */ ({ get: "chip-info", post: "chip-ok", patch: "chip-warn", put: "chip-warn", delete: "chip-danger" });

const { api, report } = begin();
const place = byId("api", HTMLElement);

/** @param {Schema} openapi */
function draw(openapi) {
  const named = openapi.components?.schemas ?? {};
  byId("api-intro", HTMLElement).replaceChildren(...prose(openapi.info.description ?? ""));
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
    h("summary", {}, h("span", { class: `chip api-method ${CHIPS[method] ?? ""}` }, method.toUpperCase()), h("code", {}, path), h("span", { class: "muted api-summary" }, ...prose(summary))),
  );
  // Made when it is opened: the whole reference at once would be thousands of elements.
  details.addEventListener("toggle", () => details.append(body(operation, named)), { once: true });
  return details;
}

/** @param {Schema} operation @param {Record<string, Schema>} named */
function body(operation, named) {
  const answers = Object.entries(operation.responses ?? {});
  const good = answers.filter(([status]) => status < "300");
  const bodies = Object.entries(operation.requestBody?.content ?? {});
  return h(
    "div",
    { class: "api-body" },
    ...(operation.description ?? "").split(/\n\s*\n/).map((/** @type {string} */ text) => text && h("p", {}, ...prose(text))),
    h("p", { class: "muted small" }, "Operation ", h("code", {}, operation.operationId), ". A token needs the scope ", h("code", {}, scopeOf(operation)), "."),
    operation.parameters?.length && parameters(operation.parameters, named),
    ...bodies.map(([kind, content]) => pair(`Body, ${kind}`, content, named)),
    ...together(good).map(([status, answer]) => answered(status, answer, named)),
    refusals(answers.filter(([status]) => status >= "300")),
  );
}

/** Words, with what stands between backticks as code. @param {string} text */
function prose(text) {
  return text.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part));
}

/** Answers of one body under the statuses that they share. @param {[string, Schema][]} answers @returns {[string, Schema][]} */
function together(answers) {
  /** @type {Map<string, [string, Schema]>} */
  const found = new Map();
  for (const [status, answer] of answers) {
    const key = JSON.stringify(answer.content ?? null);
    const known = found.get(key);
    found.set(key, known ? [`${known[0]}, ${status}`, known[1]] : [status, answer]);
  }
  return [...found.values()];
}

/** @param {string} status @param {Schema} answer @param {Record<string, Schema>} named */
function answered(status, answer, named) {
  const [[kind, content] = []] = Object.entries(answer.content ?? {});
  if (!content || !kind) return block(`Answer ${status}`, "nothing");
  if (kind === "application/json" && content.example) return pair(`Answer ${status}`, content, named);
  return block(`Answer ${status}`, `${answer.description} ${Object.keys(answer.content).join(", ")}`);
}

/** The shape and an example of it, side by side where there is room. @param {string} title @param {Schema} content @param {Record<string, Schema>} named */
function pair(title, content, named) {
  const shape = block(title, schemaText(content.schema, named));
  if (!content.example) return shape;
  return h("div", { class: "api-pair" }, shape, block("Example", jsonText(content.example)));
}

/** @param {[string, Schema][]} answers */
function refusals(answers) {
  const rows = answers.flatMap(([status, answer]) => {
    const example = answer.content?.["application/json"]?.example?.error;
    return [h("dt", {}, h("code", {}, status)), h("dd", {}, example ? h("code", {}, example.code) : "", " ", h("span", { class: "muted" }, example?.message ?? answer.description))];
  });
  return h("div", {}, h("h3", {}, "Other answers, for example"), h("dl", { class: "api-parameters" }, ...rows));
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
