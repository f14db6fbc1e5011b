import { inspect } from "node:util";

import { codeOf, OpenVinoLlmError } from "../../errors/errors.js";
import { systemError } from "../../errors/system-errors.js";

/** Exit codes: 1 for what went wrong, 2 for how the command was called, 130 for Ctrl-C (128 + SIGINT). */
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;
export const EXIT_INTERRUPTED = 130;

const ARGUMENT_CODES: ReadonlySet<unknown> = new Set(["ERR_INVALID_ARG_TYPE", "ERR_OUT_OF_RANGE"]);

/** Prints an error for people and says with which code to exit. `OPENVINO_LLM_DEBUG=1` adds stack and cause. */
export function reportFailure(
  error: unknown,
  out: { write(text: string): unknown },
  env: NodeJS.ProcessEnv,
): number {
  // The command line parser has printed its message already; help and version are errors to it too.
  // Asked by its code: a command of another package may be parsed by another copy of the parser.
  if (codeOf(error)?.startsWith("commander.") === true) return isDone(error) ? 0 : EXIT_USAGE;
  const shown = systemError(error);
  out.write(`openvino-llm: ${withCode(shown)}\n`);
  const isArgument = ARGUMENT_CODES.has(codeOf(shown));
  if (env["OPENVINO_LLM_DEBUG"] === "1") out.write(`${inspect(shown)}\n`);
  else if (!(shown instanceof OpenVinoLlmError) && !isArgument) {
    out.write("This is a defect. For its stack, set OPENVINO_LLM_DEBUG=1.\n");
  }
  return isArgument ? EXIT_USAGE : EXIT_FAILURE;
}

/** Help or the version was printed, which is all that was asked for. */
function isDone(error: unknown): boolean {
  return typeof error === "object" && error !== null && "exitCode" in error && error.exitCode === 0;
}

/** The message, its code after the first line, so that a command on the last one can be copied. */
function withCode(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (code === undefined) return message;
  const [first = "", ...rest] = message.split("\n");
  return [`${first} [${code}]`, ...rest].join("\n");
}
