import { notAnswered } from "../http/not-answered.js";
import { isCompleted, runMetrics } from "../measure/metrics.js";
import type { ProbeFigures, ProbeResult } from "./forecast.js";
import { levelOf, type OpenedTarget } from "../targets/open-target.js";
import type { BenchPlan } from "../plan/plan.js";
import type { RequestRecord } from "../measure/records.js";
import type { BenchRequest } from "../measure/target.js";

/** Tokens that each request of a probe generates at most: enough for a time per token. */
const PROBE_TOKENS = 8;

/**
 * Measures one request alone and the highest level's number of them at once, for an estimate of the whole.
 *
 * @throws (by rejection) OpenVinoLlmError ERR_SERVER where a server answers none of them
 */
export async function probeTarget(
  opened: OpenedTarget,
  { options, probe }: BenchPlan,
  signal: AbortSignal | undefined,
): Promise<ProbeResult> {
  const { prompts, facts } = opened;
  const outputLength = Math.min(PROBE_TOKENS, options.outputLength);
  const [warm, alone, ...together] = Array.from({ length: probe.numPrompts }, (_, index): BenchRequest => {
    return { prompt: prompts.prompt(probe.firstPrompt + index, options.inputLength), outputLength };
  });
  const probed: RequestRecord[] = [];
  const figuresOf = async (requests: readonly BenchRequest[], warmup: readonly BenchRequest[]) => {
    const concurrency = Math.max(1, requests.length);
    let figures: ProbeFigures = { ttftMs: 0, tpotMs: 0 };
    for await (const event of levelOf(opened, { concurrency, requests, warmup }, { signal })) {
      if (event.type !== "finished") continue;
      probed.push(...event.measurement.requests);
      const { ttftMs, tpotMs } = runMetrics(event.measurement);
      figures = { ttftMs: ttftMs.mean, tpotMs: tpotMs.mean };
    }
    return figures;
  };
  const single = await figuresOf(alone === undefined ? [] : [alone], warm === undefined ? [] : [warm]);
  const full = together.length > 1 ? await figuresOf(together, []) : single;
  if (facts.server !== null && !probed.some(isCompleted)) {
    throw notAnswered(facts.server, probed[0]?.error ?? "none was sent.");
  }
  return {
    target: facts.label,
    loadMs: facts.loadMs ?? 0,
    single,
    full: { ...full, concurrency: Math.max(1, together.length) },
  };
}
