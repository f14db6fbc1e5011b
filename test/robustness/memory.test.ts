import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { chainModel } from "../helpers/chain.js";
import { runNode } from "../helpers/run-node.js";

const MANY_LOADS = fileURLToPath(new URL("many-loads.mjs", import.meta.url));
const PROMPT_LENGTHS = fileURLToPath(new URL("prompt-lengths.mjs", import.meta.url));
const NOTHING = {
  pipelines: 0,
  tokenizers: 0,
  textModels: 0,
  workers: 0,
  engines: 0,
  requests: 0,
  channels: 0,
};

/** The model of each class. */
const CLASSES = {
  LLMPipeline: () => chainModel(),
  ContinuousBatchingPipeline: () => chainModel(),
  TextEmbeddingPipeline: () => fileURLToPath(new URL("../fixtures/tiny-bert", import.meta.url)),
  TextRerankPipeline: () => fileURLToPath(new URL("../fixtures/tiny-reranker", import.meta.url)),
};

describe.each(Object.entries(CLASSES))("%s", (className, model) => {
  it.each(["close", "drop"])(
    "twenty loads that end by %s leave no native object and no slope",
    async (ending) => {
      const ended = await runNode(["--expose-gc", MANY_LOADS, className, await model(), ending, "20"]);
      expect(ended).toMatchObject({ code: 0, stderr: "" });
      const { rssBytes, live } = JSON.parse(ended.stdout) as { rssBytes: number[]; live: unknown };
      expect(live).toEqual(NOTHING);
      // A pipeline that stays takes some 8 MB; the allocator's own growth is far below one.
      const perLoad = ((rssBytes[19] ?? NaN) - (rssBytes[4] ?? NaN)) / 15;
      expect(perLoad).toBeLessThan(2_000_000);
    },
  );
});

it("new prompt lengths take no memory where both caches of kernels are bounded", async () => {
  const model = fileURLToPath(new URL("../fixtures/tiny-phi3", import.meta.url));
  const properties = JSON.stringify({ CPU_RUNTIME_CACHE_CAPACITY: 64 });
  const env = { ONEDNN_PRIMITIVE_CACHE_CAPACITY: "32" };
  const ended = await runNode([PROMPT_LENGTHS, model, properties], { env });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  // Without bounds a length takes 0.5 to 1.3 MB.
  expect(Number(ended.stdout)).toBeLessThan(300_000);
});
