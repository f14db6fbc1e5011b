/** A program in a real terminal: a pseudo-terminal with Python's pty module, which Node has nothing for. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { need, type Need } from "./needs.js";

const PROGRAM = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])) % 256)";

/** What a terminal needs. */
export function terminalNeed(): Need {
  const { status } = spawnSync("python3", ["-c", "import os, pty; os.waitstatus_to_exitcode"]);
  return need("python3 with the module pty", status === 0);
}

/** Types into a program and reads its screen. */
export class Terminal {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #output = "";
  #read = 0;
  #changed: () => void = () => {};

  constructor(command: readonly string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn("python3", ["-c", PROGRAM, ...command], { env: { ...env, TERM: "xterm" } });
    const kill = (): boolean => this.#child.kill("SIGKILL");
    process.once("exit", kill);
    this.#ended = once(this.#child, "close");
    this.#child.once("close", () => {
      process.off("exit", kill);
      this.#changed();
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#changed();
    });
  }

  /** Types, as a keyboard does: "\r" is Enter, "\u0003" Ctrl-C, "\u0004" Ctrl-D. */
  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Waits until the text is on the screen, behind what was waited for before. */
  async until(text: string): Promise<void> {
    for (;;) {
      const screen = stripVTControlCharacters(this.#output);
      const found = screen.indexOf(text, this.#read);
      if (found !== -1) {
        this.#read = found + text.length;
        return;
      }
      if (this.#child.exitCode !== null)
        throw new Error(`It ended without ${JSON.stringify(text)}:\n${screen}`);
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  /** Waits for its end; 254 stands for SIGINT. */
  async end(): Promise<{ code: number; screen: string }> {
    const [code] = (await this.#ended) as [number];
    return { code, screen: stripVTControlCharacters(this.#output) };
  }
}
