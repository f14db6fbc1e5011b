/** One stage of a preparation: a Python process of its own, so that its memory is given back and can be measured. */
import type { ChildProcess } from "node:child_process";

import { runTethered, isJsonObject } from "openvino-llm/internal";
import { AbortError } from "openvino-llm";
import type { JsonObject } from "openvino-llm/models";
import { LineSplitter } from "./line-splitter.js";
import type { PrepareEvent, PreparePhase } from "./prepare-options.js";
import { PYTHON_FOLDER } from "./python-folder.js";
import type { RunLog } from "./run-log.js";

/** What a stage says while it runs. */
export type StageEvent = Extract<PrepareEvent, { readonly type: "phase" | "progress" }>;

/** How a process is run. */
export interface RunContext {
  readonly log: RunLog;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: StageEvent) => void) | undefined;
  /** Receives each line that the process prints. */
  readonly onLine?: (line: string) => void;
  /** Beside this process's own variables. */
  readonly env?: NodeJS.ProcessEnv;
  /** The folder that it is started in, from which `-m` would take modules. Default: this process's own. */
  readonly cwd?: string;
}

/** How a process ended that was not aborted. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The exception that ended a stage: names of its class and of those above it, and its message. */
  readonly error: { readonly types: readonly string[]; readonly message: string } | null;
  /** What a stage gave. */
  readonly value: unknown;
  /** Most memory that was resident at once; null where the stage could not say. */
  readonly peakMemoryBytes: number | null;
}

/** Variables of the user's Python that must not reach this one are kept out by `-E`; user packages by `-s`. */
const ISOLATED = ["-s", "-E"];

/**
 * Runs Python with the given arguments in a process group of its own, which ends with this process. An abort ends the
 * whole group at once; what it was writing is the caller's to remove.
 *
 * @throws AbortError; Error when Python cannot be started
 */
export async function runPython(
  python: string,
  args: readonly string[],
  context: RunContext & { readonly input?: string },
): Promise<Ended> {
  throwIfAborted(context.signal);
  const { cwd, signal } = context;
  const env = { ...process.env, ...context.env };
  const follows = (child: ChildProcess) => follow(child, context);
  const ended = await runTethered(python, [...ISOLATED, ...args], { cwd, env, signal }, follows);
  throwIfAborted(signal);
  return ended;
}

/** Runs a stage of `python/main.py`. */
export function runStage(
  python: string,
  stage: string,
  job: JsonObject,
  context: RunContext,
): Promise<Ended> {
  const input = JSON.stringify(job);
  return runPython(python, [`${PYTHON_FOLDER}main.py`, stage], { ...context, input });
}

/** @throws AbortError when the signal was aborted */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new AbortError("The preparation was aborted; nothing of it is left.", signal.reason, undefined);
  }
}

function follow(child: ChildProcess, context: RunContext & { readonly input?: string }): Promise<Ended> {
  let [error, value, peakMemoryBytes]: [Ended["error"], unknown, number | null] = [null, undefined, null];
  const events = new LineSplitter((line) => {
    const event = parseEvent(line);
    switch (event?.["event"]) {
      case "phase":
        return context.onEvent?.({ type: "phase", phase: event["phase"] as PreparePhase });
      case "progress":
        return context.onEvent?.({
          type: "progress",
          label: String(event["label"]),
          fraction: Number(event["fraction"]),
        });
      case "result":
        value = event["value"];
        peakMemoryBytes = Number(event["peakMemoryBytes"]);
        return undefined;
      case "error":
        error = { types: (event["types"] as unknown[]).map(String), message: String(event["message"]) };
        return undefined;
      default:
        return undefined;
    }
  });
  const lines = [child.stdout, child.stderr].map((stream) => {
    const splitter = new LineSplitter((line) => {
      context.log.write(line);
      context.onLine?.(line);
    });
    stream?.setEncoding("utf8").on("data", (text: string) => splitter.push(text));
    return splitter;
  });
  const pipe = child.stdio[3];
  if (pipe !== null && pipe !== undefined && "setEncoding" in pipe) {
    pipe.setEncoding("utf8").on("data", (text: string) => events.push(text));
  }
  // One that has ended before it read its job says why by its exit.
  child.stdin?.on("error", () => undefined).end(context.input ?? "");
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      for (const splitter of [...lines, events]) splitter.end();
      resolve({ code, signal, error, value, peakMemoryBytes });
    });
  });
}

function parseEvent(line: string): JsonObject | null {
  try {
    const event: unknown = JSON.parse(line);
    return isJsonObject(event) ? event : null;
  } catch {
    return null;
  }
}
