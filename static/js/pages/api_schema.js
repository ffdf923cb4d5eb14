/**
 * JSON schemas as short text that people read: `{ "id": integer, "name"?: string }`.
 * @module pages/api_schema
 */

/** @typedef {Record<string, any>} Schema */

const DEEPEST = 6;

/**
 * @param {Schema | undefined} schema
 * @param {Record<string, Schema>} named the document's named schemas
 * @param {number} [depth] how far it is indented
 * @returns {string}
 */
export function schemaText(schema, named, depth = 0) {
  if (!schema || depth > DEEPEST) return "any";
  if (schema.$ref) return schemaText(named[schema.$ref.split("/").at(-1) ?? ""], named, depth);
  if (schema.enum) return schema.enum.map((/** @type {unknown} */ one) => JSON.stringify(one)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices) return unique(choices.map((/** @type {Schema} */ one) => schemaText(one, named, depth))).join(" | ");
  if (schema.type === "array") return `[${schemaText(schema.items, named, depth)}, …]`;
  if (schema.properties) return objectText(schema, named, depth);
  if (schema.type === "object") return "object";
  if (schema.format === "binary") return "file";
  return schema.format === "uuid" ? "uuid" : (schema.type ?? "any");
}

/** @param {Schema} schema @param {Record<string, Schema>} named @param {number} depth */
function objectText(schema, named, depth) {
  const required = new Set(schema.required ?? []);
  const inside = "  ".repeat(depth + 1);
  const lines = Object.entries(schema.properties).map(
    ([name, value]) => `${inside}"${name}"${required.has(name) ? "" : "?"}: ${schemaText(value, named, depth + 1)}`,
  );
  return lines.length ? `{\n${lines.join(",\n")}\n${"  ".repeat(depth)}}` : "{}";
}

/**
 * JSON as people write it: lists of plain values on one line.
 * @param {any} value
 * @param {number} [depth]
 * @returns {string}
 */
export function jsonText(value, depth = 0) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const list = Array.isArray(value);
  const entries = Object.entries(value).map(([name, one]) => (list ? "" : `${JSON.stringify(name)}: `) + jsonText(one, depth + 1));
  if (!entries.length) return list ? "[]" : "{}";
  const [open, close] = list ? "[]" : "{}";
  const line = `${open}${entries.join(", ")}${close}`;
  if (line.length < 48 && !line.includes("\n")) return line;
  const inside = "  ".repeat(depth + 1);
  return `${open}\n${inside}${entries.join(`,\n${inside}`)}\n${"  ".repeat(depth)}${close}`;
}

/** The scope a token needs for the operation. @param {Schema} operation @returns {string} */
export function scopeOf(operation) {
  const tokens = (operation.security ?? []).find((/** @type {Schema} */ one) => "token" in one);
  return tokens?.token?.[0] ?? "none";
}

/** @param {string[]} list */
const unique = (list) => [...new Set(list)];

/**
 * The operations of an OpenAPI document by their tag, in the document's order.
 * @param {Schema} openapi
 * @returns {Map<string, {method: string, path: string, operation: Schema}[]>}
 */
export function byTag(openapi) {
  const groups = new Map();
  for (const [path, methods] of Object.entries(openapi.paths)) {
    for (const [method, operation] of Object.entries(/** @type {Schema} */ (methods))) {
      const tag = operation.tags?.[0] ?? "Other";
      groups.set(tag, [...(groups.get(tag) ?? []), { method, path, operation }]);
    }
  }
  return groups;
}
