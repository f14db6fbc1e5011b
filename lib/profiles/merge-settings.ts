/** A profile's scheduler options and prompt lookup under the load's own. Pure. */
import { plainObjectEntries } from "../options/option-checks.js";
import { resolveSpeculativeScheduler } from "../options/speculation.js";
import type { Speculation } from "../options/generation-rules.js";
import type { AppliedProfile, ProfilePipeline, ProfileScheduler } from "./profile.js";
import type { ProfileFile } from "./find-profile.js";

/** The options of a load. */
export interface AskedSettings {
  readonly pipeline: ProfilePipeline;
  /** Scheduler options as they were given. */
  readonly scheduler: unknown;
  /** Undefined where nothing was said of it. */
  readonly promptLookup: boolean | undefined;
  readonly speculation: Speculation;
}

/** What holds. */
export interface MergedSettings {
  /** Scheduler options, not resolved yet. */
  readonly scheduler: unknown;
  readonly speculation: Speculation;
  /** What of it is the profile's. */
  readonly taken: Omit<AppliedProfile["settings"], "properties">;
  /** Sentences for the process's warnings. */
  readonly warnings: readonly string[];
}

/** The load's options, and a profile's where they say nothing and both go together. */
export function mergeSettings({ file, profile }: ProfileFile, asked: AskedSettings): MergedSettings {
  const { settings } = profile;
  const other =
    settings.pipeline === asked.pipeline
      ? []
      : [
          `The profile ${file} was measured with ${settings.pipeline}, and ${asked.pipeline} takes of it what it has: ` +
            `properties and prompt lookup. Measure with this class by openvino-llm-bench tune.`,
        ];
  const given = Object.fromEntries(
    plainObjectEntries("options.scheduler", asked.scheduler).filter(([, value]) => value !== undefined),
  );
  const isBatching = asked.pipeline === "ContinuousBatchingPipeline";
  const scheduler: ProfileScheduler = Object.fromEntries(
    Object.entries(isBatching ? (settings.scheduler ?? {}) : {}).filter(
      ([name]) => !Object.hasOwn(given, name),
    ),
  );
  const promptLookup =
    settings.promptLookup === true && asked.promptLookup === undefined && asked.speculation === "none";
  const merged = { ...scheduler, ...given };
  const speculation = promptLookup ? "prompt-lookup" : asked.speculation;
  try {
    if (isBatching) resolveSpeculativeScheduler(merged, speculation);
    return { scheduler: merged, speculation, taken: { scheduler, promptLookup }, warnings: other };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const left = `Scheduler options and prompt lookup of the profile ${file} are not taken, because they do not go with the load's own options: ${reason}`;
    return {
      scheduler: asked.scheduler,
      speculation: asked.speculation,
      taken: { scheduler: {}, promptLookup: false },
      warnings: [...other, left],
    };
  }
}
