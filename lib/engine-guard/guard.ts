/** Keeps settings from the engine under which it would end the process or answer wrongly. */
import { openBinding } from "../native/binding.js";
import { OpenVinoLlmError } from "../errors/errors.js";
import { engineFaults, mayFuseMlps, type EngineFault, type GuardedModel } from "./engine-faults.js";
import { nativeFailure } from "../native/native-errors.js";
import { isShortage } from "../errors/shortage.js";
import { askPlugin, type PluginSettings } from "./plugin-settings.js";

/** A default of OpenVINO that was changed, because on this processor it would end the process or answer wrongly. */
export interface PropertyCorrection {
  /** The property. */
  readonly name: string;
  /** Its default. */
  readonly from: string;
  /** What it was set to. */
  readonly to: string;
  /** What the default would have done, a sentence. */
  readonly reason: string;
}

/** A property that was not set by name: it came with a profile or a hint. */
export interface ChosenProperty {
  /** The property. */
  readonly name: string;
  /** What it was set to, as OpenVINO gets it. */
  readonly value: string;
  /** The load option that it came with. */
  readonly from: "profile" | "performanceHint";
  /** Why it is this value: what was found about what, a clause. */
  readonly reason: string;
}

/** The properties of a loaded model. */
export interface PropertiesReport {
  /** Those of the load's options, as OpenVINO gets them. */
  readonly asked: Readonly<Record<string, string>>;
  /** Those that a profile or `performanceHint` set; never one of the load's options. */
  readonly chosen: readonly ChosenProperty[];
  /** Defaults that were corrected. Empty where the defaults are right. */
  readonly corrections: readonly PropertyCorrection[];
  /**
   * What the CPU plugin says that holds for them on this processor, by OpenVINO's names: `INFERENCE_PRECISION_HINT`,
   * `INFERENCE_NUM_THREADS`, `KV_CACHE_PRECISION`, … Null for a device other than "CPU".
   */
  readonly inForce: Readonly<Record<string, string>> | null;
}

/** Properties that may go to the engine, and the report of them. */
export interface GuardedProperties {
  readonly native: Array<[string, string]>;
  readonly report: PropertiesReport;
  /** Chosen ones that the engine cannot run with beside the others, by what they came with. */
  readonly leftOut: readonly Pick<ChosenProperty, "from" | "reason">[];
}

/** A model, and the properties to check. */
export interface GuardRequest {
  /** The folder with the IR. */
  readonly dir: string;
  readonly device: string;
  readonly properties: Array<[string, string]>;
  /** Further ones, of other names; what comes first is the last to be left out. Default none. */
  readonly chosen?: readonly ChosenProperty[];
  /** Those of the model, see `ModelInfo`. */
  readonly runtimeOptions: ReadonlyMap<string, string>;
  /** It generates text, or gives numbers. */
  readonly kind: "generator" | "encoder";
}

/** The `code` of the process's 'warning' event for each correction. */
export const CORRECTION_WARNING = "OPENVINO_LLM_PROPERTY_CORRECTED";

/**
 * Finds out what is in force for a model, and corrects a default that the engine cannot run with. What the caller set
 * is never changed; what was chosen for the caller is left out where the engine cannot run with it.
 *
 * @throws (by rejection) OpenVinoLlmError ERR_ENGINE_FAULT where what the caller set cannot be used.
 */
export async function guardProperties(request: GuardRequest): Promise<GuardedProperties> {
  const leftOut: Pick<ChosenProperty, "from" | "reason">[] = [];
  for (let chosen = request.chosen ?? []; ;) {
    try {
      return { ...(await guardAll(request, chosen)), leftOut };
    } catch (error) {
      const from = chosen.at(-1)?.from;
      if (from === undefined || !isFault(error)) throw error;
      leftOut.push({ from, reason: error.message });
      chosen = chosen.filter((property) => property.from !== from);
    }
  }
}

