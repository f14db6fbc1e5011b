/** Options and result of a search for capacity. */
import type { ServiceLevels } from "../measure/metrics.js";
import type { BenchOptions } from "../plan/bench-options.js";
import type { Environment } from "../results/environment.js";
import type { TargetFacts } from "../targets/target-facts.js";
import type { ShareState } from "./share-test.js";

/** What to search. `undefined` values count as absent; those of a benchmark are as there. */
export interface CapacityOptions extends Pick<
  BenchOptions,
  | "engine"
  | "inputLength"
  | "outputLength"
  | "rangeRatio"
  | "seed"
  | "serviceLevels"
  | "dataset"
  | "device"
  | "properties"
  | "profile"
  | "performanceHint"
  | "scheduler"
  | "promptLookup"
  | "http"
> {
  /** Part of the requests that has to keep all service levels: above 0, below 1. Default 0.99. */
  readonly share?: number | undefined;
  /** Time for everything but loading, in milliseconds: above 0. Default 1,200,000. */
  readonly budgetMs?: number | undefined;
  /** Users at most: 1 to 65536. Default 1024. */
  readonly maxUsers?: number | undefined;
}

/** "users": a closed loop, each sends the next request when the last one has ended. "rate": a Poisson process. */
export type LoadKind = "users" | "rate";

/** One load. */
export interface CapacityPoint {
  /** Users, or requests that arrive in a second. */
  readonly load: number;
  /** Requests that ended. */
  readonly requests: number;
  /** Those of them that kept all service levels; one that failed kept none. */
  readonly good: number;
  /** 95 % interval of the share, for this load by itself (Clopper and Pearson). */
  readonly interval: { readonly low: number; readonly high: number };
  /** What is shown of it, by fresh requests alone; "open" where it was only looked at on the way. */
  readonly state: ShareState;
  /** Time to first token that the share of the completed requests kept, in milliseconds; null of none. */
  readonly ttftMs: number | null;
  /** Time per output token that the share of the completed requests kept, in milliseconds; null of none. */
  readonly tpotMs: number | null;
  /** Requests that ended in a second. */
  readonly requestsPerSecond: number;
}

/** What is known of one kind of load. */
export interface CapacityCurve {
  /** Which kind. */
  readonly kind: LoadKind;
  /** The highest load at which the share is shown to be kept; 0 where none is shown. */
  readonly highest: number;
  /** The lowest load at which it is shown not to be; null where none is. */
  readonly failing: number | null;
  /** Highest load that looked good and is not decided; null where there is none above `highest`. */
  readonly open: number | null;
  /** "decided": the next load is shown to fail, or there is none. "budget": time, or the requests of one load, did not suffice. */
  readonly end: "decided" | "budget" | "interrupted";
  /** Every load that was tried, ascending. */
  readonly points: readonly CapacityPoint[];
}

/** What came of it, as plain JSON. */
export interface CapacityReport {
  /** Version of this form. */
  readonly schema: 1;
  /** When it began: ISO 8601, UTC. */
  readonly created: string;
  /** What was measured, as it was loaded. */
  readonly target: TargetFacts;
  /** Part of the requests that has to keep all service levels. */
  readonly share: number;
  /** The limits, in milliseconds. */
  readonly serviceLevels: ServiceLevels;
  /** Of each of both answers, over all loads and looks. */
  readonly confidence: number;
  /** The load of a request. */
  readonly requests: {
    /** Tokens of a random prompt. */
    readonly inputLength: number;
    /** Tokens to generate. */
    readonly outputLength: number;
    /** Both lengths are drawn from `length * (1 ± ratio)`. */
    readonly rangeRatio: number;
    /** "random", or the path of a file. */
    readonly dataset: string;
    /** Fixes prompts, lengths and arrivals. */
    readonly seed: number;
  };
  /** Users at once, in a closed loop. */
  readonly users: CapacityCurve;
  /** Requests per second, in a Poisson process; null where the time did not last for it. */
  readonly rate: CapacityCurve | null;
  /** Milliseconds that measuring took. */
  readonly elapsedMs: number;
  /** The machine and its software; with a server the client's. */
  readonly environment: Environment;
}
