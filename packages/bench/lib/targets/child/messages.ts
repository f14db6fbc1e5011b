/** What a benchmark and a process that runs a target for it say to each other. All of it is plain JSON. */
import type { LoadedModel } from "openvino-llm";
import type { ResolvedBenchOptions } from "../../plan/bench-options.js";
import type { PlanTarget } from "../../plan/plan.js";
import type { LevelEvent, LevelWorkload } from "../../measure/run-level.js";
import type { TargetFacts } from "../target-facts.js";

/** To the child. It does one thing at a time; "abort" ends the level that runs. */
export type ToChild =
  | { readonly type: "open"; readonly target: PlanTarget; readonly options: ResolvedBenchOptions }
  | {
      readonly type: "level";
      readonly workload: LevelWorkload;
      readonly progressEveryMs: number | undefined;
    }
  | { readonly type: "abort" }
  | { readonly type: "close" };

/** From the child: an answer to each "open" and "level". To "close" it answers by ending. */
export type FromChild =
  | { readonly type: "opened"; readonly facts: TargetFacts; readonly model: LoadedModel }
  /** Before the answer to a "level". */
  | { readonly type: "event"; readonly event: LevelEvent }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly error: SentError };

/** An error as it crosses to another process. */
export interface SentError {
  readonly name: string;
  readonly code: string | null;
  readonly message: string;
}
