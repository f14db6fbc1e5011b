/** What this machine can do at most, measured: how fast memory is read, and how fast factors are multiplied. */
import { availableParallelism } from "node:os";
import { measureMultiplyRates, measureReadBandwidth, type MultiplyRate } from "openvino-llm/internal";

/** What a machine can do at most, by small kernels that do nothing else. */
export interface MachineLimits {
  /** Reading memory, by the number of threads: 1, 2, 4, … and as many as this process may use. */
  readonly readBandwidth: ReadonlyArray<{
    /** Threads that read at the same time. */
    readonly threads: number;
    /** Bytes per second of the fastest pass. */
    readonly bytesPerSecond: number;
  }>;
  /** Multiplying, on as many threads as this process may use; the slowest instruction set of each precision first. */
  readonly multiplyRates: readonly MultiplyRate[];
}

/** What went wrong where the limits could not be measured. */
export interface NoMachineLimits {
  /** In a sentence. */
  readonly message: string;
}

/** Short passes find the same best one, and there are several numbers of threads. */
const READ_MS = 250;

/** Measures the limits: a second or two, when nothing else runs. What goes wrong is reported, not thrown. */
export async function measureMachineLimits(): Promise<MachineLimits | NoMachineLimits> {
  try {
    const readBandwidth: Array<MachineLimits["readBandwidth"][number]> = [];
    for (const threads of threadCounts(availableParallelism())) {
      const { bestBytesPerSecond } = await measureReadBandwidth({ threads, milliseconds: READ_MS });
      readBandwidth.push({ threads, bytesPerSecond: bestBytesPerSecond });
    }
    return { readBandwidth, multiplyRates: await measureMultiplyRates() };
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
}

/** 1, 2, 4, … and the last one. */
function threadCounts(most: number): number[] {
  const counts: number[] = [];
  for (let threads = 1; threads < most; threads *= 2) counts.push(threads);
  return [...counts, most];
}
