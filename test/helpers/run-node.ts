import { spawn } from "node:child_process";

export interface Ended {
  /** Null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

interface RunOptions {
  env?: NodeJS.ProcessEnv;
  stdin?: string;
  cwd?: string;
}

/** Runs Node and waits for its end. A child that does not end is killed by the test's own time limit. */
export function runNode(args: string[], options: RunOptions = {}): Promise<Ended> {
  return runProgram(process.execPath, args, options);
}

/** The same for any program. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  const env = { ...process.env, NODE_OPTIONS: "", ...options.env };
  const child = spawn(command, args, { env, cwd: options.cwd });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.end(options.stdin ?? "");
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("exit", kill);
      resolve({ code, signal, stdout, stderr });
    });
  });
}
