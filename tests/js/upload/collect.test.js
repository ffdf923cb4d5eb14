import assert from "node:assert/strict";
import { test } from "node:test";
import { filesOfDrop, filesOfPaste, hasFiles, isLeftover } from "../../../static/js/upload/collect.js";
import { readAnswer } from "../../../static/js/upload/transport.js";

const file = (name, type = "image/png") => new File(["x"], name, { type });
const fileEntry = (name) => ({ name, isFile: true, isDirectory: false, file: (give) => give(file(name)) });
const folder = (name, children) => ({
  name,
  isFile: false,
  isDirectory: true,
  createReader() {
    const pieces = [children.slice(0, 2), children.slice(2), []];
    return { readEntries: (give) => give(pieces.shift()) };
  },
});
const item = (entry) => ({ kind: "file", webkitGetAsEntry: () => entry });

test("folders are walked to their end, without the system's leftovers", async () => {
  const tree = folder("photos", [fileEntry("a.png"), fileEntry(".DS_Store"), folder("inner", [fileEntry("b.png"), fileEntry("Thumbs.db")]), fileEntry("c.png")]);
  const files = await filesOfDrop({ items: [item(tree), item(fileEntry("d.png"))], files: [] });
  assert.deepEqual(files.map((one) => one.name), ["a.png", "b.png", "c.png", "d.png"]);
});

test("plain files are taken as they are", async () => {
  const files = [file("a.png"), file(".hidden")];
  assert.deepEqual(await filesOfDrop({ items: [item(fileEntry("a.png"))], files }), files);
  assert.ok(isLeftover(".hidden"));
});

test("a pasted screenshot gets a name of its own", () => {
  const now = new Date("2030-01-02T03:04:05Z");
  const pasted = filesOfPaste({ files: [file("image.png"), file("cat.jpg", "image/jpeg"), file("notes.txt", "text/plain")] }, now);
  assert.deepEqual(pasted.map((one) => one.name), ["Pasted 2030-01-02 03-04-05.png", "cat.jpg"]);
});

test("only drags of files count", () => {
  assert.equal(hasFiles({ types: ["text/plain"] }), false);
  assert.equal(hasFiles({ types: ["Files"] }), true);
  assert.equal(hasFiles(null), false);
});

const answer = (status, body, headers = {}) => ({ status, responseText: typeof body === "string" ? body : JSON.stringify(body), getResponseHeader: (name) => headers[name] ?? null });

test("answers become images, refusals or errors", () => {
  assert.deepEqual(readAnswer(answer(201, { items: [{ id: 1, duplicate: false }], errors: [] })), { image: { id: 1, duplicate: false }, duplicate: false });
  assert.deepEqual(readAnswer(answer(200, { items: [], errors: [{ message: "Empty." }] })), { refused: "Empty." });
  assert.deepEqual(readAnswer(answer(413, { error: { message: "Too large." } })), { refused: "Too large." });
  assert.throws(() => readAnswer(answer(503, "<html>", { "Retry-After": "2" })), { status: 503, retryAfter: 2000 });
  assert.throws(() => readAnswer(answer(507, {})), /disk space/);
});
