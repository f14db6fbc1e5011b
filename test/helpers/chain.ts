import { mkdtempSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import {
  chainModelContent,
  writeChainModel,
  type ChainModelOptions,
} from "../../lib/models/gguf/chain-model.js";
import { writeGguf, type GgufWriteValue } from "../../lib/models/gguf/gguf-writer.js";
import { convertGgufNative } from "../../lib/native/native-convert.js";
import { recallingContent } from "./recalling-content.mjs";

const root = mkdtempSync(join(tmpdir(), "openvino-llm-test-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A new folder that is gone after the tests of this file. */
export function temporaryFolder(): string {
  return mkdtempSync(join(root, "t-"));
}

/** Writes a chain model and gives the path of its GGUF file. */
export async function chainModel(options: ChainModelOptions = {}): Promise<string> {
  const path = join(temporaryFolder(), "chain.gguf");
  await writeChainModel(path, options);
  return path;
}

/** The same with another size of its feed-forward layer; 32 is too small for two threads of OpenVINO's AMX kernel. */
export async function chainModelOfSize(feedForwardSize: number): Promise<string> {
  const { metadata, tensors } = chainModelContent();
  const path = join(temporaryFolder(), `chain-${feedForwardSize}.gguf`);
  const resized = (shape: readonly number[]): { shape: number[]; data: Buffer } => {
    const [columns = 0, rows = 0] = shape;
    return { shape: [...shape], data: Buffer.alloc(columns * rows * 2) };
  };
  await writeGguf(path, {
    metadata: { ...metadata, "llama.feed_forward_length": { type: "uint32", value: feedForwardSize } },
    tensors: tensors.map((tensor) => {
      const [columns = 0, rows = 0] = tensor.shape;
      if (/ffn_(gate|up)\.weight/.test(tensor.name)) {
        return { ...tensor, ...resized([columns, feedForwardSize]) };
      }
      if (tensor.name.includes("ffn_down")) return { ...tensor, ...resized([feedForwardSize, rows]) };
      return tensor;
    }),
  });
  return path;
}

/** One that says the alphabet for ever, with another chat template in its metadata. */
export async function chainModelWithTemplate(template: string): Promise<string> {
  const { metadata, tensors } = chainModelContent({ text: ALPHABET, loop: true });
  const path = join(temporaryFolder(), "chain-template.gguf");
  const changed = { ...metadata, "tokenizer.chat_template": { type: "string", value: template } as const };
  await writeGguf(path, { metadata: changed, tensors });
  return path;
}

/** The pieces of a call of a tool as Qwen3 writes it. */
export function callPieces(name: string, args: string): string[] {
  return ["<tool_call>", `\n{"name": "${name}", `, `"arguments": ${args}}\n`, "</tool_call>"];
}

/** What a chain thinks, says and calls. */
export const CALLER_PIECES: readonly string[] = [
  "<think>",
  "Which city?",
  "</think>",
  "I will ask.",
  ...callPieces("get_weather", '{"city": "Paris"}'),
];

/** A text of 26 tokens that a looping chain model repeats for ever. */
export const ALPHABET = "abcdefghijklmnopqrstuvwxyz";

/**
 * Writes a chain model that attends to what stands before: where more than {@link RECALL_SHARE} of all tokens are
 * `seen`, it says what follows `recalled`, for ever. Both are printable ASCII. That goes through the key-value cache.
 */
export async function recallingChainModel(
  options: ChainModelOptions,
  what: { readonly seen: string; readonly recalled: string },
): Promise<string> {
  const path = join(temporaryFolder(), "recalling.gguf");
  await writeGguf(path, recallingContent(chainModelContent(options), what));
  return path;
}

/** A token has length 1 before its normalisation and √288 after it: 1 / (√288 · 1.375). */
export const RECALL_SHARE = 0.0429;

/** What a GGUF file says of its tokenizer. */
export interface TokenizerContent {
  readonly tokens: readonly string[];
  /** GGUF's numbers for kinds of tokens. */
  readonly kinds: readonly number[];
  readonly merges: readonly string[];
  /** llama.cpp's name for how text is cut. */
  readonly pre: string;
  /** Further metadata, by keys without `tokenizer.ggml.`. */
  readonly more?: Readonly<Record<string, GgufWriteValue>>;
}

/** Writes a model with another tokenizer than the chain's; what it answers is of no account. */
export async function modelWithTokenizer({
  tokens,
  kinds,
  merges,
  pre,
  more = {},
}: TokenizerContent): Promise<string> {
  const { metadata, tensors } = chainModelContent();
  const path = join(temporaryFolder(), `tokenizer-${pre}.gguf`);
  const rows = tokens.length;
  const further = Object.entries(more).map(([key, value]) => [`tokenizer.ggml.${key}`, value] as const);
  const columns = 288;
  await writeGguf(path, {
    metadata: {
      ...metadata,
      "llama.vocab_size": { type: "uint32", value: rows },
      "tokenizer.ggml.pre": { type: "string", value: pre },
      "tokenizer.ggml.tokens": { type: "strings", value: tokens },
      "tokenizer.ggml.token_type": { type: "int32s", value: kinds },
      "tokenizer.ggml.merges": { type: "strings", value: merges },
      ...Object.fromEntries(further),
    },
    tensors: tensors.map((tensor) =>
      /^(token_embd|output)\.weight$/.test(tensor.name)
        ? { ...tensor, shape: [columns, rows], data: Buffer.alloc(columns * rows * 2) }
        : tensor,
    ),
  });
  return path;
}

/** The folder with the IR that GenAI makes of a GGUF file by itself: its tokenizer keeps 8,192 tokens of a text. */
export async function convertedByGenAi(gguf: string): Promise<string> {
  const folder = temporaryFolder();
  const copy = join(folder, "model.gguf");
  await copyFile(gguf, copy);
  await convertGgufNative(copy);
  return folder;
}
