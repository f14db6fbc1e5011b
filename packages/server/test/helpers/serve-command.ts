import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { locateRuntime } from "../../../../lib/runtime/locate.js";
import { temporaryFolder } from "../../../../test/helpers/chain.js";

/** The built command line, as a user runs it. */
const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** A server in a process of its own, ended with the test. */
export class ServeCommand implements AsyncDisposable {
  readonly child: ChildProcess;
  stderr = "";
  #stdout = "";

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}, main: readonly string[] = [MAIN]) {
    const own = { OPENVINO_LLM_RUNTIME: locateRuntime().dir, OPENVINO_LLM_CACHE: temporaryFolder() };
    this.child = spawn(process.execPath, [...main, ...args], {
      env: { ...process.env, NODE_OPTIONS: "", ...own, ...env },
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.#stdout += text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
  }

  /** The ready line; fails where the process ends without one. */
  async ready(): Promise<string> {
    const ended = once(this.child, "close").then(() =>
      expect.fail(`It ended without being ready. ${this.stderr}`),
    );
    ended.catch(() => undefined);
    while (!this.#stdout.includes("\n")) await Promise.race([once(this.child.stdout!, "data"), ended]);
    return this.#stdout.trimEnd();
  }

  async url(): Promise<string> {
    return /^Ready at (\S+):/.exec(await this.ready())?.[1] ?? "";
  }

  /** Exit code and signal. */
  async ended(): Promise<unknown[]> {
    const { exitCode, signalCode } = this.child;
    return exitCode === null && signalCode === null ? once(this.child, "close") : [exitCode, signalCode];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended();
  }
}
