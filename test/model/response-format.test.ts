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
    // The second may be another person's: with the prompt in the prefix cache, numbers are rounded otherwise.
    for (const time of ["first", "second"]) {
      const { finishReason, object } = await llm.generate("Describe Albert Einstein as JSON.", options);
      expect(finishReason, time).toBe("stop");
      expect(PERSON.safeParse(object), time).toMatchObject({ success: true });
    }
  });

  it("answers yes or no, and nothing else", async () => {
    const responseFormat = { type: "regex", value: "yes|no" } as const;
    const { text } = await llm.generate("Is water wet?", { responseFormat, temperature: 0 });
    expect(["yes", "no"]).toContain(text);
  });
});
