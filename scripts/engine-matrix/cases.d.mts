import type { Geometry } from "./llama.mjs";
import type { MatrixCase } from "./matrix.mjs";

export interface ModelSpec {
  base: string | Geometry;
  format: string;
  variants?: readonly string[];
}

/** Further keys are properties of OpenVINO. */
export interface Setting {
  hint?: string;
  kv?: string;
  threads?: string;
  group?: string;
  isa?: string;
  cpus?: string;
  prompt?: number;
  NUM_STREAMS?: string;
}

export const WHOLE_ROW: string;
export function allCases(): MatrixCase[];
export function cross(
  section: string,
  models: readonly ModelSpec[],
  settings: readonly Setting[],
  ways: ReadonlyArray<"paged" | "stateful" | "llm" | "llm-sdpa" | "batching">,
): MatrixCase[];
