import fc from "fast-check";
import { expect, test } from "vitest";
import { STANDARD_DEVIATION, bfloat16, fillBlock, normalTable } from "../../../lib/synth/random-weights.js";

const TABLE = normalTable(0);

/** The number that bfloat16 bits stand for. */
function numberOf(bits: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(bits, 2);
  return bytes.readFloatLE();
}

function block(length: number, seed = 0, tensor = "a", index = 0, table = TABLE): Uint16Array {
  const filled = new Uint16Array(length);
  fillBlock(filled, table, seed, tensor, index);
  return filled;
}

test("bfloat16 keeps what it can hold and rounds to the nearest, ties to even", () => {
  for (const value of [0, 1, -1, 0.5, 2 ** -100, 2 ** 127])
    expect(numberOf(bfloat16(value))).toBeCloseTo(value, 5);
  expect(numberOf(bfloat16(1 + 2 ** -8))).toBe(1);
  expect(numberOf(bfloat16(1 + 3 * 2 ** -8))).toBe(1 + 2 ** -6);
});

test("weights have the mean, the spread and the tails of a normal distribution", () => {
  const values = Array.from(block(400_000), numberOf);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  expect(Math.abs(mean)).toBeLessThan(0.0002);
  expect(deviation / STANDARD_DEVIATION).toBeCloseTo(1, 2);
  const beyond = (sigmas: number) =>
    values.filter((value) => Math.abs(value) > sigmas * STANDARD_DEVIATION).length / values.length;
  expect(beyond(1)).toBeCloseTo(0.317, 2);
  expect(beyond(2)).toBeCloseTo(0.0455, 2);
  expect(beyond(5)).toBe(0);
});

test("weights of a normalisation are about 1, and not all 1: those an exporter would leave out", () => {
  const values = Array.from(block(10_000, 0, "norm", 0, normalTable(1)), numberOf);
  expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(1, 2);
  expect(new Set(values).size).toBeGreaterThan(5);
});

test("the same seed, tensor and block give the same numbers, in whichever order they are made", () => {
  const places = fc.record({ seed: fc.nat(), tensor: fc.string(), index: fc.nat(1000) });
  fc.assert(
    fc.property(fc.array(places, { minLength: 1, maxLength: 6 }), fc.nat(2 ** 20), (all, order) => {
      const make = ({ seed, tensor, index }: (typeof all)[number]) =>
        Buffer.from(block(33, seed, tensor, index).buffer);
      const first = all.map(make);
      const from = order % all.length;
      for (const i of [...all.keys()].map((key) => (key + from) % all.length)) {
        expect(make(all[i] ?? { seed: 0, tensor: "", index: 0 }).equals(first[i] ?? Buffer.of())).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test("another seed, tensor or block gives other numbers; a shorter block is the beginning of the longer one", () => {
  const one = block(64);
  for (const other of [block(64, 1), block(64, 0, "b"), block(64, 0, "a", 1)]) expect(other).not.toEqual(one);
  expect(block(32)).toEqual(one.subarray(0, 32));
  expect(block(33).subarray(0, 32)).toEqual(one.subarray(0, 32));
});
