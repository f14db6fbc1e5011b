import { beforeAll, describe, expect, it } from "vitest";
import { evaluateText, evaluateTokens } from "../../lib/doctor/evaluate-text.js";
import { CHAIN_CONTEXT_LENGTH } from "../../lib/models/gguf/chain-model.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";

const EXACT = {
  INFERENCE_PRECISION_HINT: "f32",
  KV_CACHE_PRECISION: "f32",
  DYNAMIC_QUANTIZATION_GROUP_SIZE: 0,
};

let chain: string;
beforeAll(async () => {
  chain = await chainModel({ text: ALPHABET, loop: true });
});

describe("evaluateText", () => {
  it("gives a loss and a greedy token for each token that has a next one", async () => {
    // The chain's own order twice, and then another one.
    const text = `${ALPHABET}${ALPHABET}zyxwvu`;
    const { losses, greedyIds, inForce } = await evaluateText(chain, text, { properties: EXACT });
    expect(losses).toHaveLength(greedyIds.length);
    expect(inForce).toMatchObject({ INFERENCE_PRECISION_HINT: "f32" });
    const expected = losses.slice(0, 51);
    const surprising = losses.slice(-5);
    // What the chain says is far likelier than what it does not say.
    expect(Math.max(...expected)).toBeLessThan(Math.min(...surprising));
    for (const loss of losses) expect(loss).toBeGreaterThanOrEqual(0);
    expect(new Set(greedyIds.slice(0, 26)).size).toBe(26);
    expect(greedyIds.slice(0, 25)).toEqual(greedyIds.slice(26, 51));
  });

  it("reads no more than it is asked to, nor than the context holds", async () => {
    const text = ALPHABET.repeat(40);
    expect((await evaluateText(chain, text, { maxTokens: 20 })).losses).toHaveLength(19);
    expect((await evaluateText(chain, text)).losses).toHaveLength(Math.min(384, CHAIN_CONTEXT_LENGTH) - 1);
  });

  it("refuses what load() refuses, and reports what the engine says", async () => {
    await expect(
      evaluateText(chain, ALPHABET, { properties: { KV_CACHE_PRECISION: "u4" } }),
    ).rejects.toMatchObject({ code: "ERR_ENGINE_FAULT" });
    await expect(evaluateText("/nowhere", ALPHABET)).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
  });

  it("says that a child failed, and ends it at an abort", async () => {
    const task = { dir: "/nowhere", properties: [], tokenIds: [1, 2, 3, 4], timeoutMs: 60_000 };
    await expect(evaluateTokens(task)).rejects.toThrow(/openvino_model\.xml|nowhere/);
    const signal = AbortSignal.abort();
    await expect(evaluateText(chain, ALPHABET, { signal })).rejects.toMatchObject({ code: "ERR_ABORTED" });
  });
});
