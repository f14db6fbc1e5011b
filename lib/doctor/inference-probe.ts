/** Runs a tiny model in a child process, which may end by any signal, and finds out which kernels ran it. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { PropertyCorrection } from "../engine-guard/guard.js";
import type { CpuFlags } from "../host/kernels/instruction-sets.js";
import { isaLimitIn } from "../host/isa-variable.js";
import { ChildError, runLoggedChild } from "../host/kernels/logged-child.js";
import type { Properties } from "../options/properties.js";
import { temporaryFolder } from "../errors/system-errors.js";
import {
  isWorthTrying,
  settingsToTry,
  type EngineFailure,
  type RunOutcome,
  type Setting,
} from "./engine-failure.js";
import { kernelsOf, type ModelKernels } from "./model-kernels.js";

/** How to probe. */
export interface ProbeOptions {
  /** Which settings are tried where the default ones fail. */
  readonly flags: CpuFlags;
  /** Files of the runtime that differ from its manifest; null without one. Asked for where no setting helps. */
  readonly damagedFiles: () => Promise<readonly string[] | null>;
  /** The child's script, from the root of `dist/`. Default: the one with the tiny model. */
  readonly script?: string;
  /** How long each run may take. Default 60,000. */
  readonly timeoutMs?: number;
}

/** What came of it. */
export type InferenceProbe =
  | {
      /** The tiny model ran, with default settings. */
      readonly ok: true;
      /** Which kernels ran it. */
      readonly kernels: ModelKernels;
      /** Defaults of OpenVINO that it does not run with on this machine. */
      readonly corrections: readonly PropertyCorrection[];
    }
  | {
      /** It did not run. */
      readonly ok: false;
      /** What came of it, and what is known of that. */
      readonly failure: EngineFailure;
    };

/** The child's arguments. */
export interface ProbeTask {
  /** Where it writes the tiny model. */
  readonly model: string;
  readonly properties: Properties;
}

/** What the child answers. */
export interface ProbeAnswer {
  /** The folder with the IR of the tiny model. */
  readonly path: string;
  readonly corrections: readonly PropertyCorrection[];
}

const DEFAULT: Pick<Setting, "properties" | "env"> = { properties: {}, env: {} };

/** Runs the probe. Never throws: what goes wrong is in the answer. */
export async function probeInference(options: ProbeOptions): Promise<InferenceProbe> {
  const { flags, damagedFiles, script = "doctor/probe-child.js", timeoutMs = 60_000 } = options;
  let folder: string | null = null;
  try {
    folder = await temporaryFolder("openvino-llm-probe-");
    const model = join(folder, "tiny.gguf");
    // The tiny model is converted in a cache of its own, so that nothing of it stays.
    const cache = { OPENVINO_LLM_CACHE: join(folder, "cache") };
    const run = ({ properties, env }: typeof DEFAULT) =>
      runLoggedChild({ script, task: { model, properties }, env: { ...cache, ...env }, timeoutMs });
    const { outcome, value } = await attempt(run(DEFAULT));
    if (outcome.ok) {
      const { path, corrections } = value as ProbeAnswer;
      return { ok: true, kernels: await kernelsOf(path), corrections };
    }
    const tries = [];
    for (const setting of isWorthTrying(outcome) ? settingsToTry(flags, isaLimitIn(process.env)) : []) {
      tries.push({ setting: setting.name, outcome: (await attempt(run(setting))).outcome });
    }
    const isExplained = !isWorthTrying(outcome) || tries.some((tried) => tried.outcome.ok);
    return {
      ok: false,
      failure: { outcome, tries, damagedFiles: isExplained ? null : await damagedFiles() },
    };
  } catch (error) {
    return { ok: false, failure: { outcome: failureOf(error), tries: [], damagedFiles: null } };
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function attempt(run: Promise<{ value: unknown }>): Promise<{ outcome: RunOutcome; value: unknown }> {
  return run.then(
    ({ value }) => ({ outcome: { ok: true }, value }),
    (error: unknown) => ({ outcome: failureOf(error), value: null }),
  );
}

function failureOf(error: unknown): EngineFailure["outcome"] {
  return {
    ok: false,
    signal: error instanceof ChildError ? error.signal : null,
    message: error instanceof Error ? error.message : String(error),
  };
}
