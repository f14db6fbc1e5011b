// Draws configurations of the scheduler and loads of requests by seed and runs them on chain models in child processes,
// for as long as one likes. Prints every case that ends its process, hangs, answers wrongly, fails without a reason, or
// leaves an engine that does not answer or count correctly; exit code 1 when there was one.
//   node scripts/scheduler-search.mjs [--seconds 600] [--seed 1] [--cases N]
// To see one case again: --seed of its line and --cases 1. Needs the built addon and dist/.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drawCase } from "./scheduler-search/cases.mjs";
import { makeModels, runCases } from "./scheduler-search/run.mjs";

const ROUND = 25;
const LIMIT_MS = 120_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    cases: { type: "string", default: String(Number.MAX_SAFE_INTEGER) },
  },
});
const [seconds, first, most] = [values.seconds, values.seed, values.cases].map(Number);
if (![seconds, first, most].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  process.stderr.write("usage: node scripts/scheduler-search.mjs [--seconds N] [--seed S] [--cases N]\n");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "openvino-llm-search-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
const models = await makeModels(folder);
process.stdout.write(`seed ${first}\n`);

const totals = {};
const counts = { done: 0, faulty: 0 };
const onResult = ({ seed, endings, faults }) => {
  counts.done++;
  for (const [ending, count] of Object.entries(endings)) totals[ending] = (totals[ending] ?? 0) + count;
  if (faults.length === 0) return;
  counts.faulty++;
  const { load, model } = drawCase(seed);
  process.stdout.write(
    `--seed ${seed} --cases 1: ${JSON.stringify(load)} ${model}\n  ${faults.join("\n  ")}\n`,
  );
};

const begin = performance.now();
while (counts.done < most && performance.now() - begin < seconds * 1000) {
  const count = Math.min(ROUND, most - counts.done);
  const from = first + counts.done;
  await runCases(
    Array.from({ length: count }, (_, i) => from + i),
    { models, limitMs: LIMIT_MS, onResult },
  );
}
for (const ending of Object.keys(totals).sort()) process.stdout.write(`${ending}: ${totals[ending]}\n`);
const requests = Object.values(totals).reduce((a, b) => a + b, 0);
const took = Math.round((performance.now() - begin) / 1000);
process.stdout.write(
  `${counts.faulty} of ${counts.done} cases are faulty; ${requests} requests, ${took} s\n`,
);
process.exitCode = counts.faulty > 0 ? 1 : 0;
