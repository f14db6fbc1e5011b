import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TextGenerator } from "../../lib/index.js";
import { EXACT_PROPERTIES } from "../helpers/exact-properties.js";
import { given } from "../helpers/needs.js";
import { findOracle, oracleNeed } from "../helpers/oracle.js";
import { PIPELINES } from "../helpers/pipelines.js";

const MODEL = "smollm2-135m-instruct";
const QUESTION = "What is the capital of France?";

const oracle = await findOracle();

describe.each(PIPELINES)("$name", ({ name, load }) => {
  let llm: TextGenerator;
  beforeAll(async () => {
    llm = await load(MODEL);
  });
  afterAll(() => llm.close());

  describe("SmolLM2-135M-Instruct", () => {
    it("knows the capital of France", async () => {
      const result = await llm.generate(QUESTION, { temperature: 0 });
      // Where the sentence ends depends on instruction set and precision; mostly it is "Paris."
      expect(result.text).toMatch(/^The capital of France is Paris\b.*\.$/);
      expect(result).toMatchObject({ finishReason: "stop", stopReason: null, usage: { promptTokens: 37 } });
    });

    it("knows its context and its vocabulary", () => {
      expect(llm.model).toMatchObject({ contextLength: 8192, vocabSize: 49152, hasChatTemplate: true });
    });

    it("takes a string as one message of a user", async () => {
      const asString = await llm.generate(QUESTION, { temperature: 0 });
      const asMessage = await llm.generate([{ role: "user", content: QUESTION }], { temperature: 0 });
      for (const { text, usage } of [asString, asMessage]) {
        expect(text).toMatch(/^The capital of France is Paris\b/);
        expect(usage.promptTokens).toBe(37);
      }
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
    const PROMPTS = ["Write one sentence about the sea.", "List three emoji: 🙂"];
    const CASES = [
      { kind: "greedy", options: { temperature: 0, maxNewTokens: 48 }, python: { do_sample: false } },
      {
        kind: "beams",
        options: { numBeams: 3, doSample: false, maxNewTokens: 24 },
        python: { num_beams: 3 },
      },
      {
        kind: "repetition penalty",
        options: { temperature: 0, repetitionPenalty: 1.3, maxNewTokens: 48 },
        python: { repetition_penalty: 1.3 },
      },
      {
        kind: "sampling with a seed",
        options: { temperature: 0.9, topK: 20, topP: 0.9, rngSeed: 5, maxNewTokens: 32 },
        python: { do_sample: true, temperature: 0.9, top_k: 20, top_p: 0.9, rng_seed: 5 },
      },
    ];
    /** By kind: of each prompt the ids and the text. */
    let python: Record<string, unknown> = {};
    beforeAll(async () => {
      if ("reason" in oracle) return;
      const program = `
import json, sys, openvino_genai as g
path, name, properties, prompts, cases = sys.argv[1], *map(json.loads, sys.argv[2:])
answers = {}
for case in cases:
    if name == "LLMPipeline":
        llm = g.LLMPipeline(path, "CPU", **properties)
        config = llm.get_generation_config()
        answer = lambda ids: llm.generate(ids, config).tokens[0]
    else:
        llm = g.ContinuousBatchingPipeline(path, g.SchedulerConfig(), "CPU", properties)
        config = llm.get_config()
        answer = lambda ids: llm.generate([ids.input_ids], [config])[0].m_generation_ids[0]
    for field, value in [*case["python"].items(), ("max_new_tokens", case["options"]["maxNewTokens"])]:
        setattr(config, field, value)
    tokenizer = llm.get_tokenizer()
    answers[case["kind"]] = []
    for prompt in prompts:
        text = tokenizer.apply_chat_template([{"role": "user", "content": prompt}], add_generation_prompt=True)
        ids = answer(tokenizer.encode(text, add_special_tokens=False))
        answers[case["kind"]].append({"tokenIds": list(ids), "text": tokenizer.decode(ids)})
print(json.dumps(answers))
`;
      const args = [name, EXACT_PROPERTIES, PROMPTS, CASES].map((arg) => JSON.stringify(arg));
      const printed = await oracle.run(program, [llm.model.path, ...args]);
      python = JSON.parse(printed.trim().split("\n").at(-1) ?? "") as typeof python;
    });

    it.each(CASES)("gives the same ids and text: $kind", async ({ kind, options }) => {
      // A pipeline of its own, as in Python: what was asked before would stand in the prefix cache.
      const own = await load(MODEL, { properties: EXACT_PROPERTIES });
      try {
        const ours: unknown[] = [];
        for (const prompt of PROMPTS) {
          const { tokenIds, text } = await own.generate(prompt, options);
          ours.push({ tokenIds, text });
        }
        expect(ours).toEqual(python[kind]);
      } finally {
        await own.close();
      }
    });
  });
});
