// How long the weight layers of a language model take by format of the weights, arithmetic and tokens in a step: the evidence
// for lib/profiles/performance-hints.ts, and for what was tried to have AMX in the prefill and VNNI in the decoding.
//   node benchmarks/weight-layers/run.mjs [--formats "int8 by rows,int4 in groups of 32"] [--layers 8] [--repetitions 7]
//     [--quick] [--out DIR] [--docs]
// Needs a built checkout and Python's openvino (see ../shared/python-genai.mjs), some 6 GB of memory and about ten minutes.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { findPythonGenai } from "../shared/python-genai.mjs";
import { groups, machineSection, table } from "../shared/report.mjs";
import { someOf, wholeNumber } from "../shared/options.mjs";
import { openResults, runMain, say } from "../shared/results.mjs";
import { median } from "../shared/statistics.mjs";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("layers.py", import.meta.url));
const FORMATS = [
  "int8 by rows",
  "int8 in groups of 32",
  "int4 by rows",
  "int4 in groups of 128",
  "int4 in groups of 32",
];
const ARMS = { default: "default", dynamic: "f32, dynamic", f32: "f32", branches: "both branches" };
const TOKENS = { full: [1, 4, 8, 16, 32, 128, 256], quick: [1, 128] };

await runMain(main);

async function main() {
  const { values } = parseArgs({
    options: {
      formats: { type: "string", default: FORMATS.join(",") },
      layers: { type: "string", default: "8" },
      repetitions: { type: "string", default: "7" },
      quick: { type: "boolean", default: false },
      out: { type: "string" },
      docs: { type: "boolean", default: false },
    },
  });
  const layers = wholeNumber("--layers", values.layers, 1);
  const repetitions = wholeNumber("--repetitions", values.repetitions, 1);
  const found = await findPythonGenai();
  if ("missing" in found) throw new Error(`Python's openvino cannot be used: ${found.missing}`);
  const { rows, record, finish } = await openResults({ bench: "weight-layers", out: values.out, seed: 0 });
  await record({ part: "setting", layers, repetitions });
  for (const format of someOf("--formats", values.formats, FORMATS)) {
    say(format);
    const trial = { format, layers, tokens: TOKENS[values.quick ? "quick" : "full"], repetitions };
    const { stdout } = await run(found.python, [SCRIPT, JSON.stringify(trial)], { env: found.env });
    for (const line of stdout.trim().split("\n")) await record({ format, ...JSON.parse(line) });
  }
  await finish(summaryOf(rows), { docs: values.docs });
}

function summaryOf(rows) {
  const { layers, repetitions } = rows.find((row) => row.part === "setting");
  const times = groups(
    rows.filter((row) => row.part === "time"),
    (row) => row.format,
  );
  const sections = [...times].map(([format, ofFormat]) => [
    table(
      [
        `${format}: tokens in a step`,
        ...Object.values(ARMS).map((arm) => `${arm}, ms`),
        "default / dynamic",
        "its kernel",
        "error of default, dynamic",
      ],
      [...groups(ofFormat, (row) => row.tokens)].map(([tokens, ofTokens]) => cells(tokens, ofTokens)),
    ),
    "",
    `Memory, MiB: ${memoryOf(rows, format)}.`,
  ]);
  return [
    machineSection(rows[0]),
    `- ${layers} feed-forward layers of 2,048 and 8,192; medians of ${repetitions} inferences of each, one after the other in turns`,
    ...sections.flatMap((section) => ["", ...section]),
  ].join("\n");
}

function cells(tokens, rows) {
  const of = (arm) => rows.find((row) => row.arm === arm);
  const ms = (arm) => median(of(arm).ms);
  const error = (arm) => of(arm).error.toPrecision(2);
  return [
    String(tokens),
    ...Object.keys(ARMS).map((arm) => ms(arm).toFixed(1)),
    (ms("default") / ms("dynamic")).toFixed(2),
    `\`${of("default").kernel}\``,
    `${error("default")}, ${error("dynamic")}`,
  ];
}

function memoryOf(rows, format) {
  const of = rows.filter((row) => row.part === "memory" && row.format === format);
  return Object.entries(ARMS)
    .map(([arm, name]) => `${name} ${of.find((row) => row.arm === arm).mib.toFixed(0)}`)
    .join(", ");
}
