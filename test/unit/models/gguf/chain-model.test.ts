import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  CHAIN_TEXT,
  CHAIN_VOCAB_SIZE,
  chainModelContent,
  writeChainModel,
  type ChainModelOptions,
} from "../../../../lib/models/gguf/chain-model.js";
import { checkGguf } from "../../../../lib/models/gguf/gguf-check.js";
import { readGgufHeader } from "../../../../lib/models/gguf/gguf.js";

const SEPARATOR = "<|im_sep|>";
const END = "<|im_end|>";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openvino-llm-chain-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(options?: ChainModelOptions): Promise<string> {
  const path = join(folder, "chain.gguf");
  await writeChainModel(path, options);
  return path;
}

/** The vocabulary as the file spells it. */
function pieces(): readonly string[] {
  const tokens = chainModelContent().metadata["tokenizer.ggml.tokens"];
  if (tokens?.type !== "strings") throw new Error("the model has no vocabulary");
  return tokens.value;
}

/** What greedy decoding answers after one token: embedding row, no layer, largest logit, as the weights in the file have it. */
async function answerAfter(
  path: string,
  piece: string,
  maxTokens = 60,
): Promise<{ text: string; ended: boolean }> {
  const file = await readFile(path);
  const { tensors } = await readGgufHeader(path);
  const weights = (name: string): Uint16Array => {
    const tensor = tensors.find((candidate) => candidate.name === name);
    if (tensor?.type !== "F16") throw new Error(`expected the F16 tensor ${name}`);
    return new Uint16Array(file.buffer.slice(tensor.offsetBytes, tensor.offsetBytes + tensor.sizeBytes));
  };
  const embedding = weights("token_embd.weight");
  const output = weights("output.weight");
  const vocabulary = pieces();
  const bytes: number[] = [];
  let token = vocabulary.indexOf(piece);
  for (let i = 0; i < maxTokens; i++) {
    const hidden = onlyOne(embedding.subarray(token * CHAIN_VOCAB_SIZE, (token + 1) * CHAIN_VOCAB_SIZE));
    token = onlyOne(
      Array.from({ length: CHAIN_VOCAB_SIZE }, (_, row) => output[row * CHAIN_VOCAB_SIZE + hidden] ?? 0),
    );
    if (vocabulary[token] === END) return { text: Buffer.from(bytes).toString(), ended: true };
    bytes.push(byteOf(vocabulary[token] ?? ""));
  }
  return { text: Buffer.from(bytes).toString(), ended: false };
}

/** The index of the only element that is not zero. */
function onlyOne(values: ArrayLike<number>): number {
  const found = Array.from(values).flatMap((value, index) => (value === 0 ? [] : [index]));
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`expected one element but found ${found.length}`);
  return found[0];
}

/** The byte that a character of a byte-level vocabulary stands for, by GPT-2's rule. */
function byteOf(piece: string): number {
  const code = piece.codePointAt(0) ?? 0;
  if (code < 0x100) return code;
  const unprintable = [...Array(33).keys(), ...Array.from({ length: 34 }, (_, i) => 0x7f + i), 0xad];
  return unprintable[code - 0x100] ?? Number.NaN;
}

test("a chat prompt is answered with the whole text and then the end-of-sequence token", async () => {
  expect(await answerAfter(await write(), SEPARATOR)).toEqual({ text: CHAIN_TEXT, ended: true });
});

test("a raw prompt that ends in a byte of the text continues after it", async () => {
  const path = await write();
  expect(await answerAfter(path, "r")).toEqual({ text: "ich: ✓🙂7,5", ended: true });
  expect(await answerAfter(path, "5")).toEqual({ text: "", ended: true });
});

test("a piece of several bytes continues after its last byte", async () => {
  expect(await answerAfter(await write(), "or")).toEqual({ text: "ich: ✓🙂7,5", ended: true });
  expect(await answerAfter(await write({ text: "the" }), "Ġt")).toEqual({ text: "he", ended: true });
});

