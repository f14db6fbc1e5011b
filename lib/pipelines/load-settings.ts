/** What holds for a load: its own options, over those of a profile. */
import type { GuardedProperties, PropertiesReport } from "../engine-guard/guard.js";
import type { CheckedLoadOptions } from "../generation/load-options.js";
import type { ModelInfo } from "../models/open.js";
import { resolveSpeculativeScheduler } from "../options/speculation.js";
import type { ResolvedSchedulerConfig } from "../options/scheduler-options.js";
import type { ProfileChoice } from "../profiles/choose-properties.js";
import type { ProfileFile } from "../profiles/find-profile.js";
import type { MergedSettings } from "../profiles/merge-settings.js";
import type { AppliedProfile, ProfilePipeline } from "../profiles/profile.js";
import { warnOfProfile } from "../profiles/warning.js";

/** Options of a load with what a profile adds to them, but for properties. */
export interface LoadSettings {
  readonly options: CheckedLoadOptions;
  /** The whole config for batching, else null. */
  readonly scheduler: ResolvedSchedulerConfig | null;
  readonly profile: SettledProfile | null;
}

/** The profile that holds here. */
export interface SettledProfile extends ProfileFile {
  /** What was taken of it beside properties. */
  readonly taken: MergedSettings["taken"];
  /** What properties are chosen by. */
  readonly choice: ProfileChoice;
}

/**
 * Finds the profile that a load asks for and puts it under the options; warns of one that does not hold.
 *
 * @throws (by rejection) OpenVinoLlmError ERR_PROFILE; TypeError, RangeError for scheduler options
 */
export async function settleLoad(
  { dir }: ModelInfo,
  device: string,
  options: CheckedLoadOptions,
  pipeline: ProfilePipeline,
  scheduler: unknown,
): Promise<LoadSettings> {
  const resolved = (given: unknown, kind: CheckedLoadOptions["speculation"]["kind"]) =>
    pipeline === "ContinuousBatchingPipeline" ? resolveSpeculativeScheduler(given, kind) : null;
  const { speculation, performanceHint, promptLookup } = options;
  const none = { options, scheduler: resolved(scheduler, speculation.kind), profile: null };
  if (options.profile === undefined) return none;
  // Only who asks for a profile has them evaluated.
  const { findProfile, profileChoice } = await import("../profiles/find-profile.js");
  const { mergeSettings } = await import("../profiles/merge-settings.js");
  const search = { profile: options.profile, dir, device, pipeline, performanceHint };
  const found = await findProfile(search);
  if (found === null) return none;
  const asked = { pipeline, scheduler, promptLookup, speculation: speculation.kind };
  const merged = mergeSettings(found, asked);
  for (const warning of merged.warnings) warnOfProfile(warning);
  return {
    options: { ...options, speculation: { ...speculation, kind: merged.speculation } },
    scheduler: resolved(merged.scheduler, merged.speculation),
    profile: { ...found, taken: merged.taken, choice: profileChoice(found) },
  };
}

/** What `llm.profile` reports, once the engine's faults are known. */
export function appliedProfile(
  { file, profile, taken }: SettledProfile,
  { chosen }: PropertiesReport,
): AppliedProfile {
  const { objective, created } = profile;
  const properties = chosen.flatMap(({ name, value, from }) => (from === "profile" ? [[name, value]] : []));
  return { file, objective, created, settings: { ...taken, properties: Object.fromEntries(properties) } };
}

/** Warns of settings of a profile or a hint that the engine cannot run with. */
export function warnOfLeftOut({ leftOut }: GuardedProperties): void {
  for (const { from, reason } of leftOut) {
    const what = from === "profile" ? "The properties of the profile" : "The properties of performanceHint";
    warnOfProfile(`${what} are left out, because they do not go with the load's own options: ${reason}`);
  }
}
