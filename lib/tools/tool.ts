/** Tools that a model may call, and what TypeScript can infer from them. */
import type { JsonObject } from "../parsers/output-part.js";
import type { InferSchema, JsonSchema, StandardSchema } from "../structured/response-format.js";

/**
 * A tool that a model may call.
 *
 * @typeParam Name - its name
 * @typeParam Schema - the schema of its arguments
 * @typeParam Output - what `execute` gives
 */
export interface Tool<
  Name extends string = string,
  Schema extends JsonSchema | StandardSchema | undefined = JsonSchema | StandardSchema | undefined,
  Output = unknown,
> {
  /** 1 to 64 letters, digits, `_`, `-` and `.`; unique in a call. */
  readonly name: Name;
  /** What it does and when to call it, for the model. Default none. */
  readonly description?: string | undefined;
  /** Its arguments: a JSON Schema of an object, or a schema of zod or another library by the Standard Schema interface. Default: no arguments. */
  readonly parameters?: Schema;
  /** Does what the tool is for. Called by `runTools()` and by a chat, never by `generate()` or `stream()`. Default: the caller does. */
  readonly execute?: ((args: InferArguments<Schema>, context: ToolContext) => Output) | undefined;
}

/** The second argument of `execute`. */
export interface ToolContext {
  /** The call's id. */
  readonly id: string;
  /** That of the generation; aborted with it. */
  readonly signal: AbortSignal | undefined;
}

/** Any {@link Tool}, for lists of them. */
export interface AnyTool {
  /** As in {@link Tool}. */
  readonly name: string;
  /** As in {@link Tool}. */
  readonly description?: string | undefined;
  /** As in {@link Tool}. */
  readonly parameters?: JsonSchema | StandardSchema | undefined;
  /** As in {@link Tool}. */
  readonly execute?: ((args: never, context: ToolContext) => unknown) | undefined;
}

/**
 * Which tools the model calls: "auto", as it likes; "none", none, and the prompt has none; "required", exactly one of
 * them; `{ name }`, exactly that one. The last two are enforced by a grammar: the answer is one call and nothing else.
 */
export type ToolChoice<Name extends string = string> =
  | "auto"
  | "none"
  | "required"
  | {
      /** One of the tools' names. */
      readonly name: Name;
    };

/** A tool call whose arguments fit the tool's schema. */
export interface ToolCall<Name extends string = string, Arguments = JsonObject> {
  /** Nine letters and digits, unique in this process. */
  readonly id: string;
  /** Which call of the answer, from 0; those that are no valid ones count as well. */
  readonly index: number;
  /** The tool's name. */
  readonly name: Name;
  /** As the schema's library gives them. */
  readonly arguments: Arguments;
  /** As the model wrote them: JSON of an object. */
  readonly argumentsText: string;
}

/** A tool call that is malformed, cut off, of an unknown tool, or does not fit its schema. */
export interface InvalidToolCall {
  /** As in {@link ToolCall}. */
  readonly id: string;
  /** As in {@link ToolCall}. */
  readonly index: number;
  /** The tool's name as the model wrote it; there may be no such tool. "" where it is not known. */
  readonly name: string;
  /** Its arguments as the model wrote them; null where they were cut off or are no JSON. */
  readonly argumentsText: string | null;
  /**
   * What is wrong with it, in words that a model understands too: whether it was cut off or is malformed, with its raw
   * text.
   */
  readonly error: string;
}

/** The arguments that a schema describes; those of a tool without one are any. */
export type InferArguments<Schema> = [Exclude<Schema, undefined>] extends [never]
  ? JsonObject
  : unknown extends InferSchema<Exclude<Schema, undefined>>
    ? JsonObject
    : InferSchema<Exclude<Schema, undefined>>;

/** The names of tools. */
export type ToolNameOf<Tools> = Tools extends readonly AnyTool[] ? Tools[number]["name"] : string;

/** The calls that may come where these tools are given: a union by `name`. */
export type ToolCallOf<Tools> = Tools extends readonly AnyTool[] ? CallOfTool<Tools[number]> : ToolCall;

/** The call of one tool. */
export type CallOfTool<One> =
  One extends Readonly<Record<"name", infer Name extends string>>
    ? ToolCall<
        Name,
        One extends Readonly<Partial<Record<"parameters", infer Schema>>>
          ? InferArguments<Schema>
          : JsonObject
      >
    : never;

/**
 * Gives a tool the types that its schema implies: `execute` knows its arguments, and results the calls. It returns the tool
 * as it is; what is wrong with it shows when it is used.
 */
export function defineTool<
  const Name extends string,
  const Schema extends JsonSchema | StandardSchema | undefined = undefined,
  Output = unknown,
>(tool: Tool<Name, Schema, Output>): Tool<Name, Schema, Output> {
  return tool;
}
