import type { z } from "zod";

/** A schema with answers that must be possible. */
export interface EverydaySchema {
  readonly schema: z.ZodType;
  readonly values: readonly unknown[];
}

export const EVERYDAY: Readonly<Record<string, EverydaySchema>>;

/** The JSON Schema of one of them. */
export function jsonSchemaOf(name: string): Record<string, unknown>;
