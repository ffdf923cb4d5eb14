import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const STATIC = join(ROOT, "static");

/** @param {string} file @param {Set<string>} seen */
function follow(file, seen) {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, "utf8");
  for (const [, path] of text.matchAll(/^(?:import|export)\s(?:[^;]*?\sfrom\s+)?"(\.[^"]+)"/gm)) {
    follow(resolve(dirname(file), path), seen);
  }
  return seen;
}

test("the annotate page preloads exactly the modules that it imports", () => {
  const entry = join(STATIC, "js/pages/annotate.js");
  const imported = [...follow(entry, new Set())].filter((file) => file !== entry);
  const template = readFileSync(join(ROOT, "templates/parts/annotate_modules.html"), "utf8");
  const listed = [...template.matchAll(/static '([^']+)'/g)].map(([, path]) => path);
  assert.deepEqual(listed.sort(), imported.map((file) => relative(STATIC, file)).sort());
});
