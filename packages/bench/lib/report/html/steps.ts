/** The steps of an engine, as the stamps of its tokens show them. Pure. */
import { isCompleted } from "../../measure/metrics.js";
import type { RunRecord } from "../../measure/records.js";

/** One step: what it made for all requests that ran in it. */
export interface EngineStep {
  /** Start of the run → its tokens were there. */
  readonly atMs: number;
  /** Since the step before it; since a request was sent, where the engine had none before. */
  readonly stepMs: number;
  /** Requests that got a token: the batch. */
  readonly sequences: number;
  /** Tokens that were generated. */
  readonly tokens: number;
  /** Tokens of the prompts that were finished in it: those of the requests that got their first token. */
  readonly promptTokens: number;
}

/** Steps of like batches together. */
export interface StepGroup {
  readonly sequences: number;
  /** Steps that generated and finished no prompt. */
  readonly steps: readonly EngineStep[];
}

/** Stamps of one step are taken one after the other; between two steps lies an inference. */
const SAME_STEP_MS = 0.1;

interface Stamp {
  readonly atMs: number;
  readonly request: number;
  readonly sentMs: number;
  /** Of the prompt, with the first token; else 0. */
  readonly promptTokens: number;
}

/** The steps of a run of an engine in this process. Requests that failed are left out. */
export function stepsOf({ requests }: Pick<RunRecord, "requests">): EngineStep[] {
  const stamps: Stamp[] = requests
    .filter(isCompleted)
    .flatMap(({ index, sentMs, producedMs, promptTokens }) =>
      producedMs.map((ms, token) => ({
        atMs: sentMs + ms,
        request: index,
        sentMs,
        promptTokens: token === 0 ? promptTokens : 0,
      })),
    );
  stamps.sort((a, b) => a.atMs - b.atMs);
  const groups: Stamp[][] = [];
  for (const stamp of stamps) {
    const group = groups.at(-1);
    if (group !== undefined && isSameStep(group, stamp)) group.push(stamp);
    else groups.push([stamp]);
  }
  let endMs = 0;
  return groups.map((group) => {
    const atMs = group.at(-1)?.atMs ?? 0;
    const startMs = Math.max(endMs, Math.min(...group.map(({ sentMs }) => sentMs)));
    endMs = atMs;
    return {
      atMs,
      stepMs: atMs - startMs,
      sequences: new Set(group.map(({ request }) => request)).size,
      tokens: group.length,
      promptTokens: group.reduce((sum, stamp) => sum + stamp.promptTokens, 0),
    };
  });
}

/** Steps that only generated, by the size of their batch, the smallest first. */
export function stepGroups(steps: readonly EngineStep[]): StepGroup[] {
  const groups = new Map<number, EngineStep[]>();
  for (const step of steps.filter(({ promptTokens }) => promptTokens === 0)) {
    const group = groups.get(step.sequences);
    if (group === undefined) groups.set(step.sequences, [step]);
    else group.push(step);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([sequences, steps]) => ({ sequences, steps }));
}

/**
 * At most so many points for a drawing: steps within equal parts of the time become one, with the longest step, the
 * largest batch, and all tokens of prompts.
 */
export function condensedSteps(steps: readonly EngineStep[], most: number): EngineStep[] {
  const last = steps.at(-1);
  if (last === undefined || steps.length <= most) return [...steps];
  const parts = new Map<number, EngineStep>();
  for (const step of steps) {
    const part = Math.min(most - 1, Math.floor((step.atMs / last.atMs) * most));
    const found = parts.get(part);
    parts.set(part, found === undefined ? step : merged(found, step));
  }
  return [...parts.values()];
}

function merged(a: EngineStep, b: EngineStep): EngineStep {
  return {
    atMs: b.atMs,
    stepMs: Math.max(a.stepMs, b.stepMs),
    sequences: Math.max(a.sequences, b.sequences),
    tokens: Math.max(a.tokens, b.tokens),
    promptTokens: a.promptTokens + b.promptTokens,
  };
}

/** A request that has a token in a step gets another one only with the same stamp, as a draft that was accepted does. */
function isSameStep(group: readonly Stamp[], { atMs, request }: Stamp): boolean {
  const own = group.find((stamp) => stamp.request === request);
  if (own !== undefined) return atMs - own.atMs < 1e-6;
  return atMs - (group.at(-1)?.atMs ?? -Infinity) <= SAME_STEP_MS;
}
