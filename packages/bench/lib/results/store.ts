import type { BenchPlan, PlannedRun } from "../plan/plan.js";
import type { Environment } from "./environment.js";
import type { BenchData } from "./bench-data.js";
import { isSameRun, type RunRecord } from "../measure/records.js";
import type { TargetFacts } from "../targets/target-facts.js";

/** Where measurements are kept: a folder, or memory. */
export interface BenchStore {
  /** What there is so far. */
  readonly data: BenchData;
  /** Keeps what is known of a target; that of an earlier load is replaced. */
  addTarget(facts: TargetFacts): Promise<void>;
  /** Keeps a finished run. */
  addRun(run: RunRecord): Promise<void>;
}

/** Keeps measurements in memory alone. */
export class MemoryStore implements BenchStore {
  #data: BenchData;

  constructor(plan: BenchPlan, environment: Environment) {
    this.#data = {
      created: new Date().toISOString(),
      plan,
      environments: [environment],
      targets: [],
      runs: [],
    };
  }

  get data(): BenchData {
    return this.#data;
  }

  addTarget(facts: TargetFacts): Promise<void> {
    this.#data = withTarget(this.#data, facts);
    return Promise.resolve();
  }

  addRun(run: RunRecord): Promise<void> {
    this.#data = withRun(this.#data, run);
    return Promise.resolve();
  }
}

/** The data with a target; the latest load of it counts. */
export function withTarget(data: BenchData, facts: TargetFacts): BenchData {
  const others = data.targets.filter(({ label }) => label !== facts.label);
  return { ...data, targets: [...others, facts] };
}

/** The data with one more run. */
export function withRun(data: BenchData, run: RunRecord): BenchData {
  return { ...data, runs: [...data.runs, run] };
}

/** Runs of the plan that are not finished, in their order. */
export function runsLeft({ plan, runs }: BenchData): PlannedRun[] {
  return plan.runs.filter((run) => !runs.some((done) => isSameRun(done, run)));
}
