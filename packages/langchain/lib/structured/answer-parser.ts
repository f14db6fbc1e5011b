/** Parses a message to the requested object. */
import {
  AIMessage,
  isBaseMessageChunk,
  type AIMessageChunk,
  type BaseMessage,
} from "@langchain/core/messages";
import {
  BaseTransformOutputParser,
  OutputParserException,
  parsePartialJson,
} from "@langchain/core/output_parsers";
import type { ChatGeneration, Generation } from "@langchain/core/outputs";
import { concat } from "@langchain/core/utils/stream";

import type { AnswerObject, CheckedSchema } from "./schemas.js";

/**
 * Reads the answer's text, or the arguments of one tool, as JSON, by its schema. What cannot be read is LangChain's
 * OutputParserException. A stream of a JSON Schema's objects begins with what there is of it.
 *
 * LangChain's own parsers look for code fences, which a string of the answer may hold.
 */
export class AnswerParser<Output extends AnswerObject> extends BaseTransformOutputParser<Output> {
  static override lc_name(): string {
    return "OpenVINOAnswerParser";
  }

  override lc_namespace = ["langchain", "output_parsers", "openvino"];
  readonly #schema: CheckedSchema;
  readonly #tool: string | undefined;

  /** @param tool - the one whose arguments are the object; undefined for the text */
  constructor(schema: CheckedSchema, tool: string | undefined) {
    super();
    this.#schema = schema;
    this.#tool = tool;
  }

  override getFormatInstructions(): string {
    return "";
  }

  override async parse(text: string): Promise<Output> {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw unreadable(text, error);
    }
    return this.#checked(value, text);
  }

  override async parseResult(generations: Generation[] | ChatGeneration[]): Promise<Output> {
    const [generation] = generations;
    const message = generation !== undefined && "message" in generation ? generation.message : undefined;
    const text = message?.text ?? generation?.text ?? "";
    if (message === undefined || !AIMessage.isInstance(message)) return this.parse(text);
    const { schema_mismatch: mismatch } = message.response_metadata;
    if (typeof mismatch === "string") throw new OutputParserException(mismatch, text);
    if (this.#tool === undefined) return this.parse(text);
    const call = message.tool_calls?.find(({ name }) => name === this.#tool);
    if (call !== undefined) return this.#checked(call.args, JSON.stringify(call.args));
    const [wrong] = message.invalid_tool_calls ?? [];
    throw unreadable(wrong?.args ?? text, wrong?.error ?? `there is no call of ${this.#tool}`);
  }

  override async *_transform(input: AsyncGenerator<string | BaseMessage>): AsyncGenerator<Output> {
    let whole: string | BaseMessage | undefined;
    let emitted: string | undefined;
    for await (const piece of input) {
      whole = whole === undefined || !isJoinable(piece) ? piece : concat(whole, piece);
      // A library's schema may refuse half an object.
      const partial = this.#schema.parse === undefined ? this.#partial(whole) : undefined;
      if (partial === undefined || JSON.stringify(partial) === emitted) continue;
      emitted = JSON.stringify(partial);
      yield partial;
    }
    if (whole === undefined) return;
    const output =
      typeof whole === "string"
        ? await this.parse(whole)
        : await this.parseResult([{ text: whole.text, message: whole }]);
    if (JSON.stringify(output) !== emitted) yield output;
  }

  #partial(whole: string | BaseMessage): Output | undefined {
    const text = typeof whole === "string" ? whole : this.#partOf(whole as AIMessageChunk);
    const value = text.trim() === "" ? undefined : (parsePartialJson(text) as unknown);
    return typeof value === "object" && value !== null && Object.keys(value).length > 0
      ? (value as Output)
      : undefined;
  }

  /** What there is of the text, or of the arguments. */
  #partOf(message: AIMessageChunk): string {
    if (this.#tool === undefined) return message.text;
    const call = message.tool_calls?.find(({ name }) => name === this.#tool);
    return call === undefined ? "" : JSON.stringify(call.args);
  }

  async #checked(value: unknown, text: string): Promise<Output> {
    try {
      return (this.#schema.parse === undefined ? value : await this.#schema.parse(value)) as Output;
    } catch (error) {
      throw unreadable(text, error);
    }
  }
}

function isJoinable(piece: string | BaseMessage): boolean {
  return typeof piece === "string" || isBaseMessageChunk(piece);
}

function unreadable(text: string, why: unknown): OutputParserException {
  const reason = why instanceof Error ? why.message : String(why);
  return new OutputParserException(`Expected an answer by the schema: ${reason}. It said: ${text}`, text);
}
