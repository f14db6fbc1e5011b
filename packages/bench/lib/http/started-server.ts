/** Starts openvino-llm-server with the engine settings of a benchmark, in a process of its own, and stops it. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { AbortError, OpenVinoLlmError } from "openvino-llm";
import { locateRuntime, onAbort, programOf, SERVER, temporaryFolder } from "openvino-llm/internal";
import type { ResolvedBenchOptions } from "../plan/bench-options.js";
import type { PlanTarget } from "../plan/plan.js";
import type { ResolvedServeOptions } from "../plan/serve-options.js";

/** What ends the server with this process, also where this file runs as a source. */
const TETHER = new URL("../../dist/http/tether.js", import.meta.url).href;

/** The end of a server's stderr, which may say why it died. */
const STDERR_TAIL_LENGTH = 500;
/** Nothing runs any more when it is asked to end. */
const STOP_LIMIT_MS = 10_000;

/** A server that is ready. */
export interface StartedServer {
  /** Where it listens: "http://127.0.0.1:43210". */
  readonly url: string;
  /** Ends it, if need be by force. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts the server for one model and waits until it is ready.
 *
 * @throws (by rejection) OpenVinoLlmError ERR_PACKAGE_NOT_FOUND where openvino-llm-server is not installed, ERR_SERVER where
 *   it ends before it is ready, with what it said; AbortError
 */
export async function startServer(
  target: PlanTarget,
  options: ResolvedBenchOptions,
  { flags }: ResolvedServeOptions,
  signal: AbortSignal,
): Promise<StartedServer> {
  const program = programOf(SERVER);
  const folder = await temporaryFolder("openvino-llm-bench-serve-");
  try {
    const config = join(folder, "server.json");
    await writeFile(config, JSON.stringify(configOf(target, options)));
    const args = ["--config", config, "--port", "0", "--log-level", "warn", ...flags];
    // Settings of its environment would hold for it alone: a key of its own, for one.
    const { OPENVINO_LLM_API_KEY: _, ...env } = process.env;
    const child = fork(program, args, {
      env: { ...env, OPENVINO_LLM_RUNTIME: locateRuntime().dir },
      execArgv: ["--import", TETHER],
      // Ctrl-C reaches every process of a terminal; the benchmark decides when this one ends.
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    return await whenReady(child, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The server's flags for the model: how the target in this process is loaded. */
function configOf({ model }: PlanTarget, options: ResolvedBenchOptions): object {
  const { device, properties, profile, performanceHint, promptLookup, scheduler, maxNumBatchedTokens } =
    options;
  const [perStep] = maxNumBatchedTokens ?? [];
  const load = {
    device,
    properties,
    profile,
    performanceHint,
    promptLookup,
    // The command keeps prefixes where nothing is said of them, the library does not.
    scheduler: {
      enablePrefixCaching: false,
      ...scheduler,
      ...(perStep === undefined ? {} : { maxNumBatchedTokens: perStep }),
    },
  };
  return { models: [{ model, load }], drainDelayMs: 0, drainTimeoutMs: 0 };
}

async function whenReady(child: ChildProcess, signal: AbortSignal): Promise<StartedServer> {
  let stderrTail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderrTail = (stderrTail + text).slice(-STDERR_TAIL_LENGTH);
  });
  let hasEnded = false;
  const ended = once(child, "close").then(
    ([code, killedBy]) => String(killedBy ?? `exit code ${code}`),
    (error: unknown) => String(error),
  );
  void ended.then(() => (hasEnded = true));
  const stop = async (): Promise<void> => {
    if (!hasEnded) child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await ended;
    clearTimeout(force);
  };
  const stopListening = onAbort(signal, () => child.kill("SIGKILL"));
  try {
    const url = await Promise.race([readyUrl(child), ended.then(() => null)]);
    if (url !== null) return { url, stop };
    const how = await ended;
    if (signal.aborted) throw new AbortError("The benchmark was aborted.", signal.reason, undefined);
    const said = stderrTail.trim() === "" ? "" : ` Its last words: ${stderrTail.trim()}`;
    throw new OpenVinoLlmError("ERR_SERVER", `${SERVER.name} ended with ${how} before it was ready.${said}`);
  } finally {
    stopListening();
  }
}

/** The line on stdout that says that the server is ready. */
function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      const url = /^Ready at (\S+):/m.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}
