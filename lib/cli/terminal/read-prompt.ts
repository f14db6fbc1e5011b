import type { Command } from "commander";

import { EXIT_USAGE } from "./failure.js";

/**
 * The prompt: the argument, or stdin for `-` and, where stdin is no terminal, for no argument. One line end at the end
 * of stdin is the shell's and not the prompt's.
 *
 * @throws CommanderError where there is none, after printing what is wrong
 */
export async function readPrompt(command: Command, argument: string | undefined): Promise<string> {
  if (argument !== undefined && argument !== "-") return argument;
  if (argument === undefined && process.stdin.isTTY) {
    command.error('error: Expected a prompt, e.g. openvino-llm generate "What is the capital of France?"', {
      exitCode: EXIT_USAGE,
    });
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  const text = decode(Buffer.concat(chunks));
  if (text === null) command.error("error: Expected UTF-8 text on stdin.", { exitCode: EXIT_USAGE });
  if (text === "") command.error("error: Expected a prompt but stdin is empty.", { exitCode: EXIT_USAGE });
  return text;
}

/** Null where the bytes are no UTF-8. */
export function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    return null;
  }
}
