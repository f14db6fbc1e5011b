/** Compares two models, settings or servers by measuring them in turns. */
import {
  checkOptionValue,
  invalidArgType,
  outOfRange,
  plainObjectEntries,
  unknownOption,
} from "openvino-llm/internal";
import type { OptionCheck } from "openvino-llm/internal";
import { loadDifferences } from "../compare/compare-settings.js";
import type { HttpAccess } from "../http/client.js";
import { planBench, promptCount } from "../plan/plan.js";
import type { BenchOptions } from "../plan/bench-options.js";
import { captureEnvironment } from "../results/environment.js";
import { compareInTurns, type MeasuredSample } from "./compare-in-turns.js";
import type { LiveComparison, LiveOptions, LiveSide } from "./live-comparison.js";
import { LiveTargets, type PlannedSide } from "./live-targets.js";

/** How it is done. */
export interface LiveContext {
  /** Receives every measurement. */
  readonly onSample?: ((sample: MeasuredSample) => void) | undefined;
  /** Ends it; with three blocks or more there is a comparison all the same. */
  readonly signal?: AbortSignal | undefined;
  /** Who may use the servers; it is in no result. */
  readonly access?: HttpAccess | undefined;
}

const CHECKS: Readonly<Record<keyof LiveOptions, OptionCheck>> = {
  thresholdPercent: { kind: "float", range: { min: 0 } },
  budgetMs: { kind: "float", range: { above: 0 } },
  mostBlocks: { kind: "size", range: { min: 3, max: 1000 } },
};

/** What a measurement is where nothing is said: one request alone and eight at once, two waves. */
export const LIVE_DEFAULTS: BenchOptions = { levels: [1, 8], promptsPerConcurrency: 2 };

/**
 * Measures both in mirrored blocks (A B B A) and says by how much B is faster or slower: throughput, TTFT and TPOT at each
 * level, by a ratio of each block with Student's interval on the logarithms. All intervals of all figures and looks hold the
 * truth together with 99 %. A figure is "faster" or "slower" where its ratio is beyond the threshold and its interval leaves
 * out 1, else "same". Models run in a process each; both are loaded where memory holds them, else each turn is a load.
 *
 * @throws (by rejection) TypeError, RangeError for options, and where the sides have different loads; what opening a side
 *   gives; OpenVinoLlmError where no request of a measurement completes; AbortError before three blocks
 */
export async function compareLive(
  a: LiveSide,
  b: LiveSide,
  options: LiveOptions = {},
  { onSample, signal, access = {} }: LiveContext = {},
): Promise<LiveComparison> {
  for (const [name, value] of plainObjectEntries("options", options)) {
    if (!Object.hasOwn(CHECKS, name)) throw unknownOption(`options.${name}`, name, value, CHECKS);
    if (value !== undefined)
      checkOptionValue(`options.${name}`, CHECKS[name as keyof LiveOptions], value, null);
  }
  const sides = { a: plannedSide(a), b: plannedSide(b) };
  const otherLoad = loadDifferences(sides.a.options, sides.b.options);
  if (otherLoad.length > 0) throw outOfRange("b.options", "the same load as a.options", otherLoad.join("; "));
  const created = new Date().toISOString();
  const environment = await captureEnvironment();
  const { levels, seed, inputLength, outputLength } = sides.a.options;
  const { thresholdPercent = 5, budgetMs = 600_000, mostBlocks = 32 } = options;
  const targets = await LiveTargets.create(sides, access, signal);
  try {
    const turns = { levels, thresholdPercent, budgetMs, mostBlocks, seed, onSample };
    const result = await compareInTurns(targets, turns);
    return {
      schema: 1,
      created,
      ...result,
      sides: {
        a: { name: a.name, facts: targets.factsOf("a") },
        b: { name: b.name, facts: targets.factsOf("b") },
      },
      load: {
        inputLength,
        outputLength,
        numPrompts: levels.map((level) => promptCount(level, sides.a.options)),
        stamps: targets.stamps,
      },
      isBothLoaded: targets.isBothLoaded,
      environment,
    };
  } finally {
    await targets.close();
  }
}

/** A side that can be opened; of `http` beside the process it is the server's part. */
function plannedSide({ model, options = {} }: LiveSide): PlannedSide {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const plan = planBench([model], "preset" in given ? given : { ...LIVE_DEFAULTS, ...given });
  const { targets } = plan;
  const target = targets.find(({ http }) => http) ?? targets[0];
  if (target === undefined || (plan.options.http === null && targets.length > 1)) {
    throw invalidArgType(
      "options",
      "a single target",
      options,
      "Leave out serve, isaCompare and more than one of maxNumBatchedTokens.",
    );
  }
  return { target, options: plan.options };
}