async function guardAll(
  request: GuardRequest,
  chosen: readonly ChosenProperty[],
): Promise<Omit<GuardedProperties, "leftOut">> {
  const { dir, device, runtimeOptions } = request;
  const asked = Object.fromEntries(request.properties);
  const properties: Array<[string, string]> = [
    ...request.properties,
    ...chosen.map(({ name, value }): [string, string] => [name, value]),
  ];
  const unguarded = { native: properties, report: { asked, chosen, corrections: [], inForce: null } };
  if (!mayUseCpu(device)) return unguarded;
  const ask = async (given: Array<[string, string]>) => askFor(device, given, runtimeOptions);
  let settings: PluginSettings;
  let model: GuardedModel;
  try {
    settings = await ask(properties);
    const mlps = mayFuseMlps(settings) ? await openBinding().core.gatedMlps(dir) : [];
    model = { graph: graphOf(request), mlps };
  } catch (error) {
    const failure = nativeFailure("ERR_NATIVE", "The model could not be inspected", error);
    if (isShortage(failure)) throw failure;
    // Whether one of them is the reason shows when it is left out.
    if (chosen.length > 0)
      throw new OpenVinoLlmError("ERR_ENGINE_FAULT", messageOf(failure), { cause: error });
    return unguarded; // a property that the plugin refuses, or a model that it cannot read: the load says so
  }
  const [fault] = engineFaults(settings, model);
  if (fault === undefined) {
    return {
      native: properties,
      report: { asked, chosen, corrections: [], inForce: inForce(device, settings) },
    };
  }
  const changes = correctionOf(settings, Object.fromEntries(properties));
  if (changes.length === 0) throw faultError(fault);
  const native: Array<[string, string]> = [...properties, ...changes];
  const corrected = await ask(native);
  const [left] = engineFaults(corrected, model);
  // In f32 the cache that was asked for may be wrong.
  if (left !== undefined) throw faultError(fault, left);
  const corrections = changes.map(([name, to]) => ({
    name,
    from: settings.properties.get(name) ?? "",
    to,
    reason: fault.problem,
  }));
  return { native, report: { asked, chosen, corrections, inForce: inForce(device, corrected) } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isFault(error: unknown): error is OpenVinoLlmError {
  return error instanceof OpenVinoLlmError && error.code === "ERR_ENGINE_FAULT";
}

/** What a model was loaded with: the requested properties and those chosen beside them. */
export function loadedProperties({ asked, chosen }: PropertiesReport): Record<string, string> {
  return { ...asked, ...Object.fromEntries(chosen.map(({ name, value }) => [name, value])) };
}

/** A warning of the process for each correction. */
export function warnOfCorrections({ corrections }: PropertiesReport): void {
  for (const { name, from, to, reason } of corrections) {
    process.emitWarning(`${name} is ${to} instead of its default ${from}. ${reason}`, {
      type: "OpenVinoLlmWarning",
      code: CORRECTION_WARNING,
    });
  }
}

/** The nearest settings that are right, where nobody asked for others: exact arithmetic. */
function correctionOf(
  { instructions }: PluginSettings,
  asked: Readonly<Record<string, string>>,
): Array<[string, string]> {
  if ("INFERENCE_PRECISION_HINT" in asked) return [];
  const changes: Array<[string, string]> = [["INFERENCE_PRECISION_HINT", "f32"]];
  if (!instructions.vnni && !("DYNAMIC_QUANTIZATION_GROUP_SIZE" in asked)) {
    changes.push(["DYNAMIC_QUANTIZATION_GROUP_SIZE", "0"]);
  }
  return changes;
}

function graphOf({ kind, properties }: GuardRequest): GuardedModel["graph"] {
  if (kind === "encoder") return "encoder";
  return properties.some(([name, value]) => name === "ATTENTION_BACKEND" && value === "SDPA")
    ? "stateful"
    : "paged";
}

function inForce(device: string, { properties }: PluginSettings): PropertiesReport["inForce"] {
  return device === CPU ? Object.fromEntries(properties) : null;
}

const CPU = "CPU";
/** Devices of OpenVINO that hand a model on to others. */
const VIRTUAL_DEVICES: ReadonlySet<string> = new Set(["AUTO", "BATCH", "HETERO", "MULTI"]);

/** "CPU" itself, or a virtual device that names no others or the CPU among them. */
function mayUseCpu(device: string): boolean {
  const [name = "", others] = device.split(":", 2);
  if (name === CPU) return true;
  return VIRTUAL_DEVICES.has(name) && (others === undefined || /\bCPU\b/.test(others));
}

/** A virtual device has properties of its own, and gives the CPU others than it got: one thread is the worst of them. */
async function askFor(
  device: string,
  properties: Array<[string, string]>,
  runtimeOptions: ReadonlyMap<string, string>,
): Promise<PluginSettings> {
  if (device === CPU) return askPlugin(properties, runtimeOptions);
  const known = (await askPlugin([], runtimeOptions)).properties;
  const cpuProperties = properties.filter(([name]) => known.has(name));
  return { ...(await askPlugin(cpuProperties, runtimeOptions)), threadsPerStream: 1 };
}

function faultError(...faults: readonly EngineFault[]): OpenVinoLlmError {
  const sentences = faults.flatMap(({ problem, cure }) => [problem, cure]);
  return new OpenVinoLlmError("ERR_ENGINE_FAULT", sentences.join(" "));
}
