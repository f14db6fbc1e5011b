/** A command line program: what this package's command and those of the packages beside it have in common. */
import { Command } from "commander";

import { reportFailure } from "./failure.js";

/** A program without commands yet. They take over the settings that it has when they are added. */
export function createProgram(name: string, description: string, version: string): Command {
  return new Command(name)
    .description(description)
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print what a command takes")
    .helpCommand("help [command]", "print what a command takes")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "openvino-llm: ")) });
}

/** Runs what the command line asks for, and sets the exit code. */
export async function runProgram(program: Command): Promise<void> {
  // A reader that has seen enough, as in `openvino-llm … | head`, is no failure.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") throw error;
    });
  }
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = reportFailure(error, process.stderr, process.env);
  }
}
