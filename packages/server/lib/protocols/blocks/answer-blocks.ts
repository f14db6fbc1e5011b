/** An answer as a row of blocks, of text, of reasoning, or a call each: what typed events are made of. */
import type { GenerationResult, TokenChunk } from "openvino-llm";

/** One block, as far as it has come. */
export interface AnswerBlock {
  /** Its place in the answer, from 0. */
  readonly index: number;
  readonly kind: "text" | "reasoning" | "call";
  /** Of a call: its id and the tool's name; "" for others. */
  readonly id: string;
  readonly name: string;
  /** All of it; of a call its arguments as JSON. */
  text: string;
}

/** Receives the blocks as they come, one open at a time. */
export interface BlockListener {
  opened(block: AnswerBlock): void;
  added(block: AnswerBlock, text: string): void;
  closed(block: AnswerBlock): void;
}

/** Makes blocks of what comes token by token. */
export class AnswerBlocks {
  readonly #listener: BlockListener;
  #open: AnswerBlock | null = null;
  #count = 0;

  constructor(listener: BlockListener) {
    this.#listener = listener;
  }

  chunk({ text, parts }: TokenChunk): void {
    if (parts === undefined) return this.#add("text", text);
    for (const part of parts) {
      if (part.type === "text" || part.type === "reasoning") this.#add(part.type, part.text);
      else if (part.type === "tool-call-begin") this.#begin("call", part.id, part.name);
      else if (part.type === "tool-call-delta") this.#append(part.argumentsText);
      // What cannot be read as a call, and was not begun as one, is not lost.
      else if (part.type === "tool-call-invalid" && this.#open?.id !== part.id) this.#add("text", part.text);
    }
  }

  /** There is no more. */
  end(): void {
    if (this.#open !== null) this.#listener.closed(this.#open);
    this.#open = null;
  }

  #add(kind: "text" | "reasoning", text: string): void {
    if (text === "") return;
    if (this.#open?.kind !== kind) this.#begin(kind, "", "");
    this.#append(text);
  }

  #begin(kind: AnswerBlock["kind"], id: string, name: string): void {
    this.end();
    this.#open = { index: this.#count++, kind, id, name, text: "" };
    this.#listener.opened(this.#open);
  }

  #append(text: string): void {
    if (this.#open === null) return;
    this.#open.text += text;
    this.#listener.added(this.#open, text);
  }
}

/** A call that the client can execute, or judge by its own schema. */
export interface ReportedCall {
  readonly id: string;
  readonly index: number;
  readonly name: string;
  readonly argumentsText: string;
}

/** Every call that is whole, in order: whether its arguments fit is for the client to say, who knows the tools. */
export function callsOf({ toolCalls = [], invalidToolCalls = [] }: GenerationResult): ReportedCall[] {
  const whole = invalidToolCalls.flatMap(({ argumentsText, ...call }) =>
    argumentsText === null ? [] : [{ ...call, argumentsText }],
  );
  return [...toolCalls, ...whole].toSorted((a, b) => a.index - b.index);
}

/** The blocks of a whole answer. */
export function blocksOf(result: GenerationResult): AnswerBlock[] {
  const texts = [
    { kind: "reasoning", text: result.reasoning ?? "" },
    { kind: "text", text: result.text },
  ] as const;
  return [
    ...texts.filter(({ text }) => text !== "").map((block) => ({ ...block, id: "", name: "" })),
    ...callsOf(result).map(({ id, name, argumentsText }) => ({
      kind: "call" as const,
      id,
      name,
      text: argumentsText,
    })),
  ].map((block, index) => ({ ...block, index }));
}
