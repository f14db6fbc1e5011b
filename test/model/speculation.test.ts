import { describe, expect, it } from "vitest";
import type { GenerationResult, LoadOptions } from "../../lib/index.js";
import { PIPELINES } from "../helpers/pipelines.js";

// Texts are compared on the chain model (test/native/speculation.test.ts): draft tokens are verified several at once,
// so a real model's numbers may be rounded otherwise than alone, and the text be another one.

const MODEL = "smollm2-135m-instruct";
const FACT = "The capital of France is";
/** What is to come stands in it, so that lookup finds it. */
const STORY =
  "Once upon a time there was a cat. The cat liked fish. Once upon a time there was a dog. The dog";

const stepsOf = ({ timing }: GenerationResult): number => timing.itlMs!.n + 1;

describe.each(PIPELINES)("SmolLM2-135M-Instruct in $name", ({ name, load }) => {
  it.each<[string, LoadOptions]>([
    ["drafting for itself", { draftModel: MODEL }],
    ["with prompt lookup", { promptLookup: true }],
  ])("%s says what every precision says, in fewer steps", async (kind, options) => {
    const llm = await load(MODEL, options);
    try {
      const ask = { applyChatTemplate: false, temperature: 0, maxNewTokens: 16 };
      const [fact, story] = await Promise.all([llm.generate(FACT, ask), llm.generate(STORY, ask)]);
      expect(fact.text).toMatch(/^ Paris\b/);
      expect(story.text).toMatch(/^ liked\b/);
      expect(stepsOf(story)).toBeLessThan(story.usage.completionTokens);
      const isDraft = kind === "drafting for itself";
      if (isDraft) expect(stepsOf(fact)).toBeLessThan(fact.usage.completionTokens / 2);
      for (const { speculative } of [fact.timing, story.timing]) {
        if (isDraft && name === "LLMPipeline") expect(speculative!.acceptanceRate).toBeGreaterThan(0.5);
        else expect(speculative).toBeNull();
      }
    } finally {
      await llm.close();
    }
  });
});
