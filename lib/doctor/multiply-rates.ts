/** How fast this CPU multiplies and adds in each precision: matrix products can be no faster. */
import { availableParallelism } from "node:os";

import { OpenVinoLlmError } from "../errors/errors.js";
import type { OneDnnIsa } from "../host/kernels/instruction-sets.js";
import { openBinding } from "../native/binding.js";
import { nativeFailure } from "../native/native-errors.js";
import { checkWhole } from "./read-bandwidth.js";

/** Options of {@link measureMultiplyRates}. */
export interface MultiplyRateOptions {
  /** Threads that multiply at the same time, 1 to 1,024. Default: the CPUs that this process may use. */
  readonly threads?: number | undefined;
  /** How long each kernel runs, in milliseconds: 5 to 10,000. Default 100. */
  readonly milliseconds?: number | undefined;
}

/** What one kernel reached. */
export interface MultiplyRate {
  /** Of the factors; int8 sums up in 32 bits, as do the others in f32. */
  readonly precision: "f32" | "bf16" | "int8";
  /** The instruction set, by oneDNN's name: "avx2", "avx2_vnni", "avx512_core", …, "avx10_1_512_amx". */
  readonly instructions: OneDnnIsa;
  /** Multiply-adds per second of all threads together, the best of five passes: half of what is called FLOPS or OPS. */
  readonly multiplyAddsPerSecond: number;
}

/**
 * Multiplies in registers in each way that this CPU has, one after the other, off the JavaScript thread. Another load on the
 * machine makes the figures smaller.
 *
 * @returns the slowest instruction set of each precision first; empty for a CPU below AVX2
 * @throws (by rejection) RangeError naming an option; OpenVinoLlmError `ERR_OUT_OF_THREADS` where the system gives no more
 * threads, `ERR_NATIVE` where a kernel's sums are wrong
 */
export async function measureMultiplyRates(options: MultiplyRateOptions = {}): Promise<MultiplyRate[]> {
  const { threads = availableParallelism(), milliseconds = 100 } = options;
  checkWhole("options.threads", threads, 1, 1024);
  checkWhole("options.milliseconds", milliseconds, 5, 10_000);
  const context = "The rates of multiplication could not be measured";
  const found = await openBinding()
    .core.measureMultiplyRates({ threads, milliseconds })
    .catch((error: unknown) => {
      throw nativeFailure("ERR_NATIVE", context, error);
    });
  return found.map(({ precision, instructions, multiplyAddsPerSecond, sum, expectedSum }) => {
    if (sum !== expectedSum) {
      throw new OpenVinoLlmError(
        "ERR_NATIVE",
        `${context}: expected ${instructions} to sum up ${expectedSum} in ${precision} but it gave ${sum}. ` +
          "Look for a fault of this processor or of the emulator that it is.",
      );
    }
    return { precision, instructions: instructions as OneDnnIsa, multiplyAddsPerSecond };
  });
}
