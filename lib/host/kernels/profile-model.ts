/** Finds out in a child process which kernels run a model. */
import { stat } from "node:fs/promises";
import { join } from "node:path";

import type { NativeProfile, NativeProfileOptions } from "../../native/native-profile.js";
import { AbortError } from "../../errors/errors.js";
import { scanIr } from "../../models/ir/ir-scan.js";
import { cleanNativeMessage } from "../../native/native-errors.js";
import { normalizeProperties, pluginProperties, type Properties } from "../../options/properties.js";
import { guardProperties } from "../../engine-guard/guard.js";
import { inferenceFactsOf, type InferenceFacts, type NoInferenceFacts } from "./inference-facts.js";
import { isaLimitIn } from "../isa-variable.js";
import { limitedEnvironment, type IsaLimit } from "./isa-limit.js";
import { runLoggedChild } from "./logged-child.js";

/** What to profile. */
export interface ProfileOptions {
  /** The folder with the IR. */
  readonly path: string;
  /** Default "CPU", the only one whose kernels are known. */
  readonly device?: string | undefined;
  /** Default none. */
  readonly properties?: Properties | undefined;
  /** Tokens of a prompt that one step takes in. Default 128. */
  readonly promptTokens?: number | undefined;
  /** Sequences that decode at once; 1 for none. Default 8. */
  readonly sequences?: number | undefined;
  /** Null where it is not known. Default null. */
  readonly vocabSize?: number | null | undefined;
  /** Memory that the model takes when it is loaded. Default: the size of its weights on the disk. */
  readonly modelBytes?: number | undefined;
  /** Memory that is free: a model that needs more is not loaded. Default: enough. */
  readonly availableBytes?: number | undefined;
  /** Default: the limit of this process, if it has one. */
  readonly isa?: IsaLimit | null | undefined;
  /** How long it may take. Default 600,000. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 600_000;
const PROMPT_TOKENS = 128;
const SEQUENCES = 8;
/** Beside the model itself: kernels and activations. */
const EXTRA_BYTES = 256e6;
const CACHE_BYTES = 1e9;
/** Every vocabulary has these: the tokenizer's bytes. */
const FEW_IDS = 256;

/**
 * Profiles a model by phase: a prompt, one token, and one token of several sequences; with the properties that `load()`
 * would give the engine. What goes wrong is in the answer, so
 * that it breaks neither a benchmark nor the doctor.
 *
 * @throws (by rejection) {@link AbortError} when `signal` is aborted
 */
export async function profileModel(options: ProfileOptions): Promise<InferenceFacts | NoInferenceFacts> {
  const { path, device = "CPU", properties = {}, isa = null, signal } = options;
  const { promptTokens = PROMPT_TOKENS, sequences = SEQUENCES, vocabSize, timeoutMs = TIMEOUT_MS } = options;
  const { availableBytes = Infinity, modelBytes = await weightBytes(path) } = options;
  if (device !== "CPU")
    return none(`Not profiled: only kernels of the device CPU are known, not of ${device}.`);
  const needed = modelBytes * 1.25 + EXTRA_BYTES;
  if (needed > availableBytes) {
    return none(`Not profiled: that takes about ${inGb(needed)} and ${inGb(availableBytes)} are free.`);
  }
  try {
    const { native } = await guardProperties({
      dir: path,
      device,
      properties: normalizeProperties(properties),
      runtimeOptions: (await scanIr(join(path, "openvino_model.xml"))).runtimeOptions,
      kind: "generator",
    });
    const task: NativeProfileOptions = {
      path,
      device,
      properties: [
        ...pluginProperties(native).filter(([name]) => name.toUpperCase() !== "PERF_COUNT"),
        ["PERF_COUNT", "YES"],
      ],
      promptTokens,
      sequences,
      vocabSize: vocabSize ?? FEW_IDS,
      maxCacheBytes: Math.floor(Math.min(CACHE_BYTES, (availableBytes - needed) / 2)),
    };
    const env = isa === null ? undefined : limitedEnvironment(isa);
    const { log, value } = await runLoggedChild({
      script: "host/kernels/profile-child.js",
      task,
      env,
      timeoutMs,
      signal,
    });
    return inferenceFactsOf(value as NativeProfile, log, isa ?? isaLimitIn(process.env));
  } catch (error) {
    if (error instanceof AbortError) throw error;
    return none(
      `Not profiled: ${cleanNativeMessage(error instanceof Error ? error.message : String(error))}`,
    );
  }
}

/** 0 where there is none, which loading it will report. */
async function weightBytes(path: string): Promise<number> {
  return stat(join(path, "openvino_model.bin")).then(
    ({ size }) => size,
    () => 0,
  );
}

function none(message: string): NoInferenceFacts {
  return { ok: false, message };
}

function inGb(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
