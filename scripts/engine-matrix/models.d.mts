import type { Geometry } from "./llama.mjs";

export interface ModelSpec {
  base: string | Geometry;
  format: string;
  variants?: string[];
}

export function modelName(spec: ModelSpec): string;
export function makeModels(root: string, specs: readonly ModelSpec[]): Promise<void>;
