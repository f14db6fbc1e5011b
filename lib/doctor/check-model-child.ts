/** The child process of a model check: feeds a model a text, and keeps its logits or compares them with kept ones. */
import { readFile, writeFile } from "node:fs/promises";

import { openBinding } from "../native/binding.js";
import type { NativeLogits, NativeLogitsOptions } from "../native/native-logits.js";
import { answerParent } from "../host/kernels/logged-child.js";
import { compareLogits, type LogitsComparison } from "./compare-logits.js";

/** What the child is told. */
export interface CheckTask {
  readonly logits: NativeLogitsOptions;
  /** The file with the truth. */
  readonly truthFile: string;
  /** This is the truth: write the file. */
  readonly isTruth: boolean;
}

/** What it answers. */
export interface CheckAnswer {
  /** Null for the truth. */
  readonly comparison: LogitsComparison | null;
  readonly prefillMs: number;
  readonly decodeMs: readonly number[];
  readonly batchMs: number;
}

async function run({ logits: options, truthFile, isTruth }: CheckTask): Promise<CheckAnswer> {
  const { logits, vocabSize, prefillMs, decodeMs, batchMs }: NativeLogits =
    await openBinding().core.modelLogits(options);
  let comparison: LogitsComparison | null = null;
  if (isTruth) await writeFile(truthFile, new Uint8Array(logits.buffer));
  else {
    const bytes = await readFile(truthFile);
    const truth = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    comparison = compareLogits(logits, truth, vocabSize);
  }
  return { comparison, prefillMs, decodeMs, batchMs };
}

answerParent((task) => run(task as CheckTask));
