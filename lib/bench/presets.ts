import type { BenchOptions } from "./options.js";

/** The workload of the published article; these are the defaults too. */
const INTEL_128 = {
  levels: [1, 2, 4, 8, 16, 32],
  inputLength: 128,
  outputLength: 128,
  rangeRatio: 0,
  requestRate: Infinity,
  repeats: 3,
  dataset: "random",
} as const satisfies BenchOptions;

/** Ends within two minutes on a small model; too short to be quoted. */
const QUICK = {
  ...INTEL_128,
  levels: [1, 4, 8],
  inputLength: 32,
  outputLength: 32,
  promptsPerConcurrency: 2,
  repeats: 1,
} as const satisfies BenchOptions;

/** Options by the name of a preset; what is given beside a preset wins over it. */
export const PRESETS = { "intel-128": INTEL_128, quick: QUICK } as const;

/** The name of a preset. */
export type PresetName = keyof typeof PRESETS;
