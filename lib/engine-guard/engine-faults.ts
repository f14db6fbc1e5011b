/**
 * Settings under which the pinned OpenVINO ends the process, answers wrongly, or fails with words that name no setting:
 * known by its sources and by trying (`scripts/engine-matrix.mjs`, docs/engine-faults.md). Pure.
 */
import type { NativeGatedMlp } from "../native/native-plugin.js";
import type { PluginSettings } from "./plugin-settings.js";

/** What is to run. */
export interface GuardedModel {
  /** "paged" and "stateful" generate text, with GenAI's paged key-value cache or without; "encoder" gives numbers. */
  readonly graph: "paged" | "stateful" | "encoder";
  /** Of its graph; only read where {@link mayFuseMlps}. */
  readonly mlps: readonly NativeGatedMlp[];
}

/** A setting that must not be used. */
export interface EngineFault {
  /** What would happen and why, as a sentence. */
  readonly problem: string;
  /** What to do about it, as a sentence. */
  readonly cure: string;
}

/** Rows of weights that the AMX kernels take at once. */
const BLOCK_ROWS = { float: 32, i8: 64 } as const;

/** Whether the plugin makes one AMX kernel of gated feed-forward layers, where their weights allow it. */
export function mayFuseMlps({ instructions, properties }: PluginSettings): boolean {
  const precision = precisionOf(properties);
  return (precision === "bf16" && instructions.amx) || (precision === "f16" && instructions.amxFp16);
}

/** Everything that is wrong with settings for a model, the worst first. */
export function engineFaults(settings: PluginSettings, model: GuardedModel): EngineFault[] {
  const fused = mayFuseMlps(settings) ? model.mlps.filter((mlp) => isFused(mlp, settings)) : [];
  return [
    ...fused.flatMap((mlp) => mlpFaults(mlp, settings)).slice(0, 1),
    ...precisionFaults(settings, model),
    ...cacheFaults(settings, model),
  ];
}

function precisionOf(properties: ReadonlyMap<string, string>): string {
  return properties.get("INFERENCE_PRECISION_HINT") ?? "";
}

/** The plugin's own conditions for its kernel `LLMMLP`. */
function isFused(mlp: NativeGatedMlp, { properties }: PluginSettings): boolean {
  const { hiddenSize, intermediateSize, gateUpWeights, downWeights, isCombined } = mlp;
  const group = Number(properties.get("DYNAMIC_QUANTIZATION_GROUP_SIZE") ?? 0);
  // Activations are quantised by whole rows or not at all.
  if (gateUpWeights === "i8" && group < hiddenSize) return false;
  if (downWeights === "i8" && (gateUpWeights !== "i8" || isCombined || group < intermediateSize))
    return false;
  if (isCombined && gateUpWeights !== "f16" && gateUpWeights !== "i8") return false;
  const rows = isCombined ? 2 * intermediateSize : intermediateSize;
  return rows % BLOCK_ROWS.float === 0 && hiddenSize % BLOCK_ROWS.float === 0;
}

function mlpFaults(mlp: NativeGatedMlp, { properties, threadsPerStream }: PluginSettings): EngineFault[] {
  const { hiddenSize, intermediateSize } = mlp;
  const precision = precisionOf(properties);
  const kernel = "OpenVINO's AMX kernel for gated feed-forward layers";
  const otherwise = 'Set INFERENCE_PRECISION_HINT to "f32", which does without this kernel';
  if (threadsPerStream < 2) {
    return [
      {
        problem: `${kernel} in ${precision} needs two threads and ends the process (SIGFPE) with one, and ${whyOneThread(properties)}.`,
        cure: `${otherwise}, or let an inference have two threads.`,
      },
    ];
  }
  const [gateBlock, downBlock] = [blockOf(mlp.gateUpWeights), blockOf(mlp.downWeights)];
  if (intermediateSize === downBlock) {
    return [
      {
        problem: `${kernel} in ${precision} ends the process (SIGSEGV) for an intermediate size of ${intermediateSize}, one block of rows for two threads.`,
        cure: `${otherwise}.`,
      },
    ];
  }
  if (hiddenSize % gateBlock !== 0 || intermediateSize % downBlock !== 0) {
    return [
      {
        problem: `${kernel} in ${precision} refuses a hidden size of ${hiddenSize} with an intermediate size of ${intermediateSize}.`,
        cure: `${otherwise}.`,
      },
    ];
  }
  return [];
}

