// How late the event loop is while many streams are answered, in a process of its own. Prints one JSON object per window:
// each follows an idle window of the same process, to be compared with.
// Usage: node event-loop.mjs JSON, an object with model, streams, rounds, idleMs, newTokens, promptTokens and seed.
import { setTimeout as sleep } from "node:timers/promises";
import { ContinuousBatchingPipeline } from "../../dist/index.js";
import { randomNumbers } from "../../scripts/random-numbers.mjs";
import { watchDelay } from "../shared/own-process.mjs";
import { closedLoop, WARMUP_TOKENS } from "./closed-loop.mjs";
import { drawLevel } from "./prompts.mjs";

const { model, streams, rounds, idleMs, newTokens, promptTokens, seed } = JSON.parse(process.argv[2] ?? "");
const random = randomNumbers(seed);
const draw = () => drawLevel({ streams, requestsPerStream: 1, promptTokens }, random);

const engine = await ContinuousBatchingPipeline.load(model);
try {
  await closedLoop(engine, { streams, prompts: draw().warmup, newTokens: WARMUP_TOKENS });
  for (let round = 0; round < rounds; round++) {
    const { prompts } = draw();
    const idle = await watchDelay(() => sleep(idleMs));
    const busy = await watchDelay(() => closedLoop(engine, { streams, prompts, newTokens }));
    const { p50Ms, p99Ms } = idle.delay;
    const row = { phase: `${streams} streams`, ...busy.delay, idleP50Ms: p50Ms, idleP99Ms: p99Ms };
    process.stdout.write(`${JSON.stringify(row)}\n`);
  }
} finally {
  await engine.close();
}
