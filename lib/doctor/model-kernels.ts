import type { InferenceFacts, NoInferenceFacts } from "../host/kernels/inference-facts.js";
import { profileModel, type ProfileOptions } from "../host/kernels/profile-model.js";
import { phaseWeightLayers, type PhaseWeightLayers } from "../host/kernels/weight-layers.js";
import { readModelInfo } from "../models/config.js";
import { freeMemory } from "../host/free-memory.js";

/** Which kernels run a model by phase, and what AMX is used for; or why that is not known. */
export type ModelKernels = KnownKernels | NoInferenceFacts;

/** Kernels by phase. */
export interface KnownKernels extends InferenceFacts {
  /** Of those, the ones of weight layers, and whether AMX takes part. */
  readonly weightLayers: PhaseWeightLayers;
}

/** A prompt of so many tokens shows what a longer one does. */
const PROMPT_TOKENS = 128;

/**
 * Profiles the model in a folder with OpenVINO IR, in a process of its own: a prompt of 128 tokens, one token, eight
 * tokens. What goes wrong is in the answer.
 *
 * @throws (by rejection) AbortError when `signal` is aborted
 */
export async function kernelsOf(
  path: string,
  options: Pick<ProfileOptions, "device" | "properties" | "timeoutMs" | "signal"> = {},
): Promise<ModelKernels> {
  const { vocabSize, contextLength } = await infoOf(path);
  const promptTokens = Math.max(1, Math.min(PROMPT_TOKENS, (contextLength ?? Infinity) - 1));
  const facts = await profileModel({
    ...options,
    path,
    promptTokens,
    vocabSize,
    availableBytes: freeMemory(),
  });
  return facts.ok ? { ...facts, weightLayers: phaseWeightLayers(facts) } : facts;
}

/** Profiling reports what a folder lacks. */
async function infoOf(path: string): Promise<{ vocabSize: number | null; contextLength: number | null }> {
  return readModelInfo(path).catch(() => ({ vocabSize: null, contextLength: null }));
}
