// One trial of this library, in a process of its own: closed loops of so many streams, one level after the other. Prints
// one JSON object.
// Usage: node ours.mjs < JSON, an object with model, engine ("batching" or "pipeline"), scheduler (options of the former),
// newTokens and levels (as prompts.mjs draws them).
import { readFileSync } from "node:fs";
import { ContinuousBatchingPipeline, LLMPipeline } from "../../dist/index.js";
import { costPerToken, cpuSeconds, peakRssKiB, watchOwnCost } from "../shared/own-process.mjs";
import { closedLoop, WARMUP_TOKENS } from "./closed-loop.mjs";

const { model, engine, scheduler, newTokens, levels } = JSON.parse(readFileSync(0, "utf8"));
const account = watchOwnCost();
const llm =
  engine === "pipeline"
    ? await LLMPipeline.load(model)
    : await ContinuousBatchingPipeline.load(model, { scheduler });
try {
  const measured = [];
  for (const level of levels) measured.push(await measure(level));
  process.stdout.write(`${JSON.stringify({ levels: measured, cpuSeconds: cpuSeconds() })}\n`);
} finally {
  await llm.close();
}

async function measure({ streams, warmup, prompts }) {
  await closedLoop(llm, { streams, prompts: warmup, newTokens: WARMUP_TOKENS });
  const [before, cpuBefore] = [account(), cpuSeconds()];
  const { durationMs, answers } = await closedLoop(llm, { streams, prompts, newTokens });
  const [after, cpuAfter] = [account(), cpuSeconds()];
  const tokens = answers.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
  return {
    streams,
    durationMs,
    cpuMs: (cpuAfter - cpuBefore) * 1e3,
    ttftMs: answers.map(({ ttftMs }) => ttftMs),
    tokenIds: answers.map(({ tokenIds }) => tokenIds),
    textBytes: answers.map(({ text }) => Buffer.byteLength(text)),
    cost: costPerToken(before, after, tokens),
    peakRssKiB: peakRssKiB(),
  };
}