function blockOf(weights: NativeGatedMlp["downWeights"]): number {
  return weights === "i8" ? BLOCK_ROWS.i8 : BLOCK_ROWS.float;
}

function whyOneThread(properties: ReadonlyMap<string, string>): string {
  const [threads, streams] = [properties.get("INFERENCE_NUM_THREADS"), properties.get("NUM_STREAMS")];
  if (streams === "0") return "NUM_STREAMS 0 leaves an inference to the thread that asks for it";
  if (streams === "1" && threads === "1") return "an inference has one (INFERENCE_NUM_THREADS 1)";
  if (Number(threads) > Number(streams)) return "a virtual device may give it one";
  return `${threads ?? "?"} threads are shared by ${streams ?? "?"} streams (NUM_STREAMS, PERFORMANCE_HINT)`;
}

function precisionFaults(
  { properties, instructions }: PluginSettings,
  { graph }: GuardedModel,
): EngineFault[] {
  const precision = precisionOf(properties);
  if (precision === "f16" && graph === "paged") {
    return [
      {
        problem:
          "OpenVINO's attention gives wrong answers in f16 for every prompt of two tokens or more on this processor.",
        cure: 'Set INFERENCE_PRECISION_HINT to "bf16" or "f32", or leave it out.',
      },
    ];
  }
  if (precision === "bf16" && !instructions.bf16) {
    return [
      {
        problem:
          "Inference in bf16 fails under the limit that ONEDNN_MAX_CPU_ISA sets: oneDNN has no kernels for it left.",
        cure: `Set INFERENCE_PRECISION_HINT to "f32"${instructions.vnni ? "" : " and DYNAMIC_QUANTIZATION_GROUP_SIZE to 0"}, or unset ONEDNN_MAX_CPU_ISA.`,
      },
    ];
  }
  return [];
}

/** Types of a paged key-value cache that go with a precision, beside u8, which goes with all. */
const CACHE_TYPES: Readonly<Record<string, readonly string[]>> = {
  f32: ["f32", "f16"],
  dynamic: ["f32", "f16"],
  bf16: ["bf16", "f16"],
  f16: ["f16"],
};

function cacheFaults({ properties }: PluginSettings, { graph }: GuardedModel): EngineFault[] {
  if (graph === "encoder") return [];
  const precision = precisionOf(properties);
  const allowed = CACHE_TYPES[precision];
  for (const name of ["KEY_CACHE_PRECISION", "VALUE_CACHE_PRECISION", "KV_CACHE_PRECISION"]) {
    const type = properties.get(name);
    if (type === undefined || type === "u8") continue;
    if (type === "u4") {
      return [
        {
          problem:
            graph === "paged"
              ? "A key-value cache in u4 corrupts the memory of the process where parts of it are shared: by prefix caching, which LLMPipeline uses, and by several sequences."
              : "A key-value cache in u4 gives wrong beams where ATTENTION_BACKEND is SDPA.",
          cure: 'Set KV_CACHE_PRECISION to "u8", or leave it out.',
        },
      ];
    }
    if (graph === "stateful" || allowed === undefined || allowed.includes(type)) continue;
    return [
      {
        problem: `A key-value cache in ${type} does not go with inference in ${precision}.`,
        cure: `Set KV_CACHE_PRECISION to ${[...allowed, "u8"].map((one) => `"${one}"`).join(" or ")}, or leave it out.`,
      },
    ];
  }
  return [];
}
