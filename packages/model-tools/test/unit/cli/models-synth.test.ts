import { Command } from "commander";
import { expect, test, vi } from "vitest";
import { registerSynth } from "../../../lib/cli/models-synth.js";

test("models synth wants a known model and a format, and names the flag that is wrong", async () => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const output = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const run = async (...args: string[]) => {
    const program = new Command().exitOverride();
    registerSynth(program);
    await program.parseAsync(["synth", ...args], { from: "user" });
  };
  await expect(run("phi-4-mini")).rejects.toMatchObject({ code: "commander.missingMandatoryOptionValue" });
  const args = ["--weight-format", "int4"];
  await expect(run("phi-5", ...args)).rejects.toThrow("one of phi-4-mini, gpt-oss-20b, llama-3.2-1b");
  await expect(run("gpt-oss-20b", ...args, "--layers", "25")).rejects.toThrow(
    "Expected an integer from 1 to 24 for --layers but received 25.",
  );
  const gguf = ["llama-3.2-1b", "--weight-format", "q4_0"];
  await expect(run(...gguf, "--group-size", "128")).rejects.toThrow(
    "Expected no value with q4_0 for --group-size but received 128.",
  );
  await expect(run("phi-4-mini", "--weight-format", "q8_0")).rejects.toThrow(
    "a geometry of the family llama",
  );
  expect(output).not.toHaveBeenCalled();
});
