/** Splits one answer, as it comes, into text, reasoning and tool calls. */
import { randomBytes } from "node:crypto";
import type { AnswerReading } from "./answer-plan.js";
import { reasoningAtEnd } from "../parsers/detect.js";
import { createOutputParser, type OutputParser } from "../parsers/output-parser.js";
import type {
  InvalidToolCallPart,
  OutputPart,
  ReasoningPart,
  TextPart,
  ToolCallBeginPart,
  ToolCallDeltaPart,
  ToolCallPart,
} from "../parsers/output-part.js";
import { SchemaMismatch } from "../structured/read-object.js";
import type { InvalidToolCall, ToolCall } from "../tools/tool.js";

/** What a call's parts have in common. */
export interface WithCallId {
  /** The call's id, the same in all its parts and in the result. */
  readonly id: string;
}

/** A piece of an answer. A whole call comes as the model wrote it; whether it fits the tool's schema says the result. */
export type AnswerPart =
  | TextPart
  | ReasoningPart
  | (ToolCallBeginPart & WithCallId)
  | (ToolCallDeltaPart & WithCallId)
  | (ToolCallPart & WithCallId)
  | (InvalidToolCallPart & WithCallId);

/** What one piece of text brought. */
export interface ReadPiece {
  /** Of the answer alone. */
  readonly text: string;
  readonly parts: readonly AnswerPart[];
}

/** What an answer consists of, its calls judged. */
export interface ReadCalls {
  readonly toolCalls: readonly ToolCall[];
  readonly invalidToolCalls: readonly InvalidToolCall[];
}

/** Splits one answer into its parts. */
export class AnswerReader {
  readonly #reading: AnswerReading;
  readonly #ids: string[] = [];
  readonly #calls: (ToolCallPart | InvalidToolCallPart)[] = [];
  #parser: OutputParser | undefined;
  #promptEnd: string | undefined;
  #reasoning = "";

  constructor(reading: AnswerReading) {
    this.#reading = reading;
  }

  /** The last of the prompt's text, before the first piece; absent for token ids. */
  begin(promptEnd: string | undefined): void {
    this.#promptEnd = promptEnd;
  }

  push(text: string): ReadPiece {
    return this.#take(this.#open().push(text));
  }

  /** The text is over, whole or not. Once more gives nothing. */
  finish(): ReadPiece {
    return this.#take(this.#open().finish());
  }

  /** The reasoning so far; undefined where nothing looks for it. */
  get reasoning(): string | undefined {
    return this.#reading.parser.reasoning === "none" ? undefined : this.#reasoning;
  }

  /** Whether tool calls are parsed out of the text. */
  get looksForCalls(): boolean {
    return this.#reading.parser.tools !== "none";
  }

  /** Holds every call against its tool. */
  async judge(): Promise<ReadCalls> {
    const toolCalls: ToolCall[] = [];
    const invalidToolCalls: InvalidToolCall[] = [];
    for (const part of this.#calls) {
      const { index, name } = part;
      const call = { id: this.#idOf(index), index, name };
      if (part.type === "tool-call-invalid") {
        invalidToolCalls.push({ ...call, argumentsText: null, error: whyNoCall(part) });
        continue;
      }
      const { argumentsText } = part;
      try {
        const args = await this.#argumentsOf(name, argumentsText);
        toolCalls.push({ ...call, arguments: args as ToolCall["arguments"], argumentsText });
      } catch (error) {
        invalidToolCalls.push({ ...call, argumentsText, error: whyInvalid(error) });
      }
    }
    return { toolCalls, invalidToolCalls };
  }

  /** The arguments as the schema gives them. */
  async #argumentsOf(name: string, argumentsText: string): Promise<unknown> {
    const { tools } = this.#reading;
    const tool = tools.find((known) => known.name === name);
    if (tool !== undefined) return tool.schema.read(argumentsText);
    throw new Error(
      `There is no tool ${JSON.stringify(name)}; there are: ${tools.map((known) => known.name).join(", ")}.`,
    );
  }

  #open(): OutputParser {
    if (this.#parser !== undefined) return this.#parser;
    const { parser } = this.#reading;
    const at = reasoningAtEnd(this.#promptEnd ?? "", parser.reasoning);
    this.#parser = createOutputParser(at === null ? parser : { ...parser, startsInReasoning: at === "open" });
    return this.#parser;
  }

  #take(found: readonly OutputPart[]): ReadPiece {
    let text = "";
    const parts = found.map((part): AnswerPart => {
      if (part.type === "text") text += part.text;
      else if (part.type === "reasoning") this.#reasoning += part.text;
      else {
        if (part.type === "tool-call" || part.type === "tool-call-invalid") this.#calls.push(part);
        return { ...part, id: this.#idOf(part.index) };
      }
      return part;
    });
    return { text, parts };
  }

  #idOf(index: number): string {
    return (this.#ids[index] ??= newCallId());
  }
}

/** Nine letters and digits, as Mistral's templates want them and others do not mind. */
function newCallId(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from(randomBytes(9), (byte) => letters[byte % letters.length]).join("");
}

function whyNoCall({ reason, text }: InvalidToolCallPart): string {
  return reason === "cut-off"
    ? `The call was cut off before it was whole: ${text}`
    : `The call is malformed: ${text}`;
}

function whyInvalid(error: unknown): string {
  if (error instanceof SchemaMismatch) return `The arguments do not fit: ${error.reason}.`;
  return error instanceof Error ? error.message : String(error);
}
