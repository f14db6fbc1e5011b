import type { Environment } from "./environment.js";
import type { BenchPlan } from "../plan/plan.js";
import type { RunRecord } from "../measure/records.js";
import type { TargetFacts } from "../targets/target-facts.js";

/** Everything that a folder holds. */
export interface BenchData {
  /** When it was begun: ISO 8601, UTC. */
  readonly created: string;
  /** What was to be measured. */
  readonly plan: BenchPlan;
  /** One for each time that it was begun or resumed. */
  readonly environments: readonly Environment[];
  /** Targets that were loaded, each once. */
  readonly targets: readonly TargetFacts[];
  /** Runs that were finished. */
  readonly runs: readonly RunRecord[];
}
