import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { GenerationPipeline } from "../../lib/index.js";
import { ContinuousBatchingPipeline, LLMPipeline } from "../../lib/index.js";

const PERSON = z.object({
  name: z.string(),
  born: z.int().min(1800).max(2030),
  isAlive: z.boolean(),
  field: z.enum(["physics", "music", "sport"]),
});

describe.each([
  ["LLMPipeline", LLMPipeline],
  ["ContinuousBatchingPipeline", ContinuousBatchingPipeline],
])("SmolLM2-135M-Instruct in %s", (_, pipeline) => {
  let llm: GenerationPipeline;
  beforeAll(async () => {
    llm = await pipeline.load("smollm2-135m-instruct");
  });
  afterAll(() => llm.close());

  it("answers by a zod schema, again with the same grammar", async () => {
    const options = {
      responseFormat: { type: "json", schema: PERSON },
      temperature: 0,
      repetitionPenalty: 1.1,
      maxNewTokens: 300,
    } as const;
    const first = await llm.generate("Describe Albert Einstein as JSON.", options);
    expect(first.finishReason).toBe("stop");
    expect(PERSON.safeParse(first.object).success).toBe(true);
    const second = await llm.generate("Describe Albert Einstein as JSON.", options);
    expect(second.object).toEqual(first.object);
  });

  it("answers yes or no, and nothing else", async () => {
    const responseFormat = { type: "regex", value: "yes|no" } as const;
    const { text } = await llm.generate("Is water wet?", { responseFormat, temperature: 0 });
    expect(["yes", "no"]).toContain(text);
  });
});
