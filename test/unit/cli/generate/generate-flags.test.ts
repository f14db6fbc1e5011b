import { Command, CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import {
  addGenerateFlags,
  generationOptionsOf,
  inputOf,
  propertiesOf,
  type GenerateFlags,
} from "../../../../lib/cli/generate/generate-flags.js";

function parse(...args: string[]): GenerateFlags {
  const command = addGenerateFlags(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(args, { from: "user" }).opts<GenerateFlags>();
}

describe("the flags of generate", () => {
  test("leave everything to the model where none is given, but for a limit", () => {
    const flags = parse();
    expect(flags).toEqual({ model: "smollm2-135m-instruct", device: "CPU", maxNewTokens: 512 });
    expect(generationOptionsOf(flags)).toEqual({ maxNewTokens: 512 });
    expect(propertiesOf(flags)).toEqual({});
  });

  test("become the library's options", () => {
    const flags = parse(
      ..."--max-new-tokens 5 --temperature 0.5 --top-p 0.9 --top-k 40 --seed 7 --stop a --stop b --raw".split(
        " ",
      ),
    );
    expect(generationOptionsOf(flags)).toEqual({
      maxNewTokens: 5,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      rngSeed: 7,
      stopStrings: ["a", "b"],
      applyChatTemplate: false,
    });
  });

  test("take a stop string apart from the prompt that follows it", () => {
    const command = addGenerateFlags(new Command().argument("[prompt]")).exitOverride();
    command.parse(["--stop", "end", "the prompt"], { from: "user" });
    expect(command.args).toEqual(["the prompt"]);
  });

  test("become properties, in which a name wins over --threads and a value may hold an equals sign", () => {
    expect(propertiesOf(parse("--threads", "3"))).toEqual({ INFERENCE_NUM_THREADS: 3 });
    expect(
      propertiesOf(parse("--threads", "3", "--property", "INFERENCE_NUM_THREADS=1", "--property", "A=b=c")),
    ).toEqual({ INFERENCE_NUM_THREADS: "1", A: "b=c" });
  });

  test("name themselves in the library's errors", () => {
    expect(() => generationOptionsOf(parse("--max-new-tokens", "0"))).toThrow(
      "Expected an integer from 1 to 2147483647 for --max-new-tokens but received 0.",
    );
    expect(() => generationOptionsOf(parse("--stop", ""))).toThrow(/for --stop/);
  });

  test.each([
    ["--max-new-tokens", "5.5"],
    ["--max-new-tokens", ""],
    ["--temperature", "warm"],
    ["--temperature", "Infinity"],
    ["--property", "NAME"],
    ["--property", "=VALUE"],
  ])("refuse %s %j", (flag, value) => {
    expect(() => parse(flag, value)).toThrow(CommanderError);
  });

  test("put a system message before the prompt, which is taken raw with neither", () => {
    expect(inputOf("Hi", parse())).toBe("Hi");
    expect(inputOf("Hi", parse("--system", "Be brief."))).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi" },
    ]);
    expect(() => parse("--system", "Be brief.", "--raw")).toThrow(CommanderError);
  });
});
