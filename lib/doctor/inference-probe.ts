/**
 * Finds out which instruction sets inference really uses: oneDNN says so in a log, which it writes to stdout when an
 * environment variable is set before it starts. So a child process runs a model and this one reads the log.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Properties } from "../options/properties.js";
import type { OneDnnIsa } from "../kernels/instruction-sets.js";
import { runLoggedChild } from "../kernels/logged-child.js";
import {
  highestInstructionSet,
  layerTypes,
  parseOneDnnLog,
  type OneDnnKernel,
} from "../kernels/onednn-log.js";

/** What to run. */
export interface ProbeOptions {
  /** The folder of a model with OpenVINO IR. Default: a tiny model with 16-bit weights that is made on the spot. */
  readonly model?: string;
  /** Default "CPU". */
  readonly device?: string;
  /** Default none. */
  readonly properties?: Properties;
  /** How long it may take. Default 120,000. */
  readonly timeoutMs?: number;
}

/** What came of it. */
export type InferenceProbe =
  | {
      readonly ok: true;
      /** The model that ran; null for the tiny one. */
      readonly model: string | null;
      /** The highest instruction set among the kernels that compute; null where the log does not tell. */
      readonly instructionSet: OneDnnIsa | null;
      /** Element types of the weight layers' activations: the inference precision, e.g. ["bf16"]. */
      readonly activationTypes: readonly string[];
      /** Weight layers quantise their activations to 8 bits on arrival and multiply in 8 bits. */
      readonly isDynamicallyQuantized: boolean;
      /** Element types of the weights as the kernels read them, e.g. ["u4", "u8"]. */
      readonly weightTypes: readonly string[];
      readonly kernels: readonly OneDnnKernel[];
      readonly oneDnnVersion: string | null;
      /** The best instruction set that oneDNN found on this processor, in its own words. */
      readonly detected: string | null;
    }
  | { readonly ok: false; readonly message: string };

/** What the child is told. */
export interface ProbeTask {
  readonly model: string;
  /** Write the tiny model to that path first. */
  readonly writeModel: boolean;
  readonly device: string;
  readonly properties: Properties;
}

/** Runs the probe. Never throws: what goes wrong is in the answer. */
export async function probeInference(options: ProbeOptions = {}): Promise<InferenceProbe> {
  const { model = null, device = "CPU", properties = {}, timeoutMs = 120_000 } = options;
  let folder: string | null = null;
  const run = async (task: ProbeTask, env?: Record<string, string>) => {
    const { log } = await runLoggedChild({ script: "doctor/onednn-probe.js", task, env, timeoutMs });
    return { ...readLog(log), model };
  };
  try {
    const task = { device, properties };
    if (model !== null) return await run({ ...task, model, writeModel: false });
    folder = await mkdtemp(join(tmpdir(), "openvino-llm-probe-"));
    // The tiny model is converted in a cache of its own, so that nothing of it stays.
    const env = { OPENVINO_LLM_CACHE: join(folder, "cache") };
    return await run({ ...task, model: join(folder, "tiny.gguf"), writeModel: true }, env);
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

function readLog(log: string): Omit<Extract<InferenceProbe, { ok: true }>, "model"> {
  const { version, detected, kernels } = parseOneDnnLog(log);
  return {
    ok: true,
    instructionSet: highestInstructionSet(kernels),
    ...layerTypes(kernels),
    kernels,
    oneDnnVersion: version,
    detected,
  };
}
