import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openBinding } from "../../lib/native/binding.js";
import { openModel } from "../../lib/models/open.js";
import { CHAIN_VOCAB_SIZE } from "../../lib/models/gguf/chain-model.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";

/** The first of the byte tokens are the printable ASCII characters, from "!" on. */
const idOf = (letter: string): number => letter.charCodeAt(0) - "!".charCodeAt(0);
const LETTERS = Array.from(ALPHABET, idOf);
const TINY_PHI3 = fileURLToPath(new URL("../fixtures/tiny-phi3", import.meta.url));
const F32: Array<[string, string]> = [
  ["INFERENCE_PRECISION_HINT", "f32"],
  ["KV_CACHE_PRECISION", "f32"],
];

async function chainFolder(): Promise<string> {
  const info = await openModel(await chainModel({ text: ALPHABET, loop: true }));
  return info.dir;
}

function rowsOf(logits: Float32Array, vocabSize: number): number[] {
  return Array.from({ length: logits.length / vocabSize }, (_, row) => {
    const values = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
    return values.indexOf(Math.max(...values));
  });
}

describe.each(["paged", "stateful"] as const)("modelLogits on the %s graph", (graph) => {
  it("gives a row for each token that was fed, in prefill, decoding and the batch of sequences", async () => {
    const path = await chainFolder();
    const { core } = openBinding();
    // 20 + 3 + 3: letters in another order than the chain's own, so that each row shows which token it is of.
    const tokenIds = LETTERS.map((_, i) => LETTERS[(i * 7) % 26] ?? 0);
    const successors = tokenIds.map((id) => LETTERS[(LETTERS.indexOf(id) + 1) % 26] ?? 0);
    const { logits, vocabSize, ...times } = await core.modelLogits({
      path,
      device: "CPU",
      properties: F32,
      graph,
      tokenIds,
      decodes: 3,
      sequences: 3,
    });
    expect(vocabSize).toBe(CHAIN_VOCAB_SIZE);
    expect(rowsOf(logits, vocabSize)).toEqual(successors);
    expect(times.decodeMs).toHaveLength(3);
    for (const ms of [times.loadMs, times.prefillMs, times.batchMs, ...times.decodeMs]) {
      expect(ms).toBeGreaterThan(0);
    }
  });

  it("gives each of the sequences the cache of what was fed before", async () => {
    const prompt = [5, 17, 200, 31, 8];
    const feed = async (tokenIds: number[], decodes: number, sequences: number) => {
      const { logits, vocabSize } = await openBinding().core.modelLogits({
        path: TINY_PHI3,
        device: "CPU",
        properties: F32,
        graph,
        tokenIds: [...prompt, ...tokenIds],
        decodes,
        sequences,
      });
      return Array.from(logits.subarray(prompt.length * vocabSize));
    };
    const alone = [...(await feed([40], 1, 0)), ...(await feed([41], 1, 0)), ...(await feed([42], 1, 0))];
    const together = await feed([40, 41, 42], 0, 3);
    expect(together).toHaveLength(alone.length);
    expect(Math.max(...together.map((value, i) => Math.abs(value - (alone[i] ?? NaN))))).toBeLessThan(1e-4);
  });

  it("reads one token alone, without decoding and without sequences", async () => {
    const { logits, vocabSize, decodeMs, batchMs } = await openBinding().core.modelLogits({
      path: await chainFolder(),
      device: "CPU",
      properties: F32,
      graph,
      tokenIds: [idOf("d")],
      decodes: 0,
      sequences: 0,
    });
    expect(rowsOf(logits, vocabSize)).toEqual([idOf("e")]);
    expect([decodeMs, batchMs]).toEqual([[], 0]);
  });

  it("rejects with the engine's message where there is no model, and where a property is unknown", async () => {
    const { core } = openBinding();
    const call = { device: "CPU", graph, tokenIds: [1, 2], decodes: 0, sequences: 0 };
    await expect(core.modelLogits({ ...call, path: "/nowhere", properties: [] })).rejects.toThrow(
      /\/nowhere\/openvino_model\.xml/,
    );
    const path = await chainFolder();
    await expect(core.modelLogits({ ...call, path, properties: [["NO_SUCH", "1"]] })).rejects.toThrow(
      /NO_SUCH/,
    );
  });
});

it("modelLogits throws where the ids leave no prompt", () => {
  const call = { path: "", device: "CPU", properties: [], graph: "paged", decodes: 1, sequences: 1 } as const;
  expect(() => openBinding().core.modelLogits({ ...call, properties: [], tokenIds: [1, 2] })).toThrow(
    RangeError,
  );
});
