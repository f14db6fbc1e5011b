// Runs tiny models of every weight format with every setting that changes how the CPU plugin computes, in child
// processes, compares with f32, and prints what ends the process, what is wrong and what fails. Needs the built addon
// and dist/. All cases take half an hour of two cores.
//   node scripts/engine-matrix.mjs [--only REGEXP] [--markdown FILE] [--json FILE]
// --only: cases whose "section | model | setting" matches. The Markdown goes to stdout unless a file is named.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openBinding } from "../dist/native/binding.js";
import { parseCpuInfo } from "../dist/host/cpu-info.js";
import { describeFlags } from "../dist/host/kernels/instruction-sets.js";
import { allCases } from "./engine-matrix/cases.mjs";
import { runMatrix } from "./engine-matrix/matrix.mjs";
import { modelName } from "./engine-matrix/models.mjs";
import { jsonOf, markdownOf } from "./engine-matrix/report.mjs";

const text = { type: "string" };
const { values } = parseArgs({ options: { only: text, markdown: text, json: text } });
const only = new RegExp(values.only ?? "");
const cases = allCases().filter(({ section, model, setting }) =>
  only.test(`${section} | ${modelName(model)} | ${setting}`),
);

const root = mkdtempSync(join(tmpdir(), "openvino-llm-matrix-"));
process.once("exit", () => rmSync(root, { recursive: true, force: true }));
process.once("SIGINT", () => process.exit(130));

let done = 0;
const results = await runMatrix(cases, root, ({ section, model, setting, verdict, what }) => {
  done++;
  if (verdict !== "right") {
    process.stderr.write(
      `${done}/${cases.length} ${section} | ${model} | ${setting}: ${verdict} (${what})\n`,
    );
  }
});

const { model, threads } = parseCpuInfo(readFileSync("/proc/cpuinfo", "utf8"));
const cpu = `${model}, ${threads} hardware threads: ${describeFlags(openBinding().core.cpuFeatures())}`;
if (values.json !== undefined) writeFileSync(values.json, jsonOf(results, cpu));
const markdown = `${markdownOf(results, cpu)}\n`;
if (values.markdown === undefined) process.stdout.write(markdown);
else writeFileSync(values.markdown, markdown);
