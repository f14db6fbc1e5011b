/** The child process of a model check: feeds a model a text, and keeps its logits or compares them with kept ones. */
import { readFile, writeFile } from "node:fs/promises";

import { openBinding } from "../native/binding.js";
import type { NativeLogits, NativeLogitsOptions } from "../native/native-logits.js";
import { answerParent } from "../host/kernels/logged-child.js";
import { compareLogits, type LogitsComparison } from "./compare-logits.js";

/** The child's arguments. */
export interface CheckTask {
  readonly logits: NativeLogitsOptions;
  /** The file with the reference. */
  readonly referenceFile: string;
  /** This is the reference: write the file. */
  readonly isReference: boolean;
}

/** What it answers. */
export interface CheckAnswer {
  /** Null for the reference. */
  readonly comparison: LogitsComparison | null;
  readonly prefillMs: number;
  readonly decodeMs: readonly number[];
  readonly batchMs: number;
}

async function run({ logits: options, referenceFile, isReference }: CheckTask): Promise<CheckAnswer> {
  const { logits, vocabSize, prefillMs, decodeMs, batchMs }: NativeLogits =
    await openBinding().core.modelLogits(options);
  let comparison: LogitsComparison | null = null;
  if (isReference) await writeFile(referenceFile, new Uint8Array(logits.buffer));
  else {
    const bytes = await readFile(referenceFile);
    const reference = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    comparison = compareLogits(logits, reference, vocabSize);
  }
  return { comparison, prefillMs, decodeMs, batchMs };
}

answerParent((task) => run(task as CheckTask));
