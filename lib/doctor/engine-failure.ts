/** What is made of an engine that does not run: by what it does in other settings, and by the runtime's files. Pure. */
import { canRun, type CpuFlags } from "../host/kernels/instruction-sets.js";
import { limitedEnvironment, UNLIMITED_ENVIRONMENT, type IsaLimit } from "../host/kernels/isa-limit.js";
import type { Properties } from "../options/properties.js";

/** How a run ended. */
export type RunOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /**
       * The signal that ended the process: SIGKILL where it took too long or memory ran out; null where it reported an
       * error.
       */
      readonly signal: NodeJS.Signals | null;
      readonly message: string;
    };

/** Other settings: inference in f32, oneDNN without AMX, oneDNN without the limit that the environment sets. */
export type SettingName = "f32" | "no-amx" | "no-isa-limit";

/** A tiny model did not run with default settings. */
export interface EngineFailure {
  /** How it ended. */
  readonly outcome: Extract<RunOutcome, { ok: false }>;
  /** The same model with other settings; none where nothing was to be learnt of them. */
  readonly tries: ReadonlyArray<{ readonly setting: SettingName; readonly outcome: RunOutcome }>;
  /**
   * Files of the runtime that differ from its manifest, a line for each. Null where they were not compared: because a
   * setting helps, or because the runtime has no manifest.
   */
  readonly damagedFiles: readonly string[] | null;
}

/** What a run with other settings is given. */
export interface Setting {
  readonly name: SettingName;
  readonly properties: Properties;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The highest limit that leaves AMX out and needs no further setting. */
const NO_AMX: IsaLimit = "AVX512_CORE_BF16";

const SETTINGS: Readonly<Record<SettingName, Omit<Setting, "name"> & { text: string; cure: string }>> = {
  f32: {
    properties: { INFERENCE_PRECISION_HINT: "f32" },
    env: {},
    text: "in f32",
    cure: 'load() with { properties: { INFERENCE_PRECISION_HINT: "f32" } }, in commands --property INFERENCE_PRECISION_HINT=f32',
  },
  "no-amx": {
    properties: {},
    env: limitedEnvironment(NO_AMX),
    text: "with AMX off",
    cure: `set ONEDNN_MAX_CPU_ISA=${NO_AMX} before the process starts`,
  },
  "no-isa-limit": {
    properties: {},
    env: UNLIMITED_ENVIRONMENT,
    text: "without the limit of ONEDNN_MAX_CPU_ISA",
    cure: "unset ONEDNN_MAX_CPU_ISA",
  },
};

const BUSY_CURE = "free memory, or run it again when the machine has less to do";
const UNKNOWN_CURE =
  "none of the settings tried helps: report it with what npx openvino-llm doctor --json prints";

/** The settings that can explain a failure: on this processor, under the limit that the environment sets. */
export function settingsToTry(flags: CpuFlags, isaLimit: string | null): Setting[] {
  // A limit that is below AMX has no AMX in its name.
  const hasAmx = canRun("avx10_1_512_amx", flags) && (isaLimit === null || /AMX|ALL|DEFAULT/i.test(isaLimit));
  const names: SettingName[] = [
    "f32",
    ...(hasAmx ? (["no-amx"] as const) : []),
    ...(isaLimit === null ? [] : (["no-isa-limit"] as const)),
  ];
  return names.map((name) => ({ name, properties: SETTINGS[name].properties, env: SETTINGS[name].env }));
}

/** Whether other settings can show more: not of a run that was killed from outside. */
export function isWorthTrying({ signal }: EngineFailure["outcome"]): boolean {
  return signal !== "SIGKILL";
}

/**
 * What a failure is, and what to do about it.
 *
 * @param runtimeCure - how damaged files are replaced
 */
export function judgeFailure(failure: EngineFailure, runtimeCure: string): { message: string; cure: string } {
  const { outcome, tries, damagedFiles } = failure;
  const message = [
    `A tiny model ${endOf(outcome)} (default settings)`,
    ...(tries.length === 0 ? [] : [triesText(failure)]),
    ...(damagedFiles === null ? [] : [filesText(damagedFiles)]),
  ].join("; ");
  if (!isWorthTrying(outcome)) return { message, cure: BUSY_CURE };
  const cures = tries.filter((tried) => tried.outcome.ok).map(({ setting }) => SETTINGS[setting].cure);
  if (cures.length > 0) return { message, cure: cures.join("; or ") };
  return { message, cure: damagedFiles === null || damagedFiles.length === 0 ? UNKNOWN_CURE : runtimeCure };
}

function endOf({ signal, message }: EngineFailure["outcome"]): string {
  if (signal !== null && signal !== "SIGKILL") return `ended with ${signal}`;
  return `did not run: ${message.replace(/\.$/, "")}`;
}

function triesText({ outcome, tries }: EngineFailure): string {
  return tries
    .map(
      ({ setting, outcome: other }) =>
        `${SETTINGS[setting].text} it ${other.ok ? "runs" : endLike(other, outcome)}`,
    )
    .join(", ");
}

function endLike(other: EngineFailure["outcome"], first: EngineFailure["outcome"]): string {
  const isAlike = other.signal === first.signal && (other.signal !== null || other.message === first.message);
  return isAlike ? "ends in the same way" : endOf(other);
}

function filesText(damagedFiles: readonly string[]): string {
  return damagedFiles.length === 0
    ? "the runtime's files are as they should be"
    : `files of the runtime are damaged: ${damagedFiles.join(", ")}`;
}
