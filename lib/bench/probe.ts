import { runMetrics } from "./metrics.js";
import type { ProbeFigures, ProbeResult } from "./forecast.js";
import type { OpenedTarget } from "./open-target.js";
import type { BenchPlan } from "./plan.js";
import { runLevel } from "./run-level.js";
import type { BenchRequest } from "./target.js";

/** Tokens that each request of a probe generates at most: enough for a time per token. */
const PROBE_TOKENS = 8;

/** Measures one request alone and the highest level's number of them at once, for an estimate of the whole. */
export async function probeTarget(
  { target, prompts, facts }: OpenedTarget,
  { options, probe }: BenchPlan,
  signal: AbortSignal | undefined,
): Promise<ProbeResult> {
  const outputLength = Math.min(PROBE_TOKENS, options.outputLength);
  const [warm, alone, ...together] = Array.from({ length: probe.numPrompts }, (_, index): BenchRequest => {
    return { prompt: prompts.prompt(probe.firstPrompt + index, options.inputLength), outputLength };
  });
  const figuresOf = async (requests: readonly BenchRequest[], warmup: readonly BenchRequest[]) => {
    const concurrency = Math.max(1, requests.length);
    let figures: ProbeFigures = { ttftMs: 0, tpotMs: 0 };
    for await (const event of runLevel(target, { concurrency, requests, warmup }, { signal })) {
      if (event.type !== "finished") continue;
      const { ttftMs, tpotMs } = runMetrics(event.measurement);
      figures = { ttftMs: ttftMs.mean, tpotMs: tpotMs.mean };
    }
    return figures;
  };
  const single = await figuresOf(alone === undefined ? [] : [alone], warm === undefined ? [] : [warm]);
  const full = together.length > 1 ? await figuresOf(together, []) : single;
  return {
    target: facts.label,
    loadMs: facts.loadMs ?? 0,
    single,
    full: { ...full, concurrency: Math.max(1, together.length) },
  };
}
