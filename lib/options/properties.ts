/** Properties of OpenVINO and its device plugins, checked and turned into the strings that OpenVINO parses. */
import { invalidArgType, outOfRange } from "../errors/errors.js";
import { checkWellFormed, plainObjectEntries } from "./option-checks.js";

/** What a property can be set to. */
export type PropertyValue = string | number | boolean;

/**
 * Properties by OpenVINO's own names. They reach the plugin as strings: true is "YES", false is "NO". The plugin refuses
 * names and values that it does not know when the model is loaded. These are the CPU plugin's common ones; every other
 * name is passed on too.
 */
export interface Properties {
  /** Threads of inference; 0 leaves it to OpenVINO, which takes the physical cores. */
  readonly INFERENCE_NUM_THREADS?: number;
  /** What to tune for. GenAI itself asks for latency. */
  readonly PERFORMANCE_HINT?: "LATENCY" | "THROUGHPUT" | "CUMULATIVE_THROUGHPUT";
  /** Parallel streams, a number or "AUTO". */
  readonly NUM_STREAMS?: number | string;
  /** Arithmetic: "f32", or "bf16" and "f16" where the processor has it. Default: the fastest that it has. */
  readonly INFERENCE_PRECISION_HINT?: string;
  /** Whether speed or exactness comes first when OpenVINO chooses the arithmetic. */
  readonly EXECUTION_MODE_HINT?: "PERFORMANCE" | "ACCURACY";
  /** Element type of the key-value cache, such as "u8", "f16", "bf16" or "f32". */
  readonly KV_CACHE_PRECISION?: string;
  /** Values per scale of dynamically quantised activations; 0 switches it off. */
  readonly DYNAMIC_QUANTIZATION_GROUP_SIZE?: number;
  /** Bind threads to cores. */
  readonly ENABLE_CPU_PINNING?: boolean;
  /** Also use the second hardware thread of each core. */
  readonly ENABLE_HYPER_THREADING?: boolean;
  /** Cores to run on, on processors that have two kinds. */
  readonly SCHEDULING_CORE_TYPE?: "ANY_CORE" | "PCORE_ONLY" | "ECORE_ONLY";
  /**
   * Kernels for shapes that the plugin keeps per model, the least used going first; OpenVINO's default is 5,000. Each new
   * length of a prompt brings some. oneDNN keeps those of the whole process beside it: `ONEDNN_PRIMITIVE_CACHE_CAPACITY` in
   * the environment. A small number bounds memory, and kernels that went are made anew when their length comes again.
   */
  readonly CPU_RUNTIME_CACHE_CAPACITY?: number;
  /** Folder for compiled models, so that the next load is faster. */
  readonly CACHE_DIR?: string;
  readonly [name: string]: PropertyValue | undefined;
}

/** What GenAI would take from the same map for itself, with effects that this library does not handle. */
const GENAI_KEYS: readonly string[] = [
  "adapters",
  "draft_model",
  "enable_save_ov_model",
  "prompt_lookup",
  "scheduler_config",
];

/**
 * Checks properties and gives them as OpenVINO takes them; `undefined` values count as absent.
 *
 * @throws TypeError for a value that is no string, number or boolean; RangeError for NaN, infinity and an empty name.
 */
export function normalizeProperties(value: unknown, where = "properties"): Array<[string, string]> {
  return plainObjectEntries(where, value)
    .filter(([, property]) => property !== undefined)
    .map(([name, property]) => {
      if (name === "") throw outOfRange(where, "names that are not empty", name);
      checkWellFormed(`a name in ${where}`, name);
      if (GENAI_KEYS.includes(name)) {
        throw invalidArgType(
          `${where}.${name}`,
          "no value",
          property,
          "It is an option of GenAI, not a property of a device.",
        );
      }
      return [name, propertyText(`${where}.${name}`, property)];
    });
}

/** GenAI takes these for itself. */
const GENAI_PROPERTIES = /^(?:ATTENTION_BACKEND|sampler_num_threads)$/i;
/** Says where compiled models are kept, and nothing of how they are compiled. */
const CACHE_DIR = /^CACHE_DIR$/i;

/** Properties as a plugin takes them that is asked without GenAI, once: without those of GenAI and without a cache. */
export function pluginProperties(
  properties: readonly (readonly [string, string])[],
): Array<[string, string]> {
  return properties
    .filter(([name]) => !GENAI_PROPERTIES.test(name) && !CACHE_DIR.test(name))
    .map(([name, value]) => [name, value]);
}

function propertyText(name: string, value: unknown): string {
  switch (typeof value) {
    case "string":
      checkWellFormed(name, value);
      return value;
    case "boolean":
      return value ? "YES" : "NO";
    case "number":
      if (!Number.isFinite(value)) throw outOfRange(name, "a finite number", value);
      return numberText(value);
    default:
      throw invalidArgType(name, "a string, a number or a boolean", value);
  }
}

/** Digits without an exponent for integers: OpenVINO reads "1e+21" as 1. */
function numberText(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}
