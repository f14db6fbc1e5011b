import { expect, it } from "vitest";
import { measureMultiplyRates } from "../../lib/doctor/multiply-rates.js";
import { openBinding } from "../../lib/native/binding.js";

/** No machine multiplies that fast: only a loop that the compiler has left out would. */
const IMPOSSIBLE_PER_SECOND = 1e16;

/** The products of one call, as `native/probe/multiply_kernels.cpp` lays them out. */
function sumOf(precision: string, instructions: string): number {
  const left = Array.from({ length: 64 }, (_, i) => (i % 3) + 1);
  const right = Array.from({ length: 64 }, (_, i) => (i % 5) - 1);
  const elementBytes = { f32: 4, bf16: 2, int8: 1 }[precision] ?? 0;
  let sum = 0;
  if (instructions.endsWith("_amx")) {
    const group = 4 / elementBytes;
    for (let row = 0; row < 16; row++)
      for (let k = 0; k < 16; k++)
        for (let column = 0; column < 16; column++)
          for (let i = 0; i < group; i++) sum += left[group * k + i]! * right[group * column + i]!;
    return 256 * 4 * sum;
  }
  const lanes = (instructions.startsWith("avx2") ? 32 : 64) / elementBytes;
  for (let i = 0; i < lanes; i++) sum += left[i]! * right[i]!;
  return 2048 * 12 * sum;
}

it("multiplies in every way that the CPU has, each with the right sums", async () => {
  const { core } = openBinding();
  const features = core.cpuFeatures();
  const rates = await core.measureMultiplyRates({ threads: 2, milliseconds: 5 });
  expect(rates.map(({ precision, instructions }) => `${precision} ${instructions}`)).toEqual(
    [
      features.avx2 && features.fma && "f32 avx2",
      features.avx512f && "f32 avx512_core",
      features.avx512bf16 && "bf16 avx512_core_bf16",
      features.amxPermitted && features.amxBf16 && "bf16 avx10_1_512_amx",
      features.avx2 && "int8 avx2",
      features.avx2 && features.avxVnni && "int8 avx2_vnni",
      features.avx512vnni && "int8 avx512_core_vnni",
      features.amxPermitted && features.amxInt8 && "int8 avx10_1_512_amx",
    ].filter((name) => name !== false),
  );
  for (const { precision, instructions, multiplyAddsPerSecond, sum, expectedSum } of rates) {
    expect(sum, `${precision} ${instructions}`).toBe(sumOf(precision, instructions));
    expect(expectedSum).toBe(sum);
    expect(multiplyAddsPerSecond).toBeGreaterThan(0);
    expect(multiplyAddsPerSecond).toBeLessThan(IMPOSSIBLE_PER_SECOND);
  }
});

it("leaves the event loop free", async () => {
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  expect(await measureMultiplyRates({ threads: 1, milliseconds: 5 })).not.toEqual([]);
  isDone = true;
  expect(turns).toBeGreaterThan(10);
});

it.each([
  [{ threads: 0 }, "options.threads"],
  [{ threads: 1025 }, "options.threads"],
  [{ milliseconds: 4 }, "options.milliseconds"],
  [{ milliseconds: 10.5 }, "options.milliseconds"],
])("refuses %j", async (options, name) => {
  await expect(measureMultiplyRates(options)).rejects.toMatchObject({
    code: "ERR_OUT_OF_RANGE",
    message: expect.stringContaining(name) as unknown,
  });
});
