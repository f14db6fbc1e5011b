/** Random weights that a seed fixes, on the generator xoroshiro128+ of `pure-rand`. */
import { createHash } from "node:crypto";

import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** Numbers that have a generator of their own, so that any part of a tensor can be made without what is before it. */
export const BLOCK_ELEMENTS = 1 << 21;

/** How far weights are from their mean: `initializer_range` of the models that are built. */
export const STANDARD_DEVIATION = 0.02;

const LEVELS = 1 << 16;

/**
 * Numbers in bfloat16, as their bits, at equal steps of the probability of a normal distribution: picking one with 16
 * random bits is picking a normally distributed number. The middle of the two halves mirrors them.
 */
export function normalTable(mean: number): Uint16Array {
  const table = new Uint16Array(LEVELS);
  const step = 1e-4;
  let [x, probability] = [0, 0.5];
  for (let level = LEVELS / 2; level < LEVELS; level++) {
    const wanted = (level + 0.5) / LEVELS;
    // The midpoint of each step: the sum is right to nine digits.
    while (probability < wanted) {
      probability += (step * Math.exp(-((x + step / 2) ** 2) / 2)) / Math.sqrt(2 * Math.PI);
      x += step;
    }
    table[level] = bfloat16(mean + STANDARD_DEVIATION * x);
    table[LEVELS - 1 - level] = bfloat16(mean - STANDARD_DEVIATION * x);
  }
  return table;
}

/**
 * Fills the block of that number of a tensor. The same seed, name and number give the same block, in whichever order.
 *
 * @param block - at most {@link BLOCK_ELEMENTS} long: the last one of a tensor is shorter
 * @param table - of {@link normalTable}
 */
export function fillBlock(
  block: Uint16Array,
  table: Uint16Array,
  seed: number,
  tensor: string,
  index: number,
): void {
  const key = JSON.stringify([seed, tensor, index]);
  const digest = createHash("sha256").update(key).digest();
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)));
  const even = block.length - (block.length % 2);
  for (let i = 0; i < even; i += 2) {
    const bits = generator.next();
    block[i] = table[bits & 0xffff] ?? 0;
    block[i + 1] = table[bits >>> 16] ?? 0;
  }
  if (even < block.length) block[even] = table[generator.next() & 0xffff] ?? 0;
}

const FLOAT = new Float32Array(1);
const FLOAT_BITS = new Uint32Array(FLOAT.buffer);

/** The bits of the nearest bfloat16: the upper half of a float, rounded to even. */
export function bfloat16(value: number): number {
  FLOAT[0] = value;
  const bits = FLOAT_BITS[0] ?? 0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}
