/** Tunes a model: finds out by measuring which settings are fastest here, without changing the model. */
import { openModel, profiledCpu, profiledModel, profiledVersions } from "openvino-llm/internal";
import type { Profile, ProfileModel } from "openvino-llm";
import { captureEnvironment, type Environment } from "../results/environment.js";
import { ProcessEngine } from "./process-engine.js";
import { search, type SearchResult } from "./search/search.js";
import type { SearchEvent } from "./search/search-state.js";
import { DEFAULT_SETTINGS } from "./search/settings.js";
import { CandidateRefusal } from "./search/tune-engine.js";
import { searchSpace } from "./search-space.js";
import { resolveTuneOptions, type ResolvedTuneOptions, type TuneOptions } from "./tune-options.js";
import { profileOfSearch } from "./tune-profile.js";

/** What happens on the way. */
export type TuneEvent =
  | SearchEvent
  | {
      /** The model has been found; nothing is measured yet. */
      readonly type: "planned";
      /** The model. */
      readonly model: ProfileModel;
      /** Candidates that are kept loaded at the same time: 1 where memory holds no more, and each takes its turn by a load. */
      readonly processes: number;
    }
  | {
      /** The answers of the defaults are compared with those of exact arithmetic. */
      readonly type: "quality";
    };

/** How tuning is done. */
export interface TuneContext {
  /** Receives the events of the search. */
  readonly onEvent?: ((event: TuneEvent) => void) | undefined;
  /** Ends it; what is proven by then is kept. */
  readonly signal?: AbortSignal | undefined;
}

/** What came of tuning, as JSON can hold it. */
export interface TuneReport extends SearchResult {
  /** Of this format. */
  readonly schema: 1;
  /** When it began: ISO 8601, UTC. */
  readonly created: string;
  /** The model. */
  readonly model: ProfileModel;
  /** The options, defaults filled in. */
  readonly options: ResolvedTuneOptions;
  /** The machine and its software. */
  readonly environment: Environment;
  /** Candidates that were kept loaded at the same time. */
  readonly processes: number;
  /** What was not tried and why, a sentence each. */
  readonly leftOut: readonly string[];
  /** The chosen settings for `load()`; null where they are the defaults. */
  readonly profile: Profile | null;
}

/**
 * Finds the fastest settings of a model on this machine: precision, dynamic quantisation, key-value cache, threads,
 * scheduler, pipeline and, with prompts of a file, prompt lookup. Each candidate runs in a process of its own. What `load()`
 * refuses, or what answers worse than the limits and the defaults, is not taken. The defaults are chosen unless something
 * is faster beyond doubt: with a chance of 5 % or less all decisions together are wrong.
 *
 * @param model - as `load()` takes it; on the CPU
 * @throws (by rejection) TypeError, RangeError for options; what `load()` throws for a model that cannot be loaded by
 *   default; AbortError where it is aborted before the defaults were measured
 */
export async function tuneModel(
  model: string,
  options: TuneOptions = {},
  { onEvent, signal }: TuneContext = {},
): Promise<TuneReport> {
  const resolved = resolveTuneOptions(options);
  const startMs = performance.now();
  const environment = await captureEnvironment();
  const { dir, name } = await openModel(model);
  const about = await profiledModel({ dir, name });
  const { levels, inputLength, outputLength, serviceLevels, dataset, seed } = resolved;
  const load = { levels, inputLength, outputLength, serviceLevels, dataset, seed };
  const engine = await ProcessEngine.create({ model, load, limits: resolved.qualityLimits, signal });
  try {
    onEvent?.({ type: "planned", model: about, processes: engine.capacity });
    onEvent?.({ type: "quality" });
    await engine.quality(DEFAULT_SETTINGS);
    const { cpu } = environment;
    const space = searchSpace({
      inForce: await engine.inForce(),
      flags: cpu.flags,
      cores: Math.min(cpu.cores, cpu.availableThreads),
      threads: cpu.availableThreads,
      levels,
      inputLength,
      isRandom: dataset === "random",
    });
    const budgetMs = Math.max(1, resolved.budgetMs - (performance.now() - startMs));
    const { objective } = resolved;
    const result = await search(
      engine,
      space.stages,
      { objective, levels, outputLength, budgetMs, onEvent },
      seed,
    );
    const found = { ...result, elapsedMs: performance.now() - startMs };
    const measured = { model: about, cpu: await profiledCpu(), versions: profiledVersions() };
    return {
      schema: 1,
      created: environment.date,
      model: about,
      options: resolved,
      environment,
      processes: engine.capacity,
      leftOut: space.leftOut,
      ...found,
      profile: profileOfSearch(found, resolved, measured, environment.date),
    };
  } catch (error) {
    // The defaults: what `load()` says of them is what there is to say.
    throw error instanceof CandidateRefusal && error.cause !== undefined ? error.cause : error;
  } finally {
    await engine.close();
  }
}
