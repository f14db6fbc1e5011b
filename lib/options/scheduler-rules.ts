/** What scheduler options demand of each other. */
import { outOfRange } from "../errors.js";
import type { ResolvedSchedulerConfig } from "./scheduler-options.js";

/** @throws RangeError, TypeError for options that do not go together */
export function checkSchedulerRules(config: ResolvedSchedulerConfig, where: string): void {
  if (!config.dynamicSplitFuse && config.maxNumSeqs > config.maxNumBatchedTokens) {
    throw outOfRange(`${where}.maxNumSeqs`, `at most maxNumBatchedTokens (${config.maxNumBatchedTokens})`, config.maxNumSeqs);
  }
}
