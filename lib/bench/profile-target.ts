/** Finds out in a child process which kernels run a model. */
import type { NativeProfile, NativeProfileOptions } from "../binding/native-profile.js";
import { runLoggedChild } from "../doctor/logged-child.js";
import { AbortError } from "../errors.js";
import { normalizeProperties, type Properties } from "../options/properties.js";
import { inferenceFactsOf, type InferenceFacts, type NoInferenceFacts } from "./inference-facts.js";
import { isaLimitIn, limitedEnvironment, type IsaLimit } from "./isa.js";
import { freeMemory } from "./memory.js";

/** What to profile. */
export interface ProfileOptions {
  /** The folder with the IR. */
  readonly path: string;
  readonly device: string;
  readonly properties: Properties;
  /** Tokens of a prompt that one step takes in. */
  readonly promptTokens: number;
  /** Sequences that decode at once. */
  readonly sequences: number;
  /** Null where it is not known. */
  readonly vocabSize: number | null;
  /** Memory that the model takes when it is loaded. */
  readonly modelBytes: number;
  /** Memory that is free. Default: what this machine says. */
  readonly availableBytes?: number | undefined;
  /** Default: the limit of this process, if it has one. */
  readonly isa?: IsaLimit | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** GenAI's own, which the plugin does not know; and compiled models of a profile have no place in a cache. */
const NOT_THE_PLUGINS = /^(?:ATTENTION_BACKEND|sampler_num_threads|CACHE_DIR|PERF_COUNT)$/i;
const TIMEOUT_MS = 600_000;
/** Beside the model itself: kernels and activations. */
const EXTRA_BYTES = 256e6;
const CACHE_BYTES = 1e9;
/** Every vocabulary has these: the tokenizer's bytes. */
const FEW_IDS = 256;

/**
 * Profiles a model. What goes wrong is in the answer, so that it never breaks a benchmark.
 *
 * @throws (by rejection) {@link AbortError} when `signal` is aborted
 */
export async function profileTarget(options: ProfileOptions): Promise<InferenceFacts | NoInferenceFacts> {
  const { path, device, properties, promptTokens, sequences, vocabSize, signal } = options;
  const { modelBytes, availableBytes = freeMemory(), isa = null } = options;
  if (device !== "CPU")
    return none(`Not profiled: only kernels of the device CPU are known, not of ${device}.`);
  const needed = modelBytes * 1.25 + EXTRA_BYTES;
  if (needed > availableBytes) {
    return none(`Not profiled: that takes about ${inGb(needed)} and ${inGb(availableBytes)} are free.`);
  }
  const task: NativeProfileOptions = {
    path,
    device,
    properties: [
      ...normalizeProperties(properties).filter(([name]) => !NOT_THE_PLUGINS.test(name)),
      ["PERF_COUNT", "YES"],
    ],
    promptTokens,
    sequences,
    vocabSize: vocabSize ?? FEW_IDS,
    maxCacheBytes: Math.floor(Math.min(CACHE_BYTES, (availableBytes - needed) / 2)),
  };
  try {
    const env = isa === null ? undefined : limitedEnvironment(isa);
    const script = "bench/child/profile-child.js";
    const { log, value } = await runLoggedChild({ script, task, env, timeoutMs: TIMEOUT_MS, signal });
    return inferenceFactsOf(value as NativeProfile, log, isa ?? isaLimitIn(process.env));
  } catch (error) {
    if (error instanceof AbortError) throw error;
    return none(`Not profiled: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function none(message: string): NoInferenceFacts {
  return { ok: false, message };
}

function inGb(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