test("a raw prompt that ends in any other byte gets the whole text", async () => {
  expect(await answerAfter(await write(), "x")).toEqual({ text: CHAIN_TEXT, ended: true });
});

test("a looping model starts over and never ends", async () => {
  const answer = await answerAfter(await write({ text: "abc", loop: true }), SEPARATOR, 8);
  expect(answer).toEqual({ text: "abcabcab", ended: false });
});

test("a text of one byte loops on itself", async () => {
  expect(await answerAfter(await write({ text: "a", loop: true }), "a", 3)).toEqual({
    text: "aaa",
    ended: false,
  });
});

test("every byte can stand in a text", async () => {
  const text = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join("");
  expect(await answerAfter(await write({ text }), SEPARATOR, 200)).toEqual({ text, ended: true });
});

test("the file passes the checks that a foreign file has to pass, and says what it is", async () => {
  const header = await readGgufHeader(await write({ contextLength: 128 }));
  checkGguf(header);
  expect(header).toMatchObject({
    architecture: "llama",
    name: "chain",
    contextLength: 128,
    vocabSize: CHAIN_VOCAB_SIZE,
    tokenCount: CHAIN_VOCAB_SIZE,
    eosTokenId: pieces().indexOf(END),
    bosTokenId: pieces().indexOf("<|endoftext|>"),
  });
});

test("no token occurs twice and every merge is made of tokens and makes one", () => {
  const vocabulary = new Set(pieces());
  expect(vocabulary.size).toBe(CHAIN_VOCAB_SIZE);
  const merges = chainModelContent().metadata["tokenizer.ggml.merges"];
  if (merges?.type !== "strings") throw new Error("the model has no merges");
  expect(merges.value).not.toHaveLength(0);
  for (const merge of merges.value) {
    const [left, right] = merge.split(" ");
    for (const piece of [left, right, `${left}${right}`]) expect(vocabulary).toContain(piece);
  }
});

test("all weights inside the layer are zero", () => {
  const matrices = chainModelContent().tensors.filter(
    ({ name, type }) => name.startsWith("blk.") && type === "F16",
  );
  expect(matrices).toHaveLength(7);
  for (const { data } of matrices) expect(data.every((byte) => byte === 0)).toBe(true);
});

test("the same options give the same file", async () => {
  const first = await readFile(await write());
  expect(first.equals(await readFile(await write()))).toBe(true);
  expect(first.equals(await readFile(await write({ loop: true })))).toBe(false);
});

test.each([
  ["an empty text", { text: "" }, "ERR_OUT_OF_RANGE", /text/],
  ["a text with a byte twice", { text: "hello" }, "ERR_OUT_OF_RANGE", /text.*"hello"/],
  ["two characters that share a byte", { text: "üö" }, "ERR_OUT_OF_RANGE", /text/],
  ["a lone surrogate", { text: "a\ud800" }, "ERR_OUT_OF_RANGE", /text/],
  ["a text that is no string", { text: 5 }, "ERR_INVALID_ARG_TYPE", /text/],
  ["a loop that is no boolean", { loop: "yes" }, "ERR_INVALID_ARG_TYPE", /loop/],
  ["a context of no tokens", { contextLength: 0 }, "ERR_OUT_OF_RANGE", /contextLength.*0/],
  ["half a token of context", { contextLength: 0.5 }, "ERR_OUT_OF_RANGE", /contextLength/],
  ["a context beyond 31 bits", { contextLength: 2 ** 31 }, "ERR_OUT_OF_RANGE", /contextLength/],
  ["a context that is no number", { contextLength: "8" }, "ERR_INVALID_ARG_TYPE", /contextLength/],
])("%s is refused and nothing is written", async (_, options, code, message) => {
  const path = join(folder, "refused.gguf");
  await expect(writeChainModel(path, options as ChainModelOptions)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
  await expect(readFile(path)).rejects.toMatchObject({ code: "ENOENT" });
});
