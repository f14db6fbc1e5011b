import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** A Node process that gets its commands as messages and answers each by a message: so no test has to sleep. */
export class ControlledProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #answers: unknown[] = [];
  #wake: () => void = () => undefined;
  #said = "";

  /**
   * @param env beside this process's own variables
   * @param starter a command that starts Node, with its arguments
   */
  constructor(
    program: string,
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
    starter: readonly string[] = [],
  ) {
    const [execPath, ...execArgv] = [...starter, process.execPath];
    this.#child = fork(program, args, {
      env: { ...process.env, NODE_OPTIONS: "", ...env },
      execPath,
      execArgv,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
    this.#child.on("message", (message) => {
      this.#answers.push(message);
      this.#wake();
    });
    this.#child.once("close", () => this.#wake());
  }

  send(message: string): void {
    this.#child.send(message);
  }

  /** The next answer; fails where the process ends without one. */
  async next(): Promise<unknown> {
    while (this.#answers.length === 0) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`The process ended without an answer. ${this.#said}`);
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#answers.shift();
  }

  /** Sends it a message and gives its next answer. */
  async ask(message: string): Promise<unknown> {
    this.send(message);
    return this.next();
  }

  /** Ends it at once, by SIGKILL where nothing else is said; resolves when it has gone. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "close");
    this.#child.kill(signal);
    await gone;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
