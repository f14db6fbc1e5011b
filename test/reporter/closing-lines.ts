/** What a run of the tests ends with: the CPU, what tests were skipped for want of, and the counts as the last line. Pure. */
import type { CpuFlags } from "../../lib/host/kernels/instruction-sets.js";
import type { TestCounts } from "./count-tests.js";

/** The processor that the tests ran on. */
export interface TestedCpu {
  /** Null where the kernel does not name it. */
  readonly model: string | null;
  readonly flags: CpuFlags;
}

/** @param isComplete false while tests still run: what stands then is printed when vitest itself is killed */
export function closingLines(counts: TestCounts, cpu: TestedCpu, isComplete: boolean): string[] {
  const { passed, skipped, missing, notes } = counts;
  const reasons: Array<readonly [string, number]> = [
    ...byCount(missing).map(([what, count]) => [`Skipped for want of ${what}`, count] as const),
    ...byCount(notes).map(([note, count]) => [`Skipped, ${note}`, count] as const),
  ];
  const unexplained = reasons.reduce((left, [, count]) => left - count, skipped);
  if (unexplained > 0) reasons.push(["Skipped without a reason", unexplained]);
  const failed = isComplete ? counts.failed : Math.max(1, counts.failed);
  return [
    cpuLine(cpu),
    ...reasons.map(([words, count]) => `${words}: ${count}`),
    ...(isComplete
      ? []
      : ["vitest ended before its tests did; files that it had not begun are not counted."]),
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
  ];
}

function cpuLine({ model, flags }: TestedCpu): string {
  const sets = [
    ["AVX-512", flags.avx512bw],
    ["VNNI", flags.avx512vnni || flags.avxVnni],
    ["BF16", flags.avx512bf16],
    ["FP16", flags.avx512fp16],
    ["AMX", flags.amxTile],
  ] as const;
  const names = sets.map(([name, isThere]) => `${name} ${isThere ? "yes" : "no"}`);
  return `CPU: ${model ?? "unknown"}; ${names.join(", ")}`;
}

/** The most frequent first, then by name. */
function byCount(counts: Readonly<Record<string, number>>): Array<[string, number]> {
  return Object.entries(counts).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}
