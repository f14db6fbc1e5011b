/** Finds how many users, and how many requests per second, a model serves within service levels. */
import {
  checkOptionValue,
  invalidArgType,
  plainObjectEntries,
  unknownOption,
  type OptionCheck,
} from "openvino-llm/internal";
import { targetOpener } from "../http/open-http-target.js";
import { planBench } from "../plan/plan.js";
import type { BenchOptions } from "../plan/bench-options.js";
import { captureEnvironment } from "../results/environment.js";
import type { OpenTarget } from "../targets/open-target.js";
import type { CapacityCurve, CapacityOptions, CapacityReport } from "./capacity-report.js";
import { CapacityTarget } from "./capacity-target.js";
import { CAPACITY_ERROR, searchCapacity, type CapacityEvent, type LoadSpace } from "./search-capacity.js";

/** How it is done. */
export interface CapacityContext {
  /** Receives the events of the search. */
  readonly onEvent?: ((event: CapacityEvent) => void) | undefined;
  /** Ends it; what is found by then is kept. */
  readonly signal?: AbortSignal | undefined;
  /** How the model is made ready. Default: loaded in this process, or asked for over HTTP, as the options say. */
  readonly open?: OpenTarget | undefined;
}

const OWN: Readonly<Record<string, OptionCheck>> = {
  share: { kind: "float", range: { above: 0, below: 1 } },
  budgetMs: { kind: "float", range: { above: 0 } },
  maxUsers: { kind: "size", range: { min: 1, max: 65_536 } },
};
const OF_BENCH = {
  engine: 1,
  inputLength: 1,
  outputLength: 1,
  rangeRatio: 1,
  seed: 1,
  serviceLevels: 1,
  dataset: 1,
  device: 1,
  properties: 1,
  profile: 1,
  performanceHint: 1,
  scheduler: 1,
  promptLookup: 1,
  http: 1,
} as const;
/** The part of the budget that users get; what they leave over is for the rate. */
const USERS_SHARE = 0.5;

/**
 * Searches the highest number of users at once (a closed loop), and then the highest rate of requests (a Poisson process),
 * at which a share of all requests keeps the service levels. Each of both answers is wrong with a chance of 5 % at most, over
 * all loads that are decided and all looks at them. What chance alone may have put ahead is not claimed: with a share of 0.99
 * some 440 requests in a row have to be good.
 *
 * @param model - as `load()` takes it; with `http` what the server calls it
 * @throws (by rejection) TypeError, RangeError for options; what opening the model gives; OpenVinoLlmError where the first
 *   request fails; AbortError where it is aborted while the model is loaded
 */
export async function findCapacity(
  model: string,
  options: CapacityOptions = {},
  { onEvent, signal, open = targetOpener() }: CapacityContext = {},
): Promise<CapacityReport> {
  const plan = planBench([model], benchOptionsOf(options));
  const { share = 0.99, budgetMs = 1_200_000, maxUsers = 1024 } = options;
  const { serviceLevels, inputLength, outputLength, rangeRatio, dataset, seed } = plan.options;
  const target = plan.targets.find(({ http }) => http) ?? plan.targets[0];
  if (target === undefined) throw invalidArgType("model", "the path or name of a model", model);
  const created = new Date().toISOString();
  const environment = await captureEnvironment();
  const opened = await open(target, plan.options, signal);
  try {
    const engine = new CapacityTarget(opened, plan.options, signal);
    const startMs = engine.nowMs();
    const endMs = startMs + budgetMs;
    const searchOptions = { share, onEvent };
    const users = await searchCapacity(engine, userSpace(maxUsers), {
      ...searchOptions,
      endMs: startMs + budgetMs * USERS_SHARE,
    });
    const base = Math.max(0, ...users.points.map(({ requestsPerSecond }) => requestsPerSecond));
    const isLeft = users.end !== "interrupted" && base > 0 && engine.nowMs() < endMs;
    const rate = isLeft ? await searchCapacity(engine, rateSpace(base), { ...searchOptions, endMs }) : null;
    return {
      schema: 1,
      created,
      target: opened.facts,
      share,
      serviceLevels,
      confidence: 1 - CAPACITY_ERROR,
      requests: { inputLength, outputLength, rangeRatio, dataset, seed },
      users,
      rate,
      elapsedMs: engine.nowMs() - startMs,
      environment,
    };
  } finally {
    await opened.close();
  }
}

/**
 * Checks options and gives those of a benchmark.
 *
 * @throws TypeError, RangeError naming the option
 */
export function benchOptionsOf(options: CapacityOptions): BenchOptions {
  const known = { ...OWN, ...OF_BENCH };
  for (const [name, value] of plainObjectEntries("options", options)) {
    if (!Object.hasOwn(known, name)) throw unknownOption(`options.${name}`, name, value, known);
    const check = OWN[name];
    if (check !== undefined && value !== undefined) checkOptionValue(`options.${name}`, check, value, null);
  }
  const { share: _share, budgetMs: _budgetMs, maxUsers: _maxUsers, ...own } = options;
  if (own.serviceLevels !== undefined && Object.keys(own.serviceLevels).length === 0) {
    throw invalidArgType("options.serviceLevels", "at least one limit", own.serviceLevels);
  }
  return { ...own, levels: [1] };
}

/** One user, two, three … */
export function userSpace(maxUsers: number): LoadSpace {
  return {
    kind: "users",
    loadAt: (index) => index + 1,
    last: maxUsers - 1,
    start: 0,
    screenRequests: (users) => Math.max(8, 2 * users),
  };
}

/** Steps of a tenth around the requests per second that ended in the closed loop. */
export function rateSpace(base: number): LoadSpace {
  return {
    kind: "rate",
    loadAt: (index) => Number(((base / 20) * 1.1 ** index).toPrecision(3)),
    last: 60,
    // Half of what the closed loop brought.
    start: 24,
    // Enough for a queue to grow.
    screenRequests: () => 32,
  };
}

/** Both curves that there are. */
export function curvesOf({ users, rate }: Pick<CapacityReport, "users" | "rate">): CapacityCurve[] {
  return rate === null ? [users] : [users, rate];
}
