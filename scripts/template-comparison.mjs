// Puts public chat templates, ten chats each, through this library's engine and GenAI's own, and says how many of the
// texts that Python's Jinja2 makes of them are the same. Needs dist/ and Python 3.11; fetches wheels (140 MB).
//   node scripts/template-comparison.mjs [--small] [--list] [--only ENGINE] [ARCHIVE...]
// --small: the wheels that the tests have, 4 MB. --list: each difference. ARCHIVE: further wheels or sdists with
// templates, as pip download fetches them. @huggingface/jinja takes part where `npm install --no-save` put it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Template } from "../dist/chat-template/template.js";
import { unzipWheel } from "../dist/download/python.js";
import { fetchWheel } from "../dist/download/wheels.js";
import { RUNTIME_WHEELS } from "../dist/runtime/pins.js";
import {
  collectTemplates,
  compareRows,
  partingOf,
  renderBy,
  renderByPython,
} from "./template-comparison/compare.mjs";
import { JINJA, LARGE_SOURCES, NUMPY, SMALL_SOURCES } from "./template-comparison/wheels.mjs";

const flag = { type: "boolean", default: false };
const { values, positionals } = parseArgs({
  options: { small: flag, list: flag, only: { type: "string" } },
  allowPositionals: true,
});

const site = mkdtempSync(join(tmpdir(), "openvino-llm-templates-"));
process.once("exit", () => rmSync(site, { recursive: true, force: true }));
process.once("SIGINT", () => process.exit(130));
for (const wheel of [...JINJA, ...Object.values(RUNTIME_WHEELS), NUMPY]) {
  await unzipWheel(await fetchWheel(wheel), site);
}
const python = { python: "python3.11", env: { PYTHONPATH: site, PYTHONNOUSERSITE: "1" } };

const sources = values.small ? SMALL_SOURCES : [...SMALL_SOURCES, ...LARGE_SOURCES];
const archives = [];
for (const wheel of sources) archives.push(await fetchWheel(wheel));
const templates = await collectTemplates(python, [...archives, ...positionals]);
const wanted = await renderByPython(python, "render.py", [], templates);

const tokenizer = new URL("../test/fixtures/tokenizers/qwen-3", import.meta.url).pathname;
const huggingFace = await import("@huggingface/jinja").catch(() => null);
const engines = [
  { name: "openvino-llm", render: () => renderBy(Template, templates) },
  {
    name: "OpenVINO GenAI",
    render: () => renderByPython(python, "genai.py", [tokenizer], templates),
  },
  ...(huggingFace
    ? [{ name: "@huggingface/jinja", render: () => renderBy(huggingFace.Template, templates) }]
    : []),
].filter(({ name }) => values.only === undefined || name === values.only);

console.log(`${templates.length} templates, ${templates.length * wanted[0].length} renderings`);
for (const { name, render } of engines) {
  const { counts, others } = compareRows(templates, wanted, await render());
  const { renderings, equal, refusedByBoth, refused, renderedAlone, differ } = counts;
  const percent = ((100 * equal) / renderings).toFixed(2);
  console.log(
    `${name}: ${equal} of the ${renderings} that Jinja2 renders (${percent} %); ${differ} differ, ${refused} are ` +
      `refused; of what Jinja2 refuses, ${refusedByBoth} are refused and ${renderedAlone} rendered`,
  );
  if (!values.list) continue;
  for (const other of others)
    console.log(`  ${other.verdict} ${other.id} | ${other.chat}: ${partingOf(other)}`);
}
