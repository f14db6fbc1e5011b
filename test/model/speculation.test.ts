import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LLMPipeline, type GenerationResult, type LoadOptions, type TextGenerator } from "../../lib/index.js";
import { PIPELINES } from "../helpers/pipelines.js";

const MODEL = "smollm2-135m-instruct";
/** Arithmetic that does not depend on how many tokens come at once, so that texts are equal and not only close. */
const properties = {
  INFERENCE_PRECISION_HINT: "f32",
  KV_CACHE_PRECISION: "f32",
  DYNAMIC_QUANTIZATION_GROUP_SIZE: 0,
};
const greedy = { applyChatTemplate: false, temperature: 0, maxNewTokens: 16 };

const PROMPTS = [
  "The capital of France is",
  "Once upon a time there was a cat. The cat liked fish. Once upon a time there was a dog. The dog",
];

let plain: LLMPipeline;
beforeAll(async () => {
  plain = await LLMPipeline.load(MODEL, { properties });
});
afterAll(() => plain.close());

const answers = (llm: TextGenerator): Promise<GenerationResult[]> =>
  Promise.all(PROMPTS.map((prompt) => llm.generate(prompt, greedy)));

describe.each(PIPELINES)("SmolLM2-135M-Instruct in $name", ({ name, load }) => {
  it.each<[string, LoadOptions]>([
    ["drafting for itself", { draftModel: MODEL }],
    ["with prompt lookup", { promptLookup: true }],
  ])("%s says what it says alone, in fewer steps", async (kind, options) => {
    const llm = await load(MODEL, { properties, ...options });
    try {
      const results = await answers(llm);
      const expected = await answers(plain);
      expect(results.map(({ text }) => text)).toEqual(expected.map(({ text }) => text));
      for (const { timing, usage } of results) {
        expect(timing.itlMs!.n + 1).toBeLessThan(usage.completionTokens);
        if (name !== "LLMPipeline" || kind !== "drafting for itself") expect(timing.speculative).toBeNull();
        else expect(timing.speculative!.acceptanceRate).toBeGreaterThan(0.8);
      }
    } finally {
      await llm.close();
    }
  });
});

it("a guess that was rejected is not taken for text of a later prompt", async () => {
  // What comes next after "and the" is looked up, found at the beginning, and not what the model says. The prompt has
  // 28 tokens, so the guess stands in the first block of the cache, which GenAI would file under it.
  const prompt =
    " the king lost his golden ring in my sister read a long book about an old cat chased the bird while" +
    "The young man bought red apples and";
  const next = `${prompt} the king lost his. What happened next? The`;
  const llm = await LLMPipeline.load(MODEL, { properties, promptLookup: true });
  try {
    const first = await llm.generate(prompt, greedy);
    expect(first.usage.promptTokens).toBe(28);
    expect(first.text.startsWith(" the king lost")).toBe(false);
    const { text } = await llm.generate(next, greedy);
    expect(text).toBe((await plain.generate(next, greedy)).text);
  } finally {
    await llm.close();
  }
});
