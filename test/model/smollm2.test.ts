import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TextGenerator } from "../../lib/index.js";
import { findOracle, oracleNeed } from "../helpers/oracle.js";
import { PIPELINES } from "../helpers/pipelines.js";
import { given } from "../helpers/needs.js";

const QUESTION = "What is the capital of France?";

const oracle = await findOracle();

describe.each(PIPELINES)("$name", ({ load }) => {
  let llm: TextGenerator;
  beforeAll(async () => {
    llm = await load("smollm2-135m-instruct", { properties: { INFERENCE_PRECISION_HINT: "f32" } });
  });
  afterAll(() => llm.close());

  describe("SmolLM2-135M-Instruct", () => {
    it("knows the capital of France", async () => {
      const result = await llm.generate(QUESTION, { temperature: 0 });
      // Where the sentence ends depends on the instruction set; on most it is "Paris."
      expect(result.text).toMatch(/^The capital of France is Paris\b.*\.$/);
      expect(result).toMatchObject({ finishReason: "stop", stopReason: null, usage: { promptTokens: 37 } });
    });

    it("knows its context and its vocabulary", () => {
      expect(llm.model).toMatchObject({ contextLength: 8192, vocabSize: 49152, hasChatTemplate: true });
    });

    it("takes a string as one message of a user", async () => {
      const asString = await llm.generate(QUESTION, { temperature: 0 });
      const asMessage = await llm.generate([{ role: "user", content: QUESTION }], { temperature: 0 });
      expect(asMessage.tokenIds).toEqual(asString.tokenIds);
      const withSystem = await llm.generate(
        [
          { role: "system", content: "You are a pirate." },
          { role: "user", content: QUESTION },
        ],
        { temperature: 0 },
      );
      expect(withSystem.usage.promptTokens).not.toBe(asString.usage.promptTokens);
    });

    it("goes on with raw text", async () => {
      const { text } = await llm.generate("1, 2, 3, 4, 5, 6,", {
        applyChatTemplate: false,
        temperature: 0,
        maxNewTokens: 4,
      });
      expect(text).toMatch(/^ 7/);
    });

    it("stops at a stop string", async () => {
      const result = await llm.generate(QUESTION, { temperature: 0, stopStrings: [" France"] });
      expect(result).toMatchObject({ text: "The capital of", stopReason: " France" });
    });

    it("refuses a prompt beyond its context before inference", async () => {
      await expect(llm.generate("word ".repeat(9000))).rejects.toMatchObject({ code: "ERR_PROMPT_TOO_LONG" });
    });
  });

  describe("beside Python's openvino_genai on the same machine", given(oracleNeed(oracle)), () => {
    it.each([
      ["greedy", { temperature: 0, maxNewTokens: 48 }, "config.do_sample=False"],
      ["beams", { numBeams: 3, doSample: false, maxNewTokens: 24 }, "config.num_beams=3"],
      [
        "repetition penalty",
        { temperature: 0, repetitionPenalty: 1.3, maxNewTokens: 48 },
        "config.repetition_penalty=1.3",
      ],
      [
        "sampling with a seed",
        { temperature: 0.9, topK: 20, topP: 0.9, rngSeed: 5, maxNewTokens: 32 },
        "config.do_sample=True; config.temperature=0.9; config.top_k=20; config.top_p=0.9; config.rng_seed=5",
      ],
    ])("gives the same ids and text: %s", async (_, options, python) => {
      if ("reason" in oracle) return;
      const prompts = ["Write one sentence about the sea.", "List three emoji: 🙂"];
      const program = `
import json, openvino_genai as g
llm = g.LLMPipeline(${JSON.stringify(llm.model.path)}, "CPU", INFERENCE_PRECISION_HINT="f32")
config = llm.get_generation_config()
config.max_new_tokens = ${options.maxNewTokens}
${python}
tokenizer = llm.get_tokenizer()
out = []
for prompt in ${JSON.stringify(prompts)}:
    text = tokenizer.apply_chat_template([{"role": "user", "content": prompt}], add_generation_prompt=True)
    ids = tokenizer.encode(text, add_special_tokens=False)
    result = llm.generate(ids, config)
    out.append({"tokenIds": result.tokens[0], "text": tokenizer.decode(result.tokens[0])})
print(json.dumps(out))
`;
      const expected = JSON.parse((await oracle.run(program)).trim().split("\n").at(-1) ?? "") as unknown;
      const ours: unknown[] = [];
      for (const prompt of prompts) {
        const { tokenIds, text } = await llm.generate(prompt, options);
        ours.push({ tokenIds, text });
      }
      expect(ours).toEqual(expected);
    });
  });
});
