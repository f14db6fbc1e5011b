/**
 * The article's load in pieces: three repeats take longer than a machine often stands still.
 *
 *     node benchmarks/article/run.mjs <arm> <results folder> [--minutes 8] [--models a,b] [--levels 1,2,4,8]
 *
 * Each call begins the benchmark or goes on with it, and ends after so many minutes; the run that it was at is measured anew by
 * the next call. Needs a built checkout, the models of `models synth` (--models: others, such as real ones) and a machine that
 * does nothing else. "phi-tuned" needs the profiles of `bench tune`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
/** Of `bench` at Ctrl-C: what is done is kept. */
const EXIT_INTERRUPTED = 130;
const PHI = ["phi-4-mini-random-int4", "phi-4-mini-random-int8"];
const GPT_OSS = ["gpt-oss-20b-random-3-of-24-layers-int4", "gpt-oss-20b-random-3-of-24-layers-int8"];
const F32 = "--property INFERENCE_PRECISION_HINT=f32 --property DYNAMIC_QUANTIZATION_GROUP_SIZE=64";
const ARMS = {
  phi: { models: PHI, flags: "" },
  "phi-f32": { models: PHI, flags: F32 },
  "phi-tuned": { models: PHI, flags: "--profile auto" },
  "gpt-oss": { models: GPT_OSS, flags: "" },
};
const LOAD = "--prompts-per-concurrency 2 --repeats 3";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "8" },
    models: { type: "string" },
    levels: { type: "string", default: "1,2,4,8" },
  },
});
const [name, folder] = positionals;
const arm = ARMS[name];
const minutes = Number(values.minutes);
if (arm === undefined || folder === undefined || !(minutes > 0)) {
  throw new Error(
    `Expected one of ${Object.keys(ARMS).join(", ")}, a folder for the results and a positive number of --minutes.`,
  );
}
const path = resolve(folder);
const args = existsSync(path)
  ? ["--resume", path]
  : [
      ...(values.models?.split(",") ?? arm.models),
      ...`--levels ${values.levels} ${LOAD} ${arm.flags}`.trim().split(" "),
      "--out",
      path,
    ];
const child = spawn(process.execPath, [MAIN, "bench", ...args], { stdio: "inherit" });
const limit = setTimeout(() => child.kill("SIGINT"), minutes * 60_000);
const [code] = await once(child, "exit");
clearTimeout(limit);
if (code === EXIT_INTERRUPTED) process.stderr.write("Not finished. The same command goes on with it.\n");
process.exitCode = code ?? 1;
