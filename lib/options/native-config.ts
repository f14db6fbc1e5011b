/** A resolved config as the addon takes it, and which tokens end a generation. */
import type { NativeConfigEntry } from "../native/native-request.js";
import type { ResolvedGenerationConfig } from "./generation-config.js";
import { GENERATION_OPTIONS, isGenerationOptionName, type StopCriteria } from "./generation-options.js";

/** GenAI's enumeration. */
const STOP_CRITERIA: Readonly<Record<StopCriteria, number>> = { early: 0, heuristic: 1, never: 2 };

/** As good as no limit, where GenAI means the largest `size_t`: JavaScript has no number for that. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** Values that mean what null means here. Every entry is written out, to replace what GenAI read from the model's file. */
const OFF: Readonly<Record<string, number>> = {
  maxLength: NO_LIMIT,
  noRepeatNgramSize: NO_LIMIT,
  topK: 0,
  rngSeed: 0,
  numAssistantTokens: 0,
};

/** Fields that GenAI reads from a model's file and that this library does not offer, at GenAI's own defaults. */
const NOT_OFFERED: readonly NativeConfigEntry[] = [
  { key: "echo", kind: "boolean", value: false },
  { key: "tree_depth", kind: "size", value: 0 },
];

/**
 * GenAI's generation config for one request.
 *
 * Not among the entries: stop strings, which the addon matches itself, and `max_new_tokens`, which it sets when it knows
 * the length of the prompt. `max_length` is without limit for the same reason.
 *
 * GenAI's `ignore_eos` switches off every stop token, the caller's too. So where the caller has some, they alone are
 * handed over as the end tokens, and `ignore_eos` stays off.
 */
export function toNativeConfig(config: ResolvedGenerationConfig): NativeConfigEntry[] {
  const ends = endTokenIds(config);
  const ignoresAll = ends.length === 0 && config.ignoreEos;
  const native = {
    ...config,
    ignoreEos: ignoresAll,
    maxLength: null,
    stopTokenIds: ignoresAll ? config.eosTokenIds : ends,
    // GenAI wants its end-of-sequence token among the stop tokens.
    eosTokenId: ignoresAll || ends.includes(config.eosTokenId ?? -1) ? config.eosTokenId : (ends[0] ?? null),
    // Without sampling GenAI does not look at it, but 0 is no legal temperature.
    temperature: config.temperature === 0 ? 1 : config.temperature,
  };
  const entries = Object.entries(GENERATION_OPTIONS).flatMap(([name, spec]): NativeConfigEntry[] => {
    if (!isGenerationOptionName(name) || spec.ours || spec.kind === "stringList" || name === "maxNewTokens")
      return [];
    const value = nativeValue(native[name] ?? OFF[name]);
    return value === undefined ? [] : [{ key: spec.key, kind: spec.kind, value }];
  });
  return [...entries, ...NOT_OFFERED];
}

/** The tokens that end a generation with this config, in ascending order. */
export function endTokenIds(config: ResolvedGenerationConfig): number[] {
  const ends = new Set([...(config.ignoreEos ? [] : config.eosTokenIds), ...config.stopTokenIds]);
  return [...ends].sort((a, b) => a - b);
}

/**
 * The entry of `stopTokenIds` that a last token is: what `stopReason` says. Null for an end-of-sequence token, which
 * needs no naming, and for any other token.
 */
export function stopTokenOf(config: ResolvedGenerationConfig, lastTokenId: number): number | null {
  const isEndOfSequence = !config.ignoreEos && config.eosTokenIds.includes(lastTokenId);
  return !isEndOfSequence && config.stopTokenIds.includes(lastTokenId) ? lastTokenId : null;
}

function nativeValue(
  value: number | boolean | string | readonly (number | string)[] | undefined,
): NativeConfigEntry["value"] | undefined {
  if (typeof value === "string") return isStopCriteria(value) ? STOP_CRITERIA[value] : undefined;
  if (typeof value === "object") return value.filter((item) => typeof item === "number");
  return value;
}

function isStopCriteria(value: string): value is StopCriteria {
  return Object.hasOwn(STOP_CRITERIA, value);
}
