import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TextGenerator } from "../../lib/index.js";
import { readManifest } from "../../lib/models/files/manifest.js";
import { EXACT_PROPERTIES } from "../helpers/exact-properties.js";
import { findOracle, oracleNeed } from "../helpers/oracle.js";
import { PIPELINES } from "../helpers/pipelines.js";
import { given } from "../helpers/needs.js";

// The graphs of Phi-4-mini and gpt-oss, tiny and with random weights: what they say means nothing, and has to be what
// Python's openvino_genai of the same wheels says on the same machine. See test/fixtures/make-tiny-models.py.

const oracle = await findOracle();

const MODELS = [
  {
    model: "tiny-phi3",
    architecture: "phi3",
    // From the 33rd token on its long factors hold.
    prompts: { "stays short": 8, "grows over the border": 24, "begins beyond it": 60 },
  },
  {
    model: "tiny-gpt-oss",
    architecture: "gpt_oss",
    // Its first layer looks back for 32 tokens.
    prompts: { "stays within the window": 8, "grows out of the window": 24, "begins beyond it": 60 },
  },
];
const NEW_TOKENS = 16;

function pathOf(model: string): string {
  return fileURLToPath(new URL(`../fixtures/${model}`, import.meta.url));
}

/** Ids that follow no pattern, from 4 on: those before are special. */
function promptOf(length: number): number[] {
  return Array.from({ length }, (_, i) => 4 + ((i * i * 37 + i * 11 + length) % 316));
}

/** Greedy ids from Python, one prompt at a time. */
async function askPython(model: string, prompts: readonly number[][]): Promise<Record<string, number[][]>> {
  if ("reason" in oracle) throw new Error(oracle.reason);
  const program = `
import json, sys
import numpy, openvino as ov, openvino_genai as genai
model, prompts, properties = sys.argv[1], *map(json.loads, sys.argv[2:])
config = genai.GenerationConfig()
config.max_new_tokens, config.ignore_eos, config.do_sample = ${NEW_TOKENS}, True, False
tensors = [ov.Tensor(numpy.array([ids], dtype=numpy.int64)) for ids in prompts]
one = genai.LLMPipeline(model, "CPU", **properties)
many = genai.ContinuousBatchingPipeline(model, genai.SchedulerConfig(), "CPU", properties)
print(json.dumps({
  "LLMPipeline": [list(map(int, one.generate(ids, config).tokens[0])) for ids in tensors],
  "ContinuousBatchingPipeline": [list(many.generate([ids], [config])[0].m_generation_ids[0]) for ids in tensors],
}))`;
  const args = [prompts, EXACT_PROPERTIES].map((arg) => JSON.stringify(arg));
  return JSON.parse(await oracle.run(program, [pathOf(model), ...args])) as Record<string, number[][]>;
}

describe.each(MODELS)("$model", ({ model, architecture, prompts }) => {
  const cases = Object.entries(prompts).map(([name, length]) => ({ name, prompt: promptOf(length) }));
  let python: Record<string, number[][]> = {};
  beforeAll(async () => {
    if ("reason" in oracle) return;
    python = await askPython(
      model,
      cases.map(({ prompt }) => prompt),
    );
  });

  test("is what its manifest says, and small", async () => {
    const manifest = await readManifest(pathOf(model));
    expect(manifest).toMatchObject({ architecture, vocabSize: 320, weightFormat: "fp32", eosTokenId: 0 });
    const bytes = readdirSync(pathOf(model)).map((file) => statSync(join(pathOf(model), file)).size);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_500_000);
  });

  describe.each(PIPELINES)("$name", ({ name, load }) => {
    let llm: TextGenerator;
    beforeAll(async () => {
      llm = await load(pathOf(model), { properties: EXACT_PROPERTIES });
    });
    afterAll(() => llm.close());

    const greedy = { temperature: 0, maxNewTokens: NEW_TOKENS, ignoreEos: true };

    test("has the model's limits and template", () => {
      expect(llm.model).toMatchObject({ contextLength: 256, vocabSize: 320, hasChatTemplate: true });
    });

    test("answers a chat", async () => {
      const { usage, tokenIds } = await llm.generate("Which layer looks back?", greedy);
      expect(usage).toMatchObject({ completionTokens: NEW_TOKENS });
      expect(tokenIds).toHaveLength(NEW_TOKENS);
    });

    test.each(cases)(
      "gives Python's ids: a text that $name",
      given(oracleNeed(oracle)),
      async ({ prompt }) => {
        const { tokenIds } = await llm.generate({ tokenIds: prompt }, greedy);
        const index = cases.findIndex((one) => one.prompt === prompt);
        expect([...tokenIds]).toEqual(python[name]?.[index]);
        // An answer of one repeated token could hide a model that looks at nothing.
        expect(new Set(tokenIds).size).toBeGreaterThan(2);
      },
    );

    test("what stands far back counts, or the long prompts would prove nothing", async () => {
      const prompt = promptOf(60);
      const [first, ...rest] = prompt;
      const changed = [first === 5 ? 6 : 5, ...rest];
      const answers = await Promise.all(
        [prompt, changed].map(async (tokenIds) => (await llm.generate({ tokenIds }, greedy)).tokenIds),
      );
      expect(answers[0]).not.toEqual(answers[1]);
    });
  });
});
