// What quantisation costs a model in quality: perplexity on a fixed text and agreement with the same model in FP16.
//   node packages/model-tools/quality/run.mjs MODEL [--work DIR] [--only fp16,int8,...] [--out DIR] [--docs]
// MODEL is a checkpoint folder or a .gguf file of SmolLM2-135M-Instruct or another small model; its variants are prepared
// in the work folder where they are not there yet, which takes minutes each. Needs a built checkout and the Python
// environment of `models prepare`, which is made the first time. --docs also puts the summary into docs/prepare.md.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { writeManifest } from "../../../dist/models/files/manifest.js";
import { findEnvironment } from "../dist/prepare/environment.js";
import { prepareModel } from "../dist/prepare/prepare.js";
import { someOf } from "../../../benchmarks/shared/options.mjs";
import { openResults, runMain, say } from "../../../benchmarks/shared/results.mjs";
import { figuresOf, summaryOf } from "./report.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..", "..");
const TEXT = join(here, "text.txt");
const CALIBRATION = join(here, "calibration.txt");
const DOCS = join(root, "docs", "prepare.md");
/** Tokens that a model sees at once. */
const WINDOW = 512;
/** Without a data set of the hub, so that every machine can repeat it. */
const SAMPLES = 16;

const FOUR_BITS = { weightFormat: "int4", sym: true, ratio: 1, groupSize: 64 };
const CALIBRATED = { ...FOUR_BITS, awq: true, scaleEstimation: true, numSamples: SAMPLES };

/** The first is what the others are compared with. Groups of 64, because 128 does not divide SmolLM2's width of 576. */
const VARIANTS = {
  fp16: { weightFormat: "fp16" },
  int8: { weightFormat: "int8" },
  "int4-g64": FOUR_BITS,
  "int4-g64-awq": { ...FOUR_BITS, awq: true },
  "int4-g64-awq-se": { ...CALIBRATED, dataset: CALIBRATION },
  "int4-g64-awq-se-auto": { ...CALIBRATED, dataset: "auto" },
  "int8-static": { preset: "amx-int8" },
  "int8-static-0.5": { preset: "amx-int8", smoothQuantAlpha: 0.5 },
  "int8-static-0.95": { preset: "amx-int8", smoothQuantAlpha: 0.95 },
};

await runMain(main);

async function main() {
  const { model, work, only, out, docs } = readOptions();
  const { rows, record, finish } = await openResults({ bench: "quality", out, seed: 0 });
  await mkdir(work, { recursive: true });
  const prepared = [];
  for (const name of only) {
    const folder = join(work, name);
    say(`${name}: ${folder}`);
    const options = { ...VARIANTS[name], out: folder, name };
    prepared.push(await prepareModel(model, options));
  }
  const text = await readFile(TEXT);
  const environment = await findEnvironment();
  if (environment === null)
    throw new Error("The Python environment of `models prepare` is not in this cache.");
  const args = [join(here, "evaluate.py"), TEXT, String(WINDOW), ...prepared.map(({ dir }) => dir)];
  const { stdout } = await promisify(execFile)(environment.python, args, { maxBuffer: 1 << 28 });
  const answers = JSON.parse(stdout);
  await record({ part: "text", sha256: createHash("sha256").update(text).digest("hex"), window: WINDOW });
  for (const [i, { dir, manifest }] of prepared.entries()) {
    const figures = figuresOf(answers[i], answers[0]);
    const { preparation, files } = manifest;
    const bytes = files.find(({ name }) => name === "openvino_model.bin").sizeBytes;
    const { seconds, peakMemoryBytes, options } = preparation;
    await record({ part: "variant", name: only[i], bytes, seconds, peakMemoryBytes, options, ...figures });
    const measured = new Date().toISOString();
    await writeManifest(dir, {
      ...manifest,
      quality: { reference: only[0], text: "packages/model-tools/quality/text.txt", measured, ...figures },
    });
  }
  const summary = summaryOf(rows);
  await finish(summary, { docs: false });
  if (docs) await writeDocs(summary);
}

async function writeDocs(summary) {
  const [begin, end] = [
    "<!-- figures of packages/model-tools/quality -->\n",
    "<!-- end of figures of packages/model-tools/quality -->",
  ];
  const [before, rest] = (await readFile(DOCS, "utf8")).split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined)
    throw new Error(`Expected the marks of the figures of packages/model-tools/quality in ${DOCS}.`);
  await writeFile(DOCS, `${before}${begin}\n${summary}\n${end}${after}`);
}

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      work: { type: "string", default: join(root, "benchmarks", "results", "quality-models") },
      only: { type: "string", default: Object.keys(VARIANTS).join() },
      out: { type: "string" },
      docs: { type: "boolean", default: false },
    },
  });
  const [model] = positionals;
  if (model === undefined) throw new Error("Expected a checkpoint folder or a .gguf file as argument.");
  return {
    ...values,
    model: resolve(model),
    work: resolve(values.work),
    only: [...someOf("--only", values.only, Object.keys(VARIANTS))],
  };
}
