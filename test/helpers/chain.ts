import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { writeChainModel, type ChainModelOptions } from "../../lib/models/chain-model.js";

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

/** A text of 26 tokens that a looping chain model repeats for ever. */
export const ALPHABET = "abcdefghijklmnopqrstuvwxyz";
