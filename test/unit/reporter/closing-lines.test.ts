import { describe, expect, test } from "vitest";
import { flagsFromKernel } from "../../../lib/host/kernels/instruction-sets.js";
import { closingLines, type TestedCpu } from "../../reporter/closing-lines.js";
import { countTests, type FileSeen, type TestCounts, type TestSeen } from "../../reporter/count-tests.js";

const passed: TestSeen = { state: "passed", isMeant: true, missing: null, note: null };
const failed: TestSeen = { ...passed, state: "failed" };
const pending: TestSeen = { ...passed, state: "pending" };
const skipped: TestSeen = { ...passed, state: "skipped" };
const without = (missing: string): TestSeen => ({ ...skipped, isMeant: false, missing });

const file = (tests: readonly TestSeen[], others: Partial<FileSeen> = {}): FileSeen => ({
  hasEnded: true,
  errors: 0,
  tests,
  ...others,
});

describe("a run's counts", () => {
  const counts = (files: readonly FileSeen[], unhandledErrors = 0): number[] => {
    const { passed: a, failed: b, skipped: c } = countTests(files, unhandledErrors);
    return [a, b, c];
  };

  test("are those of its tests", () => {
    expect(counts([])).toEqual([0, 0, 0]);
    const files = [
      file([passed, passed, failed]),
      file([passed, without("AMX"), { ...skipped, note: "why" }]),
    ];
    expect(counts(files)).toEqual([3, 1, 2]);
  });

  test("have a failure for a file that cannot be loaded", () => {
    expect(counts([file([], { errors: 1 }), file([passed])])).toEqual([1, 1, 0]);
  });

  test("have the tests of a process that crashed as failures, once", () => {
    const crashed = file([passed, pending, pending], { hasEnded: false });
    expect(counts([crashed], 1)).toEqual([1, 2, 0]);
    expect(counts([file([], { hasEnded: false })], 1)).toEqual([0, 1, 0]);
    expect(counts([file([passed, passed], { hasEnded: false })], 1)).toEqual([2, 1, 0]);
  });

  test("have tests behind a hook that failed as failures, but not what is skipped beside them", () => {
    expect(counts([file([skipped, skipped, without("AMX"), passed], { errors: 1 })])).toEqual([1, 2, 1]);
    expect(counts([file([skipped, passed])])).toEqual([1, 0, 1]);
  });

  test("have a failure for a hook that fails afterwards, and for an error outside of every test", () => {
    expect(counts([file([passed, passed], { errors: 1 })])).toEqual([2, 1, 0]);
    expect(counts([file([passed]), file([], { hasEnded: false })], 3)).toEqual([1, 3, 0]);
  });

  test("say what was missing how often", () => {
    const files = [
      file([without("AMX"), without("Chromium"), { ...skipped, note: "not today" }]),
      file([without("Chromium"), { ...skipped, missing: "AMX", note: "for want of AMX" }]),
    ];
    expect(countTests(files, 0)).toEqual({
      passed: 0,
      failed: 0,
      skipped: 5,
      missing: { AMX: 2, Chromium: 2 },
      notes: { "not today": 1 },
    });
  });
});

describe("the last lines", () => {
  const xeon: TestedCpu = {
    model: "Intel(R) Xeon(R) Processor",
    flags: flagsFromKernel(
      new Set("avx512f avx512bw avx512_vnni avx512_bf16 avx512_fp16 amx_tile amx_int8 amx_bf16".split(" ")),
    ),
  };
  const counts: TestCounts = { passed: 40, failed: 0, skipped: 0, missing: {}, notes: {} };

  test("name the CPU and end with the plain counts", () => {
    expect(closingLines(counts, xeon, true)).toEqual([
      "CPU: Intel(R) Xeon(R) Processor; AVX-512 yes, VNNI yes, BF16 yes, FP16 yes, AMX yes",
      "40 passed, 0 failed, 0 skipped",
    ]);
    const old: TestedCpu = { model: null, flags: flagsFromKernel(new Set(["avx2", "avx_vnni"])) };
    expect(closingLines(counts, old, true)[0]).toBe(
      "CPU: unknown; AVX-512 no, VNNI yes, BF16 no, FP16 no, AMX no",
    );
  });

  test("say what tests were skipped for want of, the most frequent first", () => {
    const missing = { "Python 3.11": 2, Chromium: 12, AMX: 2 };
    const some = { ...counts, failed: 3, skipped: 20, missing, notes: { "not today": 1 } };
    expect(closingLines(some, xeon, true).slice(1)).toEqual([
      "Skipped for want of Chromium: 12",
      "Skipped for want of AMX: 2",
      "Skipped for want of Python 3.11: 2",
      "Skipped, not today: 1",
      "Skipped without a reason: 3",
      "40 passed, 3 failed, 20 skipped",
    ]);
  });

  test("of a run that was killed never say that all went well", () => {
    expect(closingLines(counts, xeon, false).slice(1)).toEqual([
      "vitest ended before its tests did; files that it had not begun are not counted.",
      "40 passed, 1 failed, 0 skipped",
    ]);
  });
});
