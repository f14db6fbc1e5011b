import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CallOptions, GenerationInput, TextGenerator } from "../../lib/index.js";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { RUNTIME_VERSION } from "../../lib/runtime/pins.js";
import { chainModel, convertedByGenAi, temporaryFolder } from "../helpers/chain.js";
import { PIPELINES } from "../helpers/pipelines.js";

describe.each(PIPELINES)("$name", ({ load }) => {
  let llm: TextGenerator;
  beforeAll(async () => {
    llm = await load(await chainModel({ contextLength: 128 }));
  });
  afterAll(async () => {
    // After everything that was thrown at it.
    expect((await llm.generate("hello")).text).toBe(CHAIN_TEXT);
    await llm.close();
  });

  /** A copy of the chain model's IR that a test may spoil. */
  function copyOfModel(): string {
    const dir = join(temporaryFolder(), "model");
    mkdirSync(dir);
    for (const file of readdirSync(llm.model.path)) copyFileSync(join(llm.model.path, file), join(dir, file));
    return dir;
  }

  async function expectAnswer(model: string): Promise<void> {
    const copy = await load(model);
    expect((await copy.generate("hello")).text).toBe(CHAIN_TEXT);
    await copy.close();
  }

  describe("loading", () => {
    it("a folder that is not there", async () => {
      const path = join(temporaryFolder(), "nothing");
      const loading = load(path);
      await expect(loading).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
      await expect(loading).rejects.toThrow(path);
    });

    it("a name that is not in the cache names both places and how to get one", async () => {
      await expect(load("no-such-model")).rejects.toThrow(/no-such-model.*models fetch/s);
    });

    it("a folder without a tokenizer names the missing files", async () => {
      const dir = copyOfModel();
      rmSync(join(dir, "openvino_tokenizer.xml"));
      const loading = load(dir);
      await expect(loading).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
      await expect(loading).rejects.toThrow("openvino_tokenizer.xml");
    });

    it.each([
      ["openvino_model.xml", 0.5],
      ["openvino_model.xml", 0.9],
      ["openvino_model.bin", 0.5],
      ["openvino_model.bin", 0.99],
      ["openvino_tokenizer.bin", 0.5],
      ["openvino_tokenizer.xml", 0.5],
    ])("a truncated %s (%d of it)", async (file, share) => {
      const dir = copyOfModel();
      const path = join(dir, file);
      truncateSync(path, Math.floor(readFileSync(path).length * share));
      const loading = load(dir);
      await expect(loading).rejects.toMatchObject({ name: "OpenVinoLlmError", code: "ERR_MODEL_LOAD" });
      await expect(loading).rejects.not.toThrow(/Exception from|\/src\//);
    });

    it.each(["openvino_tokenizer.xml", "openvino_detokenizer.xml", "openvino_model.xml"])(
      "a newer %s than the runtime, with both versions and the cure",
      async (file) => {
        const dir = copyOfModel();
        const path = join(dir, file);
        const xml = readFileSync(path, "utf8");
        const build = `name="OpenVINO Runtime" value="${RUNTIME_VERSION}-`;
        expect(xml).toContain(build);
        writeFileSync(path, xml.replace(build, 'name="OpenVINO Runtime" value="2099.5.0-'));
        const loading = load(dir);
        await expect(loading).rejects.toMatchObject({ name: "OpenVinoLlmError", code: "ERR_MODEL_LOAD" });
        await expect(loading).rejects.toThrow(
          new RegExp(`${RUNTIME_VERSION} .*2099.5.0.*Export .*openvino==${RUNTIME_VERSION}`),
        );
        writeFileSync(path, xml.replace(build, 'name="OpenVINO Runtime" value="2025.4.1-'));
        await expectAnswer(dir);
        writeFileSync(path, xml.replace(/<info name="OpenVINO Runtime".*\n/, ""));
        await expectAnswer(dir);
      },
    );

    it("a tokenizer whose strings lie outside their table", async () => {
      const dir = copyOfModel();
      const path = join(dir, "openvino_detokenizer.bin");
      const bytes = readFileSync(path);
      bytes.writeInt32LE(2 ** 30, 1152); // the end of token 0
      writeFileSync(path, bytes);
      await expect(load(dir)).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
      await expect(load(dir)).rejects.toThrow(/openvino_detokenizer\.bin.*from byte 0 to 1073741824 of 363/);
    });

    it("a truncated GGUF file", async () => {
      const path = await chainModel();
      truncateSync(path, 100_000);
      await expect(load(path)).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
    });

    it("a text file that is named .gguf", async () => {
      const path = join(temporaryFolder(), "poem.gguf");
      writeFileSync(path, "Whose woods these are I think I know.\n".repeat(20));
      await expect(load(path)).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
      await expect(load(path)).rejects.toThrow(/GGUF/);
    });

    it("a device that is not there", async () => {
      await expect(load(llm.model.path, { device: "XPU" })).rejects.toMatchObject({ code: "ERR_DEVICE" });
    });

    it("a property that the device does not take", async () => {
      const loading = load(llm.model.path, { properties: { NUM_STREAMS: "many" } });
      await expect(loading).rejects.toMatchObject({ code: "ERR_MODEL_LOAD" });
    });

    it.each(["prompt_lookup", "enable_save_ov_model"])(
      "%s, which is no property of a device",
      async (name) => {
        const loading = load(llm.model.path, { properties: { [name]: true } });
        await expect(loading).rejects.toBeInstanceOf(TypeError);
        await expect(loading).rejects.toThrow(name);
      },
    );

    it("a broken generation_config.json", async () => {
      const dir = copyOfModel();
      writeFileSync(join(dir, "generation_config.json"), "{ not json");
      await expect(load(dir)).rejects.toThrow(/generation_config\.json/);
    });

    it.each([
      [{ devise: "CPU" }, /device/],
      [{ device: 7 }, /options\.device/],
      [{ warmup: "yes" }, /options\.warmup/],
      [{ signal: {} }, /options\.signal/],
      [{ properties: { X: [] } }, /X/],
      [{ generationConfig: { maxNewTokens: "3" } }, /generationConfig\.maxNewTokens/],
      [null, /options/],
    ])("wrong options %j", async (options, message) => {
      const loading = load(llm.model.path, options as never);
      await expect(loading).rejects.toBeInstanceOf(TypeError);
      await expect(loading).rejects.toThrow(message);
    });

    it.each([[""], [undefined], [42], ["a\0b"]])("wrong model %j", async (model) => {
      await expect(load(model as never)).rejects.toBeInstanceOf(TypeError);
    });
  });

  describe("generating", () => {
    it("a prompt longer than the context, with the numbers", async () => {
      const generating = llm.generate("x".repeat(500));
      await expect(generating).rejects.toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
      await expect(generating).rejects.toThrow(/128 tokens.*51\d/s);
      await expect(llm.generate({ tokenIds: new Int32Array(128).fill(1) })).rejects.toMatchObject({
        code: "ERR_PROMPT_TOO_LONG",
      });
    });

    it("a prompt that the tokenizer would cut without a word", async () => {
      const large = await load(await convertedByGenAi(await chainModel({ contextLength: 100_000 })));
      try {
        await expect(large.generate("x".repeat(9_000))).rejects.toThrow(/cuts at 8192 tokens/);
        expect(
          (await large.generate("x".repeat(8_000), { maxNewTokens: 1 })).usage.promptTokens,
        ).toBeGreaterThan(8_000);
      } finally {
        await large.close();
      }
    });

    it.each<[string, unknown, CallOptions, ErrorConstructor]>([
      ["an empty raw prompt", "", { applyChatTemplate: false }, RangeError],
      ["no messages", [], {}, RangeError],
      ["no token ids", { tokenIds: [] }, {}, RangeError],
      ["a lone surrogate", "a\ud800b", {}, TypeError],
      ["a lone surrogate in a message", [{ role: "user", content: "\udc00" }], {}, TypeError],
      ["a message without content", [{ role: "user" }], {}, TypeError],
      ["messages taken raw", [{ role: "user", content: "x" }], { applyChatTemplate: false }, TypeError],
      ["a token id beyond the vocabulary", { tokenIds: [1, 288] }, {}, RangeError],
      ["a negative token id", { tokenIds: [-1] }, {}, RangeError],
      ["a token id that is no integer", { tokenIds: [1.5] }, {}, TypeError],
      ["a token id that is no number", { tokenIds: ["1"] }, {}, TypeError],
      ["a number", 7, {}, TypeError],
      ["nothing", undefined, {}, TypeError],
    ])("%s", async (_, input, options, type) => {
      expect(() => llm.stream(input as GenerationInput, options)).toThrow(type);
      await expect(llm.generate(input as GenerationInput, options)).rejects.toBeInstanceOf(type);
    });

    it.each<[string, unknown, ErrorConstructor]>([
      ["maxNewTokens", 0, RangeError],
      ["maxNewTokens", -1, RangeError],
      ["maxNewTokens", NaN, RangeError],
      ["maxNewTokens", 1e12, RangeError],
      ["maxNewTokens", 1.5, RangeError],
      ["maxNewTokens", "10", TypeError],
      ["maxNewTokens", 10n, TypeError],
      ["temperature", -0.1, RangeError],
      ["temperature", Infinity, RangeError],
      ["topP", 0, RangeError],
      ["doSample", 1, TypeError],
      ["stopStrings", "x", TypeError],
      ["stopStrings", [""], RangeError],
      ["stopStrings", ["\ud800"], TypeError],
      ["stopTokenIds", [288], RangeError],
      ["eosTokenId", 5000, RangeError],
      ["numBeamGroups", 0, RangeError],
      ["assistantConfidenceThreshold", 0.5, Error],
      ["logprobs", 2, RangeError],
      ["max_new_tokens", 5, TypeError],
      ["nonsense", true, TypeError],
      ["signal", "stop", TypeError],
      ["onAbort", "ignore", TypeError],
    ])("options.%s = %o", async (name, value, type) => {
      const options = { [name]: value } as CallOptions;
      expect(() => llm.stream("hello", options)).toThrow(type);
      const generating = llm.generate("hello", options);
      await expect(generating).rejects.toBeInstanceOf(type);
      await expect(generating).rejects.toThrow(name);
    });

    it("options that contradict each other", () => {
      expect(() => llm.stream("hello", { temperature: 0.5, doSample: false })).toThrow(TypeError);
      expect(() => llm.stream("hello", { minNewTokens: 5, maxNewTokens: 3 })).toThrow(/minNewTokens/);
    });

    it("options that are no object", () => {
      expect(() => llm.stream("hello", 5 as never)).toThrow(TypeError);
      expect(() => llm.stream("hello", null as never)).toThrow(TypeError);
    });
  });
});
