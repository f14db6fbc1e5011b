import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import {
  chainModelContent,
  writeChainModel,
  type ChainModelOptions,
} from "../../lib/models/gguf/chain-model.js";
import { writeGguf } from "../../lib/models/gguf/gguf-writer.js";
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
