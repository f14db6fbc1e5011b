/** Random weights in GGML's blocks of 32, which a seed fixes: the bytes of AES in counter mode, as fast as the disk. */
import { createCipheriv, createHash } from "node:crypto";

import type { GgufTensorSpec } from "./gguf-content.js";

/** Each block: its scale, a float of 16 bits, then its weights. */
const SCALE_BYTES = 2;
/**
 * The scale with which weights of every value that the bits can say, each as often as the others, are 0.02 from their mean,
 * as the bits of a 16-bit float: 0.00434 for 4 bits, 0.000271 for 8.
 */
const BLOCKS = {
  Q4_0: { bytes: 18, scaleBits: 0x1c71 },
  Q8_0: { bytes: 34, scaleBits: 0x0c6f },
} as const;
const BLOCK_WEIGHTS = 32;
/** Blocks that are made at a time: 2 to 4 MB. */
const CHUNK_BLOCKS = 1 << 17;

/** Bytes of a tensor in the file. */
export function ggufTensorBytes({ shape, type }: GgufTensorSpec): number {
  const elements = shape.reduce((product, size) => product * size, 1);
  return type === "F32" ? elements * 4 : (elements / BLOCK_WEIGHTS) * BLOCKS[type].bytes;
}

/** The bytes of a tensor, in pieces: random blocks, or ones for a normalisation. Each piece is used up before the next. */
export function* tensorBytes(tensor: GgufTensorSpec, seed: number): Generator<Buffer> {
  const { name, type } = tensor;
  if (type === "F32") {
    yield Buffer.from(new Float32Array(ggufTensorBytes(tensor) / 4).fill(1).buffer);
    return;
  }
  const { bytes, scaleBits } = BLOCKS[type];
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, name]))
    .digest();
  const cipher = createCipheriv("aes-128-ctr", digest.subarray(0, 16), digest.subarray(16));
  const zeros = Buffer.alloc(CHUNK_BLOCKS * bytes);
  for (let left = ggufTensorBytes(tensor); left > 0; left -= zeros.length) {
    const chunk = cipher.update(zeros.subarray(0, Math.min(left, zeros.length)));
    for (let at = 0; at + SCALE_BYTES <= chunk.length; at += bytes) chunk.writeUInt16LE(scaleBits, at);
    yield chunk;
  }
}
