/** One instance: a process of the server, bound to its processors, started again where it dies. */
import { spawn, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { Agent } from "node:http";
import { availableParallelism } from "node:os";

import { OpenVinoLlmError } from "openvino-llm";

import type { AnyServedModel } from "../models/model-registry.js";
import type { ServiceLog } from "../service/service-message.js";

/** How an instance is started. */
export interface InstanceSettings {
  /** From 0. */
  readonly rank: number;
  readonly cpus: readonly number[];
  /** Where it shall listen. */
  readonly socketPath: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly log: ServiceLog;
}

/** What an instance sends when it is ready. */
export interface InstanceReady {
  /** What it serves, for people. */
  readonly ready: string;
}

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 30_000;
/** One that lived that long is started again at once when it dies. */
const LONG_LIFE_MS = 60_000;

export class Instance {
  readonly rank: number;
  readonly cpus: readonly number[];
  readonly socketPath: string;
  /** Requests that it was given and has not answered yet. */
  running = 0;
  /** Connections to it, which are kept. */
  agent = new Agent({ keepAlive: true });
  /** What it serves; rejects where it ends before it was ready for the first time. */
  readonly firstReady: Promise<string>;
  readonly #settings: InstanceSettings;
  #settle: { resolve: (ready: string) => void; reject: (error: Error) => void } | null = null;
  #child: ChildProcess | null = null;
  #isReady = false;
  #isStopping = false;
  #pauseMs = FIRST_PAUSE_MS;
  #restart: NodeJS.Timeout | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(settings: InstanceSettings) {
    this.#settings = settings;
    this.rank = settings.rank;
    this.cpus = settings.cpus;
    this.socketPath = settings.socketPath;
    this.firstReady = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.firstReady.catch(() => undefined);
    this.#start();
  }

  /** Whether it takes requests. */
  get isReady(): boolean {
    return this.#isReady && !this.#isStopping;
  }

  /** The process; null between two. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Asks it to end, waits that long, and then ends it. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    this.#child?.kill("SIGTERM");
    const kill = setTimeout(() => this.kill(), graceMs);
    await this.#ended;
    clearTimeout(kill);
  }

  /** Ends it at once. */
  kill(): void {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    this.#child?.kill("SIGKILL");
  }

  #start(): void {
    const { cpus, command, rank, log, socketPath } = this.#settings;
    const beganMs = performance.now();
    // What a process left that was killed.
    rmSync(socketPath, { force: true });
    // In a group of its own, so that Ctrl-C reaches the parent alone, which lets running requests end.
    const child = spawn("taskset", ["-c", cpus.join(","), ...command], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      detached: true,
    });
    this.#child = child;
    child.on("message", (message: InstanceReady) => {
      this.#isReady = true;
      this.#settle?.resolve(message.ready);
      this.#settle = null;
    });
    this.#ended = new Promise((resolve) => {
      const over = (why: string): void => {
        if (this.#child !== child) return;
        this.#child = null;
        this.#isReady = false;
        // Its requests have failed; those that follow need connections to the next process.
        this.agent.destroy();
        this.agent = new Agent({ keepAlive: true });
        resolve();
        if (this.#isStopping) return;
        if (this.#settle !== null) return this.#settle.reject(notStarted(rank, why));
        if (performance.now() - beganMs >= LONG_LIFE_MS) this.#pauseMs = FIRST_PAUSE_MS;
        log.error({ instance: rank, why, restartMs: this.#pauseMs }, "an instance died and is started again");
        this.#restart = setTimeout(() => this.#start(), this.#pauseMs);
        this.#pauseMs = Math.min(MAX_PAUSE_MS, this.#pauseMs * 2);
      };
      child.on("error", (error) => over(error.message));
      child.on("exit", (code, signal) => over(signal ?? `exit code ${code}`));
    });
  }
}

function notStarted(rank: number, why: string): OpenVinoLlmError {
  return new OpenVinoLlmError(
    "ERR_SERVER",
    `Instance ${rank} ended before it was ready (${why}); what it said stands above. It is started by taskset, of util-linux.`,
  );
}

/**
 * Where an instance has one processor, the library may have had to leave out AMX: OpenVINO's kernel for it needs two threads
 * and ends the process with one. Several such instances would be slower than one, and nobody asked for that.
 *
 * @throws OpenVinoLlmError ERR_ENGINE_FAULT
 */
export function checkThreads(models: readonly AnyServedModel[]): void {
  if (availableParallelism() > 1) return;
  for (const served of models) {
    const { properties } = served.task === "text_generation" ? served.llm : served.pipeline;
    const correction = properties.corrections.find((one) => one.name === "INFERENCE_PRECISION_HINT");
    if (correction === undefined) continue;
    throw new OpenVinoLlmError(
      "ERR_ENGINE_FAULT",
      `${served.name}: An instance would have one CPU. ${correction.reason} Start fewer instances, or ask for f32 with ` +
        "--property INFERENCE_PRECISION_HINT=f32.",
    );
  }
}
