/**
 * Finds out which instruction sets inference really uses: oneDNN says so in a log, which it writes to stdout when an
 * environment variable is set before it starts. So a child process runs a model and this one reads the log.
 */
import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Properties } from "../options/properties.js";
import { locateRuntime } from "../runtime/locate.js";
import type { OneDnnIsa } from "./instruction-sets.js";
import { highestInstructionSet, layerTypes, parseOneDnnLog, type OneDnnKernel } from "./onednn-log.js";

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

/** What the child answers: null when the model ran. */
export interface ProbeAnswer {
  readonly error: string | null;
}

/**
 * Only the creation of kernels is logged. The log of their executions ("1", "profile_exec", "all") leaves oneDNN's
 * status unset in the pinned build, so that inference fails at random with "could not execute a primitive"
 * (https://github.com/openvinotoolkit/oneDNN/pull/323).
 */
const VERBOSE = "profile_create";

/** Runs the probe. Never throws: what goes wrong is in the answer. */
export async function probeInference(options: ProbeOptions = {}): Promise<InferenceProbe> {
  const { model = null, device = "CPU", properties = {}, timeoutMs = 120_000 } = options;
  let folder: string | null = null;
  try {
    const env = childEnvironment(locateRuntime().dir);
    const task = { device, properties };
    if (model !== null) {
      return { ...readLog(await runChild({ ...task, model, writeModel: false }, env, timeoutMs)), model };
    }
    folder = await mkdtemp(join(tmpdir(), "openvino-llm-probe-"));
    // The tiny model is converted in a cache of its own, so that nothing of it stays.
    env["OPENVINO_LLM_CACHE"] = join(folder, "cache");
    const tiny = { ...task, model: join(folder, "tiny.gguf"), writeModel: true };
    return { ...readLog(await runChild(tiny, env, timeoutMs)), model };
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

function childEnvironment(runtimeDir: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ONEDNN_VERBOSE: VERBOSE,
    OPENVINO_LLM_RUNTIME: runtimeDir,
  };
  // A time stamp would move the fields; the second is the same setting by its former name.
  delete env["ONEDNN_VERBOSE_TIMESTAMP"];
  delete env["DNNL_VERBOSE"];
  return env;
}

/** The child's stdout. Rejects when the model did not run. */
function runChild(task: ProbeTask, env: NodeJS.ProcessEnv, timeoutMs: number): Promise<string> {
  const child = fork(fileURLToPath(new URL("./onednn-probe.js", import.meta.url)), [JSON.stringify(task)], {
    env,
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  const heard = { log: "", complaint: "", answer: null as ProbeAnswer | null };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (heard.log += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (heard.complaint += text));
  child.on("message", (message) => (heard.answer = message as ProbeAnswer));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (heard.answer?.error === null && code === 0) resolve(heard.log);
      else reject(new Error(failureOf(heard.answer, code, signal, heard.complaint, timeoutMs)));
    });
  });
}

function failureOf(
  answer: ProbeAnswer | null,
  code: number | null,
  signal: NodeJS.Signals | null,
  complaint: string,
  timeoutMs: number,
): string {
  if (typeof answer?.error === "string") return answer.error;
  const said = complaint.trim() === "" ? "" : `: ${complaint.trim().slice(-500)}`;
  if (signal === "SIGKILL") {
    return `A child process that runs a model was killed, after ${timeoutMs / 1000} s or for want of memory${said}`;
  }
  return `A child process that runs a model ended with ${signal ?? `exit code ${code}`}${said}`;
}
