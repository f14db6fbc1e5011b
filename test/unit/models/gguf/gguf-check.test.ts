import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chainModelContent } from "../../../../lib/models/gguf/chain-model.js";
import { checkGguf } from "../../../../lib/models/gguf/gguf-check.js";
import {
  writeGguf,
  type GgufContent,
  type GgufWriteTensor,
  type GgufWriteValue,
} from "../../../../lib/models/gguf/gguf-writer.js";
import { readGgufHeader } from "../../../../lib/models/gguf/gguf.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-check-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function check(content: GgufContent): Promise<void> {
  const path = join(folder, "model.gguf");
  await writeGguf(path, content);
  checkGguf(await readGgufHeader(path));
}

/** The chain model with some metadata replaced; undefined takes a key away. */
function withMetadata(changes: Record<string, GgufWriteValue | undefined>): GgufContent {
  const content = chainModelContent();
  const entries = Object.entries({ ...content.metadata, ...changes });
  const kept = entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  return { ...content, metadata: Object.fromEntries(kept) };
}

/** The chain model with one tensor replaced, or taken away by null. */
function withTensor(name: string, change: (tensor: GgufWriteTensor) => GgufWriteTensor | null): GgufContent {
  const content = chainModelContent();
  expect(content.tensors.map((tensor) => tensor.name)).toContain(name);
  return { ...content, tensors: content.tensors.flatMap((t) => (t.name === name ? (change(t) ?? []) : [t])) };
}

/** The same shape in another type; what the numbers are does not matter here. */
const retyped = (type: string, bytesPer32: number) => (tensor: GgufWriteTensor) => ({
  ...tensor,
  type,
  data: Buffer.alloc((tensor.shape.reduce((a, b) => a * b) / 32) * bytesPer32),
});

const uint32 = (value: number): GgufWriteValue => ({ type: "uint32", value });
const text = (value: string): GgufWriteValue => ({ type: "string", value });
const refusal = (message: RegExp) => ({ code: "ERR_MODEL_LOAD", message: expect.stringMatching(message) });

describe("what can be loaded", () => {
  test.each(["F16", "F32", "BF16"])("an embedding and an output matrix in %s", async (type) => {
    const bytes = type === "F32" ? 128 : 64;
    await expect(check(withTensor("token_embd.weight", retyped(type, bytes)))).resolves.toBeUndefined();
    await expect(check(withTensor("output.weight", retyped(type, bytes)))).resolves.toBeUndefined();
  });

  test.each([
    ["Q8_0", 34],
    ["Q4_0", 18],
    ["Q4_1", 20],
  ])("layers in %s", async (type, bytes) => {
    await expect(check(withTensor("blk.0.attn_q.weight", retyped(type, bytes)))).resolves.toBeUndefined();
  });

  test("a model whose output matrix is its embedding", async () => {
    await expect(check(withTensor("output.weight", () => null))).resolves.toBeUndefined();
  });

  test("a model without a context length, a chat template, merges, or a beginning-of-sequence token", async () => {
    await expect(check(withMetadata({ "llama.context_length": undefined }))).resolves.toBeUndefined();
    await expect(check(withMetadata({ "tokenizer.chat_template": undefined }))).resolves.toBeUndefined();
    await expect(
      check(withMetadata({ "tokenizer.ggml.merges": { type: "strings", value: [] } })),
    ).resolves.toBeUndefined();
    await expect(check(withMetadata({ "tokenizer.ggml.bos_token_id": undefined }))).resolves.toBeUndefined();
  });

  test("a model with as many key heads as heads by default", async () => {
    await expect(
      check(withMetadata({ "llama.attention.head_count_kv": undefined })),
    ).resolves.toBeUndefined();
  });
});

