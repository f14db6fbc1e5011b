/** A target in a process of its own, seen from the benchmark: loads there, runs whole levels there. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

import { onAbort, locateRuntime, limitedEnvironment, type IsaLimit } from "openvino-llm/internal";
import { AbortError, OpenVinoLlmError, type ErrorCode, type LoadedModel } from "openvino-llm";
import { EventQueue } from "../../measure/event-queue.js";
import type { ResolvedBenchOptions } from "../../plan/bench-options.js";
import type { PlanTarget } from "../../plan/plan.js";
import type { LevelEvent, LevelOptions, LevelWorkload } from "../../measure/run-level.js";
import type { TargetFacts } from "../target-facts.js";
import type { BenchRequest, BenchTarget, RequestOutcome } from "../../measure/target.js";
import type { FromChild, SentError, ToChild } from "./messages.js";

/** What runs in the child, also where this file runs as a source. */
const CHILD = fileURLToPath(new URL("../../../dist/targets/child/target-child.js", import.meta.url));

/** The end of a child's stderr, which may say why it died. */
const STDERR_TAIL_LENGTH = 500;

/** A target whose process has been started. */
export class ChildTarget implements BenchTarget {
  readonly stamps = "engine";
  readonly #label: string;
  readonly #child: ChildProcess;
  #produced = 0;
  #stderrTail = "";
  /** Takes what the child says about the work in progress. */
  #listener: ((message: FromChild | Error) => void) | null = null;
  #died: Error | null = null;

  /** Starts the process; nothing is loaded yet. */
  constructor(label: string, isa: IsaLimit | null) {
    this.#label = label;
    this.#child = fork(CHILD, [], {
      env: {
        ...process.env,
        OPENVINO_LLM_RUNTIME: locateRuntime().dir,
        ...(isa === null ? {} : limitedEnvironment(isa)),
      },
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL_LENGTH);
    });
    this.#child.on("message", (message) => this.#listener?.(message as FromChild));
    this.#child.on("error", (error) => this.#hasDied(error.message));
    // Not "exit": what it complained about comes before "close".
    this.#child.on("close", (code, signal) => this.#hasDied(signal ?? `exit code ${code}`));
  }

  /** Tokens of the levels so far, as of the last progress that was received. */
  get producedTokens(): number {
    return this.#produced;
  }

  /** The id of its process; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Loads the model. An abort ends the process.
   *
   * @throws (by rejection) as `openLocalTarget` does, and ERR_ENGINE_BROKEN where the process dies
   */
  async open(
    target: PlanTarget,
    options: ResolvedBenchOptions,
    signal: AbortSignal | undefined,
  ): Promise<{ facts: TargetFacts; model: LoadedModel }> {
    const stopListening = onAbort(signal, () => this.#child.kill("SIGKILL"));
    try {
      return await new Promise((resolve, reject) => {
        this.#ask({ type: "open", target, options }, (message) => {
          if (message instanceof Error) reject(message);
          else if (message.type === "opened") resolve({ facts: message.facts, model: message.model });
        });
      });
    } catch (error) {
      if (signal?.aborted === true) throw abortedBy(signal.reason);
      throw error;
    } finally {
      stopListening();
    }
  }

  /** Runs a level there, as `runLevel` does it here. */
  async *runLevel(
    workload: LevelWorkload,
    { signal, progressEveryMs }: LevelOptions = {},
  ): AsyncGenerator<LevelEvent, void, undefined> {
    const events = new EventQueue<LevelEvent>();
    const before = this.#produced;
    const done = new Promise<void>((resolve) => {
      this.#ask({ type: "level", workload, progressEveryMs }, (message) => {
        if (message instanceof Error)
          events.fail(signal?.aborted === true ? abortedBy(signal.reason) : message);
        else if (message.type === "event") {
          if (message.event.type === "progress") this.#produced = before + message.event.tokens;
          events.push(message.event);
          return;
        } else events.close();
        resolve();
      });
    });
    const abort = () => this.#send({ type: "abort" });
    const stopListening = onAbort(signal, abort);
    let isWhole = false;
    try {
      yield* events.drain();
      isWhole = true;
    } finally {
      stopListening();
      if (!isWhole) abort();
      await done;
    }
  }

  /** One request alone. */
  async send(request: BenchRequest, signal: AbortSignal): Promise<RequestOutcome> {
    for await (const event of this.runLevel({ concurrency: 1, requests: [request] }, { signal })) {
      if (event.type === "request") return event.request;
    }
    throw new Error("A level ended without its request.");
  }

  /** Frees the model and ends the process. */
  async close(): Promise<void> {
    if (this.#died !== null) return;
    const ended = new Promise<void>((resolve) => (this.#listener = () => resolve()));
    this.#send({ type: "close" });
    await ended;
  }

  /** Says something that has an answer. The listener is called until it has come, or with the error that there was. */
  #ask(message: ToChild, listener: (message: FromChild | Error) => void): void {
    this.#listener = (answer) => {
      if (answer instanceof Error) return listener(answer);
      listener(answer.type === "failed" ? received(answer.error) : answer);
    };
    if (this.#died !== null) this.#listener(this.#died);
    else this.#send(message);
  }

  #send(message: ToChild): void {
    // Its death is reported by its own event.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #hasDied(how: string): void {
    if (this.#died !== null) return;
    const said = this.#stderrTail.trim() === "" ? "" : ` Its last words: ${this.#stderrTail.trim()}`;
    this.#died = new OpenVinoLlmError(
      "ERR_ENGINE_BROKEN",
      `The process that runs ${this.#label} ended with ${how}. Where it was killed, memory may have run out. ` +
        `Finished runs are kept.${said}`,
    );
    this.#listener?.(this.#died);
  }
}

function abortedBy(reason: unknown): AbortError<undefined> {
  return new AbortError("The benchmark was aborted.", reason, undefined);
}

/** An error of the child as one of this process, so that it is reported like those of a target that runs here. */
function received({ name, code, message }: SentError): Error {
  if (name === "RangeError") return Object.assign(new RangeError(message), { code });
  if (name === "TypeError") return Object.assign(new TypeError(message), { code });
  return code?.startsWith("ERR_") === true
    ? new OpenVinoLlmError(code as ErrorCode, message)
    : new Error(message);
}
