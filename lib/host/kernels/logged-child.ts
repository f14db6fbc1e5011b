/** Runs a child process whose log is wanted: oneDNN writes its log to stdout, and only of a process that starts with it on. */
import { fork } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

import { onAbort } from "../../abort/on-abort.js";
import { AbortError } from "../../errors/errors.js";
import { locateRuntime } from "../../runtime/locate.js";

/** What a child answers when it is done: a value that JSON can hold, or what went wrong. */
export type ChildAnswer = { readonly value: unknown } | { readonly error: string };

/** How a child is run. */
export interface LoggedChildOptions {
  /** The script, from the root of `dist/`. */
  readonly script: string;
  /** Its options: JSON in its first argument. */
  readonly task: object;
  /** Variables beside those of this process; undefined takes one of them away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly timeoutMs: number;
  /** Ends it at once. */
  readonly signal?: AbortSignal | undefined;
}

/** Why a child did not answer. */
export class ChildError extends Error {
  override readonly name = "ChildError";

  constructor(
    message: string,
    /**
     * The signal that ended it: SIGKILL where it took too long or memory ran out. Null where it reported an error, or
     * ended.
     */
    readonly signal: NodeJS.Signals | null,
  ) {
    super(message);
  }
}

/**
 * Only the creation of kernels is logged. The log of their executions ("1", "profile_exec", "all") leaves oneDNN's
 * status unset in the pinned build, so that inference fails at random with "could not execute a primitive"
 * (https://github.com/openvinotoolkit/oneDNN/pull/323).
 */
const VERBOSE = "profile_create";

/**
 * Runs a script to its end, with oneDNN's log on.
 *
 * @returns its log and its value
 * @throws (by rejection) {@link ChildError} where it did not answer, {@link AbortError} where `signal` is aborted
 */
export async function runLoggedChild(options: LoggedChildOptions): Promise<{ log: string; value: unknown }> {
  const { script, task, timeoutMs, signal } = options;
  if (signal?.aborted === true) throw aborted(signal);
  const child = fork(childScript(script), [JSON.stringify(task)], {
    env: childEnvironment(options.env),
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  const stopListening = onAbort(signal, () => child.kill("SIGKILL"));
  const [log, stderrTail] = [textOf(child.stdout), textOf(child.stderr)];
  const received = { answer: null as ChildAnswer | null };
  child.on("message", (message) => (received.answer = message as ChildAnswer));
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, killedBy) => {
        const { answer } = received;
        if (signal?.aborted === true) reject(aborted(signal));
        else if (answer !== null && "value" in answer && code === 0) {
          resolve({ log: log(), value: answer.value });
        } else reject(new ChildError(failureOf(answer, code, killedBy, stderrTail(), timeoutMs), killedBy));
      });
    });
  } finally {
    stopListening();
  }
}

/** The path of a script of the package, also where this file runs as a source. */
export function childScript(script: string): string {
  return fileURLToPath(new URL(`../../../dist/${script}`, import.meta.url));
}

/** In a child: does the work of the task in its first argument, answers and lets it end. */
export function answerParent(work: (task: unknown) => Promise<unknown>): void {
  const answer = (message: ChildAnswer) => process.send?.(message, () => process.disconnect());
  work(JSON.parse(process.argv[2] ?? "{}")).then(
    (value) => answer({ value: value ?? null }),
    (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
  );
}

function childEnvironment(variables: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ONEDNN_VERBOSE: VERBOSE,
    // The child's cache may be another one.
    OPENVINO_LLM_RUNTIME: locateRuntime().dir,
    ...variables,
  };
  // A time stamp would move the fields; the second is the same setting by its former name.
  delete env["ONEDNN_VERBOSE_TIMESTAMP"];
  delete env["DNNL_VERBOSE"];
  return env;
}

/** What a stream has said so far. */
function textOf(stream: Readable | null): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (part: string) => (text += part));
  return () => text;
}

function aborted(signal: AbortSignal): AbortError<undefined> {
  return new AbortError("A child process that runs a model was ended.", signal.reason, undefined);
}

function failureOf(
  answer: ChildAnswer | null,
  code: number | null,
  signal: NodeJS.Signals | null,
  stderrTail: string,
  timeoutMs: number,
): string {
  if (answer !== null && "error" in answer) return answer.error;
  const said = stderrTail.trim() === "" ? "" : ` It said: ${stderrTail.trim().slice(-500)}`;
  if (signal === "SIGKILL") {
    return `A child process that runs a model was killed, after ${timeoutMs / 1000} s or for want of memory.${said}`;
  }
  return `A child process that runs a model ended with ${signal ?? `exit code ${code}`}.${said}`;
}
