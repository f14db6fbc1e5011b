// Spoils the files of models by seed and loads them, for as long as one likes. Prints every case that ends its process,
// hangs, or gives an error that is not for users; exit code 1 when there was one.
//   npm run fuzz -- [--seconds 600] [--seed 1] [--jobs 2] [--models chain,chain-gguf,smollm2]
// To see one case again: --models and --seed of its name, and --seconds 1. Needs the built addon and dist/.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededCase } from "../test/robustness/hostile-cases.mjs";
import { makeSources, runCases } from "../test/robustness/hostile-run.mjs";

/** Cases of each model in one round: SmolLM2 takes some twenty times as long as the chain model. */
const ROUND = { chain: 60, "chain-gguf": 20, smollm2: 4 };
const LIMIT_MS = 120_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    jobs: { type: "string", default: String(Math.min(availableParallelism(), 4)) },
    models: { type: "string", default: Object.keys(ROUND).join(",") },
  },
});
const models = values.models.split(",");
const [seconds, seed, jobs] = [values.seconds, values.seed, values.jobs].map(Number);
const unknown = models.filter((model) => !Object.hasOwn(ROUND, model));
if (
  unknown.length > 0 ||
  ![seconds, seed, jobs].every((number) => Number.isSafeInteger(number) && number >= 0)
) {
  process.stderr.write("usage: npm run fuzz -- [--seconds N] [--seed S] [--jobs N] [--models chain,…]\n");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "openvino-llm-fuzz-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
process.once("SIGINT", () => process.exit(130));
const sources = await makeSources(folder);
process.stdout.write(`seed ${seed}\n`);

const counts = {};
let faulty = 0;
const onResult = ({ case: { name, model }, outcome, signal, alone, code, message, stderr, faults }) => {
  const what = `${model}: ${outcome}${code === undefined ? "" : ` ${code}`}`;
  counts[what] = (counts[what] ?? 0) + 1;
  if (faults.length === 0) return;
  faulty++;
  const how = signal === undefined ? "" : ` ${signal}${alone ? "" : " (only after other cases)"}`;
  process.stdout.write(`${name}: ${faults.join(", ")}${how}\n${message ?? stderr ?? ""}\n`);
};

const until = performance.now() + seconds * 1000;
for (let round = 0; performance.now() < until; round++) {
  const cases = models.flatMap((model) =>
    Array.from({ length: ROUND[model] }, (_, i) => seededCase(model, seed + round * ROUND[model] + i)),
  );
  await runCases(cases, { sources, limitMs: LIMIT_MS, jobs, onResult });
}
for (const what of Object.keys(counts).sort()) process.stdout.write(`${what}: ${counts[what]}\n`);
process.stdout.write(`${faulty} of ${Object.values(counts).reduce((a, b) => a + b, 0)} cases are faulty\n`);
process.exitCode = faulty > 0 ? 1 : 0;
