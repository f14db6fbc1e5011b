/**
 * What versions 3 and 4 of the AI SDK's provider specification have in common, as far as it is used here. Written out, and
 * not imported from `@ai-sdk/provider`: the types of ours then fit both, whichever is installed.
 */

/** Version of the AI SDK's provider specification: "v4" is of `ai` 7, "v3" of `ai` 6 (7 takes it too). */
export type SpecificationVersion = "v3" | "v4";

/** A value of JSON. */
export type Json = null | boolean | number | string | Json[] | JsonFields;

/** An object of JSON. */
export interface JsonFields {
  [key: string]: Json | undefined;
}

/** What was requested and is done otherwise, or not at all. */
export type Warning =
  | { type: "unsupported"; feature: string; details?: string }
  | { type: "compatibility"; feature: string; details?: string };

/** What every call has. */
export interface CommonCallOptions {
  readonly abortSignal?: AbortSignal | undefined;
  /** By the name of the provider that they are for. */
  readonly providerOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}
