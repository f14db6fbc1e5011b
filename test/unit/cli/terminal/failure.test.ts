import { readFile } from "node:fs/promises";
import { CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { reportFailure } from "../../../../lib/cli/terminal/failure.js";
import { OpenVinoLlmError, outOfRange } from "../../../../lib/errors/errors.js";

function report(error: unknown, env: NodeJS.ProcessEnv = {}): { exitCode: number; text: string } {
  let text = "";
  const exitCode = reportFailure(error, { write: (part) => (text += part) }, env);
  return { exitCode, text };
}

describe("reportFailure", () => {
  test("prints the message and the code of a library's error in one line and exits with 1", () => {
    expect(report(new OpenVinoLlmError("ERR_MODEL_NOT_FOUND", "No such model."))).toEqual({
      exitCode: 1,
      text: "openvino-llm: No such model. [ERR_MODEL_NOT_FOUND]\n",
    });
  });

  test("leaves the last line of a long message as it is, so that its command can be copied", () => {
    const error = new OpenVinoLlmError("ERR_RUNTIME_NOT_FOUND", "Nowhere:\n  - here\nGet it with: npx x");
    expect(report(error).text).toBe(
      "openvino-llm: Nowhere: [ERR_RUNTIME_NOT_FOUND]\n  - here\nGet it with: npx x\n",
    );
  });

  test("exits with 2 for an argument that is out of range", () => {
    expect(report(outOfRange("--top-k", "a number", -1))).toEqual({
      exitCode: 2,
      text: "openvino-llm: Expected a number for --top-k but received -1. [ERR_OUT_OF_RANGE]\n",
    });
  });

  test("exits with 2 for what the parser refused and 0 for help, both printed already", () => {
    expect(report(new CommanderError(1, "commander.unknownOption", "x"))).toEqual({ exitCode: 2, text: "" });
    expect(report(new CommanderError(0, "commander.helpDisplayed", "x"))).toEqual({ exitCode: 0, text: "" });
  });

  test("says of an error without a code that it is a defect", () => {
    const { exitCode, text } = report(new Error("oops"));
    expect(exitCode).toBe(1);
    expect(text).toMatch(/^openvino-llm: oops\n.*OPENVINO_LLM_DEBUG=1/);
    expect(text).not.toContain("    at ");
  });

  test("says of a bare error of the system what to do", async () => {
    const error = await readFile("/nowhere/file").catch((cause: unknown) => cause);
    expect(report(error)).toEqual({
      exitCode: 1,
      text:
        "openvino-llm: The file system refused: ENOENT: no such file or directory, open '/nowhere/file'. Check that the " +
        "path is right and what this user may do there. [ERR_FILE_SYSTEM]\n",
    });
  });

  test("says of an error with a code that is not the library's that it is a defect, too", () => {
    const { exitCode, text } = report(Object.assign(new Error("oops"), { code: "ERR_INVALID_STATE" }));
    expect(exitCode).toBe(1);
    expect(text).toMatch(/^openvino-llm: oops \[ERR_INVALID_STATE\]\n.*OPENVINO_LLM_DEBUG=1/);
  });

  test("prints stack and cause with OPENVINO_LLM_DEBUG=1", () => {
    const error = new OpenVinoLlmError("ERR_NATIVE", "Outer.", { cause: new Error("the inner reason") });
    const { text } = report(error, { OPENVINO_LLM_DEBUG: "1" });
    expect(text).toContain("    at ");
    expect(text).toContain("the inner reason");
  });
});
