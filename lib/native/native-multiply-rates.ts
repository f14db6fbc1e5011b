/** The addon's `measureMultiplyRates`: what goes in and what comes out. */

export interface NativeMultiplyRateOptions {
  threads: number;
  /** Of each kernel. */
  milliseconds: number;
}

export interface NativeMultiplyRate {
  precision: "f32" | "bf16" | "int8";
  /** oneDNN's name of the instruction set. */
  instructions: string;
  /** Of all threads together, in the fastest pass. */
  multiplyAddsPerSecond: number;
  /** Of the products of one call: what the kernel made, and what plain C++ makes. */
  sum: number;
  expectedSum: number;
}
