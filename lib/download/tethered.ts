/** Python in a process group of its own, which ends with this process, even where that is killed. */
import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

import { onAbort } from "../abort/on-abort.js";

/** It stands beside the sources; compiled code is as deep in the package. */
const TETHER = fileURLToPath(new URL("../../lib/download/python/tether.py", import.meta.url));
/** The file descriptor that signals the end of this process. */
const LIFELINE = 4;

/** How a process is started. */
export interface TetheredOptions {
  /** The folder that it is started in, from which `-m` would take modules. */
  readonly cwd: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** An abort ends the whole group at once; what it was writing is the caller's to remove. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs Python.
 *
 * @param follow awaits the process; its streams are pipes, and so is its file descriptor 3
 * @returns what `follow` gives
 */
export async function runTethered<Value>(
  python: string,
  args: readonly string[],
  { cwd, env, signal }: TetheredOptions,
  follow: (child: ChildProcess) => Promise<Value>,
): Promise<Value> {
  const child = spawn(python, ["-I", "-S", TETHER, String(LIFELINE), python, ...args], {
    detached: true,
    cwd,
    env,
    stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"],
  });
  const endGroup = (): void => killGroup(child);
  const stopListening = onAbort(signal, endGroup);
  process.once("exit", endGroup);
  try {
    return await follow(child);
  } finally {
    stopListening();
    process.removeListener("exit", endGroup);
  }
}

/** What Python started itself ends with it. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, constants.signals.SIGKILL);
  } catch {
    // It has ended already.
  }
}
