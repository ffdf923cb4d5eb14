/**
 * docs/keys.md, made from the keys that the annotate page binds. Run it to write the file anew:
 * `node tests/js/support/keys_page.js > docs/keys.md`
 */
import { fileURLToPath } from "node:url";
import { keysOf } from "../../../static/js/pages/annotate/feature.js";
import { FEATURES } from "../../../static/js/pages/annotate/features.js";
import { actionsOf } from "../../../static/js/ui/key_rules.js";

/** Stands for every part of the page: nothing is done here. @type {any} */
const anything = new Proxy(() => anything, { get: () => anything });

/** Every key of the annotate page. */
export const keys = keysOf(FEATURES, anything, Object.fromEntries(FEATURES.map(({ id }) => [id, anything])));

/** @param {string} key */
const code = (key) => (key.includes("`") ? `\`\` ${key} \`\`` : `\`${key.replace("|", "\\|")}\``);

/** Text of the page. */
export function keysPage() {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  const changeable = new Set(actionsOf(keys).filter(({ fixed }) => !fixed));
  for (const shortcut of keys) {
    const shown = (shortcut.shown ?? shortcut.keys).map((text) => (/click|drag|wheel|touch|hold/i.test(text) ? text : code(text)));
    const note = shortcut.run && !changeable.has(shortcut) ? "always" : changeable.has(shortcut) ? "" : "mouse";
    const row = `| ${shown.join(", ")} | ${shortcut.does} | ${note === "always" ? "no" : note === "mouse" ? "" : "yes"} |`;
    groups.set(shortcut.group, [...(groups.get(shortcut.group) ?? []), row]);
  }
  const tables = [...groups].map(([name, rows]) => `## ${name}\n\n| keys and mouse | what they do | can be changed |\n|---|---|---|\n${rows.join("\n")}\n`);
  return `${HEAD}\n${tables.join("\n")}`;
}

const HEAD = `# Keys

Every key of the annotate page. \`?\` or \`F1\` shows this list there, with your own changes; *Change keys…* below it gives an
action another key. A key does one thing: one that is taken, or that belongs to the browser, is refused with the reason. Your
keys are kept on the server and go with you to every browser; *Reset* gives one action its own keys back, *Reset all* every
action. On a Mac, Command does what Ctrl does.

Programs read and set the same by \`GET\` and \`PATCH /api/me/preferences\`:

\`\`\`json
{"keys": {"tool-brush": ["W"]}}
\`\`\`
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(keysPage());