describe("what is refused", () => {
  test.each<[string, Record<string, GgufWriteValue | undefined>, RegExp]>([
    ["another architecture", { "general.architecture": text("phi3") }, /llama, qwen2, qwen3.*"phi3"/],
    ["no architecture", { "general.architecture": undefined }, /architectures.*null/],
    ["a SentencePiece tokenizer", { "tokenizer.ggml.model": text("llama") }, /gpt2.*"llama"/],
    ["no tokenizer", { "tokenizer.ggml.model": undefined }, /gpt2.*null/],
    ["no name of the pre-tokenizer", { "tokenizer.ggml.pre": undefined }, /tokenizer\.ggml\.pre/],
    [
      "a pre-tokenizer whose rules are not known",
      { "tokenizer.ggml.pre": text("default") },
      /smollm.*llama-bpe.*"default".*models prepare/,
    ],
    ["no file type", { "general.file_type": undefined }, /general\.file_type.*nothing/],
    ["no merges", { "tokenizer.ggml.merges": undefined }, /tokenizer\.ggml\.merges/],
    [
      "merges that are no strings",
      { "tokenizer.ggml.merges": { type: "int32s", value: [1] } },
      /strings.*merges/,
    ],
    ["no tokens", { "tokenizer.ggml.tokens": undefined }, /tokenizer\.ggml\.tokens/],
    [
      "fewer token types than tokens",
      { "tokenizer.ggml.token_type": { type: "int32s", value: [1] } },
      /1 for 288/,
    ],
    ["no end-of-sequence token", { "tokenizer.ggml.eos_token_id": undefined }, /eos_token_id.*nothing/],
    [
      "an end-of-sequence token outside the vocabulary",
      { "tokenizer.ggml.eos_token_id": uint32(288) },
      /below 288.*288/,
    ],
    [
      "an unknown token outside the vocabulary",
      { "tokenizer.ggml.unknown_token_id": uint32(1e5) },
      /unknown_token_id.*100000/,
    ],
    ["a part of a split model", { "split.count": uint32(3) }, /3 parts.*llama-gguf-split/],
    ["no layers", { "llama.block_count": uint32(0) }, /block_count.*0/],
    [
      "more layers than there are tensors",
      { "llama.block_count": uint32(2 ** 31 - 1) },
      /"blk\.1\.attn_norm\.weight"/,
    ],
    ["a layer count that is a string", { "llama.block_count": text("1") }, /32-bit integer.*"1"/],
    ["no heads", { "llama.attention.head_count": uint32(0) }, /head_count.*0/],
    [
      "heads that do not fit the weights",
      { "llama.attention.head_count": uint32(2) },
      /\[288, 64\].*attn_q.*\[288, 32\]/,
    ],
    [
      "heads that do not divide over the key heads",
      { "llama.attention.head_count_kv": uint32(2) },
      /2 key heads/,
    ],
    ["an odd head size", { "llama.attention.key_length": uint32(33) }, /even head size.*33/],
    [
      "a hidden size that does not fit the embedding",
      { "llama.embedding_length": uint32(64) },
      /\[64, any\]/,
    ],
    ["an epsilon of another type", { "llama.attention.layer_norm_rms_epsilon": uint32(1) }, /rms_epsilon/],
  ])("%s", async (_, changes, message) => {
    await expect(check(withMetadata(changes))).rejects.toMatchObject(refusal(message));
  });

  test("more tokens than embeddings", async () => {
    const tokens = Array.from({ length: 289 }, (_, i) => `t${i}`);
    const changes = {
      "tokenizer.ggml.tokens": { type: "strings", value: tokens },
      "tokenizer.ggml.token_type": { type: "int32s", value: tokens.map(() => 1) },
    } as const;
    await expect(check(withMetadata(changes))).rejects.toMatchObject(refusal(/each of 289 tokens.*288/));
  });

  test.each([
    ["blk.0.attn_q.weight", "F32", 128],
    ["blk.0.ffn_down.weight", "BF16", 64],
    ["blk.0.attn_v.weight", "Q5_0", 22],
    ["token_embd.weight", "Q5_1", 24],
    ["output_norm.weight", "F16", 64],
    ["blk.0.attn_norm.weight", "BF16", 64],
  ])("%s in %s", async (name, type, bytes) => {
    const message = new RegExp(`for tensor "${name}" but received ${type}`);
    await expect(check(withTensor(name, retyped(type, bytes)))).rejects.toMatchObject(refusal(message));
  });

  test("a tensor that no model uses, in a type that cannot be unpacked", async () => {
    const content = chainModelContent();
    const extra = { name: "extra", shape: [32], type: "Q5_0", data: Buffer.alloc(22) };
    await expect(check({ ...content, tensors: [...content.tensors, extra] })).rejects.toMatchObject(
      refusal(/"extra".*Q5_0/),
    );
  });

  test.each(["token_embd.weight", "output_norm.weight", "blk.0.attn_q.weight", "blk.0.ffn_gate.weight"])(
    "no %s",
    async (name) => {
      const message = new RegExp(`tensor "${name}" but there is none`);
      await expect(check(withTensor(name, () => null))).rejects.toMatchObject(refusal(message));
    },
  );

  test("a matrix that is flattened to a vector", async () => {
    const flat = withTensor("blk.0.attn_q.weight", (tensor) => ({ ...tensor, shape: [288 * 32] }));
    await expect(check(flat)).rejects.toMatchObject(refusal(/\[288, 32\].*\[9216\]/));
  });
});
