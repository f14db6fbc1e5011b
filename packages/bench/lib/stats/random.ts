/** Random numbers that a seed fixes, on the generator xoroshiro128+ of `pure-rand`. */
import { createHash } from "node:crypto";

import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** A stream of random numbers. */
export interface Random {
  /** Uniform in [0, 1), with 53 bits. */
  readonly float: () => number;
  /** A uniform integer; both ends can come. */
  readonly integer: (from: number, to: number) => number;
  /** Gamma-distributed with mean `shape` and scale 1; `shape` is above 0. */
  readonly gamma: (shape: number) => number;
}

/**
 * The stream that a seed and a purpose fix. Streams of different purposes are independent, so that asking one for more
 * numbers does not change another.
 *
 * @param seed - any number
 * @param purpose - what the numbers are for: words and numbers
 */
export function seededRandom(seed: number, ...purpose: ReadonlyArray<string | number>): Random {
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, ...purpose]))
    .digest();
  const state = [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset));
  const generator = xoroshiro128plusFromState(state);
  const float = () => uniformFloat64(generator);
  return {
    float,
    integer: (from, to) => uniformInt(generator, from, to),
    gamma: (shape) => gamma(shape, float),
  };
}

/** The integers from 0 to `count - 1` in a random order (Fisher and Yates). */
export function shuffledIndexes(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const chosen = random.integer(0, last);
    const value = order[last] ?? 0;
    order[last] = order[chosen] ?? 0;
    order[chosen] = value;
  }
  return order;
}

/** Marsaglia and Tsang, "A simple method for generating gamma variables" (2000). */
function gamma(shape: number, float: () => number): number {
  // 1 - float() is never 0, so neither logarithm nor power has a pole.
  if (shape < 1) return gamma(shape + 1, float) * (1 - float()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(float);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - float()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Box and Muller. */
function normal(float: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - float())) * Math.cos(2 * Math.PI * float());
}
