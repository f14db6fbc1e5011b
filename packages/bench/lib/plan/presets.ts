import type { BenchOptions, PresetName } from "./bench-options.js";

/** The workload of the published article; these are the defaults too. */
const INTEL_128 = {
  /** Requests in flight at each level. */
  levels: [1, 2, 4, 8, 16, 32],
  /** Tokens of a prompt. */
  inputLength: 128,
  /** Tokens to generate. */
  outputLength: 128,
  /** 0: every request has the same lengths. */
  rangeRatio: 0,
  /** Infinity: a closed loop, all requests arrive at once. */
  requestRate: Infinity,
  /** How often each level is measured. */
  repeats: 3,
  /** Prompts of random tokens. */
  dataset: "random",
} as const satisfies BenchOptions;

/** Ends within two minutes on a small model; too short to be quoted. */
const QUICK = {
  ...INTEL_128,
  /** Requests in flight at each level. */
  levels: [1, 4, 8],
  /** Tokens of a prompt. */
  inputLength: 32,
  /** Tokens to generate. */
  outputLength: 32,
  /** Prompts for each request in flight. */
  promptsPerConcurrency: 2,
  /** How often each level is measured. */
  repeats: 1,
} as const satisfies BenchOptions;

/** Options by the name of a preset; what is given beside a preset wins over it. */
export const PRESETS = {
  /** The workload of the published article. */
  "intel-128": INTEL_128,
  /** Ends within two minutes on a small model; too short to be quoted. */
  quick: QUICK,
} as const satisfies Record<PresetName, BenchOptions>;
