import assert from "node:assert/strict";
import { test } from "node:test";
import { byTag, jsonText, schemaText, scopeOf } from "../../../static/js/pages/api_schema.js";

const named = {
  Label: { type: "object", properties: { id: { type: "integer" }, name: { type: "string" } }, required: ["id"] },
  Tree: { type: "object", properties: { next: { $ref: "#/components/schemas/Tree" } } },
};

test("schemas are told as the JSON they stand for", () => {
  assert.equal(schemaText({ type: "array", items: { $ref: "#/components/schemas/Label" } }, named), '[{\n  "id": integer,\n  "name"?: string\n}, …]');
  assert.equal(schemaText({ anyOf: [{ type: "string" }, { type: "null" }, { type: "string" }] }, named), "string | null");
  assert.equal(schemaText({ enum: ["rle", "polygon"] }, named), '"rle" | "polygon"');
  assert.equal(schemaText({ type: "array", items: { type: "string", format: "binary" } }, named), "[file, …]");
  assert.equal(schemaText(undefined, named), "any");
  assert.match(schemaText({ $ref: "#/components/schemas/Tree" }, named), /any/);
});

test("operations stand under their tag", () => {
  const operation = { tags: ["Jobs"] };
  const groups = byTag({ paths: { "/a": { get: operation, delete: {} }, "/b": { post: operation } } });
  assert.deepEqual([...groups.keys()], ["Jobs", "Other"]);
  assert.deepEqual(groups.get("Jobs").map((one) => `${one.method} ${one.path}`), ["get /a", "post /b"]);
});

test("examples are JSON with short values on one line", () => {
  const value = { id: "6f1f7a52-6a8e-4b0e-9c37-0d9b8f2f5a11", polygons: [[1, 1, 3, 1]], none: null, empty: [], more: { a: true } };
  assert.equal(
    jsonText(value),
    '{\n  "id": "6f1f7a52-6a8e-4b0e-9c37-0d9b8f2f5a11",\n  "polygons": [[1, 1, 3, 1]],\n  "none": null,\n  "empty": [],\n  "more": {"a": true}\n}',
  );
  assert.deepEqual(JSON.parse(jsonText(value)), value);
});

test("an operation names the scope that a token needs", () => {
  assert.equal(scopeOf({ security: [{ token: ["manage"] }, { session: [] }] }), "manage");
  assert.equal(scopeOf({}), "none");
});
