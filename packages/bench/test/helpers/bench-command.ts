import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchSummary } from "../../lib/index.js";
import { locateRuntime } from "../../../../lib/runtime/locate.js";
import { temporaryFolder } from "../../../../test/helpers/chain.js";

/** The built command line, as a user runs it. */
const MAIN = fileURLToPath(new URL("../../../../dist/cli/main.js", import.meta.url));

/** How a command ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `openvino-llm bench`, with the runtime of this machine and a cache of its own. */
export class BenchCommand {
  readonly #env: NodeJS.ProcessEnv;

  constructor(variables: NodeJS.ProcessEnv = {}) {
    const own = { OPENVINO_LLM_RUNTIME: locateRuntime().dir, OPENVINO_LLM_CACHE: temporaryFolder() };
    this.#env = { ...process.env, ...own, ...variables };
  }

  start(...args: string[]): ChildProcess {
    return spawn(process.execPath, [MAIN, "bench", ...args], { env: this.#env });
  }

  run(...args: string[]): Promise<Outcome> {
    return outcomeOf(this.start(...args));
  }
}

export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  child.stdin?.end();
  const [code] = (await once(child, "close")) as [number | null];
  return { ...output, code };
}

/** Where results may go: a folder that is not there yet. */
export function newFolder(): string {
  return join(temporaryFolder(), "results");
}

export function summaryIn(folder: string): BenchSummary {
  return JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")) as BenchSummary;
}
