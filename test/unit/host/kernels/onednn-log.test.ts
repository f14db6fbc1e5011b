import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  arithmeticKernels,
  highestInstructionSet,
  layerTypes,
  parseOneDnnLog,
} from "../../../../lib/host/kernels/onednn-log.js";

/** Logs of real runs; of SmolLM2's, each kind of line at most twice. */
function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}

/** A line with the names that the pinned library holds; written here because no such processor was at hand. */
function creation(operation: string, implementation: string): string {
  return `onednn_verbose,v1,primitive,create:cache_miss,cpu,${operation},${implementation},undef,src:f32::blocked:ab::f0 wei:f32::blocked:ab::f0 bia:undef::undef::: dst:f32::blocked:ab::f0,,,1x1,0.1\n`;
}

describe("the log of a model with 16-bit weights on AVX-512 with bf16", () => {
  const log = parseOneDnnLog(fixture("onednn-tiny-avx512-bf16.log"));

  test("has oneDNN's version and what it found", () => {
    expect(log.version).toBe("3.13.0");
    expect(log.detected).toBe("Intel AVX-512 with Intel DL Boost and bfloat16 support");
  });

  test("has the kernels that compute, with their counts and types", () => {
    expect(arithmeticKernels(log.kernels)).toEqual([
      {
        operation: "inner_product",
        implementation: "brgemm:avx512_core_bf16",
        instructionSet: "avx512_core_bf16",
        types: { src: "bf16", wei: "bf16", dst: "bf16" },
        isDynamicallyQuantized: false,
        count: 4,
      },
      {
        operation: "matmul",
        implementation: "brg_matmul:avx2",
        instructionSet: "avx2",
        types: { src: "f32", wei: "f32", dst: "f32" },
        isDynamicallyQuantized: false,
        count: 2,
      },
      {
        operation: "inner_product",
        implementation: "brgemm:avx512_core_bf16",
        instructionSet: "avx512_core_bf16",
        types: { src: "bf16", wei: "bf16", dst: "f32" },
        isDynamicallyQuantized: false,
        count: 1,
      },
    ]);
  });

  test("counts kernels that were taken again", () => {
    expect(log.kernels[0]).toEqual({
      operation: "reorder",
      implementation: "jit_direct_copy:uni",
      instructionSet: null,
      types: { src: "u8", dst: "s32" },
      isDynamicallyQuantized: false,
      count: 3,
    });
  });

  test("gives the highest instruction set and the precision", () => {
    expect(highestInstructionSet(log.kernels)).toBe("avx512_core_bf16");
    expect(layerTypes(log.kernels)).toEqual({
      activationTypes: ["bf16"],
      weightTypes: ["bf16"],
      isDynamicallyQuantized: false,
    });
  });
});

test("a model with 4-bit weights multiplies in 8 bits on the same processor", () => {
  const { kernels } = parseOneDnnLog(fixture("onednn-smollm2-avx512-vnni.log"));
  expect(highestInstructionSet(kernels)).toBe("avx512_core_vnni");
  expect(layerTypes(kernels)).toEqual({
    activationTypes: ["bf16"],
    weightTypes: ["u4", "u8"],
    isDynamicallyQuantized: true,
  });
});

describe("highestInstructionSet", () => {
  const highestOf = (...lines: string[]) => highestInstructionSet(parseOneDnnLog(lines.join("")).kernels);

  test("knows AMX from what is below it", () => {
    expect(
      highestOf(creation("inner_product", "brgemm:avx10_1_512_amx"), creation("matmul", "brg_matmul:avx2")),
    ).toBe("avx10_1_512_amx");
    expect(
      highestOf(
        creation("matmul", "brg_matmul:avx10_1_512"),
        creation("inner_product", "brgemm:avx10_1_512_amx_fp16"),
      ),
    ).toBe("avx10_1_512_amx_fp16");
  });

  test("does not count kernels that only move data", () => {
    expect(highestOf(creation("reorder", "jit:avx512_core"), creation("matmul", "brg_matmul:avx2"))).toBe(
      "avx2",
    );
  });

  test("is null where no kernel names an instruction set", () => {
    expect(highestOf(creation("inner_product", "x64:gemm:jit"), creation("matmul", "ref:any"))).toBeNull();
    expect(highestOf()).toBeNull();
  });
});

describe("parseOneDnnLog", () => {
  test("skips what others print, lines that are cut off, executions and kernels that were passed over", () => {
    const text =
      "Loading…\n\nonednn_verbose,v1,primitive\n" +
      creation("matmul", "brg_matmul:avx2").replace("create:cache_miss", "exec") +
      creation("matmul", "brg_matmul:avx2").replace("create:cache_miss", "create:dispatch") +
      creation("matmul", "jit:gemm").replace(",cpu,", ",gpu,");
    expect(parseOneDnnLog(text)).toEqual({ version: null, detected: null, kernels: [] });
  });
});
