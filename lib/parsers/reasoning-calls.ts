/** Calls in reasoning that was never closed: a model may go over to them without a word. */
import type { PartSink } from "./part-sink.js";

/** What was made of a piece of the reasoning: syntax, a call, or neither. */
interface Piece {
  readonly kind: "delimiter" | "call" | "reasoning";
  readonly source: string;
  /** Of a call. */
  readonly name: string;
  readonly argumentsText: string;
}

/**
 * Takes what a parser of calls makes of reasoning, and passes it on at its end: as calls what is one with all of its
 * delimiters, and all else as the reasoning that it was.
 */
export class ReasoningCalls implements PartSink {
  readonly #sink: PartSink;
  readonly #close: readonly string[];
  readonly #pieces: Piece[] = [];
  #name = "";

  /** @param close the delimiters that close a call; where there are none, a call is whole with its arguments */
  constructor(sink: PartSink, close: readonly string[]) {
    this.#sink = sink;
    this.#close = close;
  }

  text(source: string): void {
    this.#add("reasoning", source);
  }
  reasoning(source: string): void {
    this.#add("reasoning", source);
  }
  delimiter(source: string): void {
    this.#add("delimiter", source);
  }
  newMessage(): void {}

  callBegin(name: string): void {
    this.#name = name;
  }
  callDelta(): void {}
  call(argumentsText: string, source: string): void {
    this.#pieces.push({ kind: "call", source, name: this.#name, argumentsText });
  }
  invalidCall(source: string): void {
    this.#add("reasoning", source);
  }

  /** All was taken. */
  finish(): void {
    const isWhole = this.#whole();
    this.#pieces.forEach(({ kind, source, name, argumentsText }, index) => {
      if (kind === "delimiter") {
        this.#sink.delimiter(source);
      } else if (kind === "call" && isWhole[index] === true) {
        this.#sink.callBegin(name);
        this.#sink.callDelta(argumentsText);
        this.#sink.call(argumentsText, source);
      } else {
        this.#sink.reasoning(source);
      }
    });
  }

  /** Of each piece whether a delimiter closes it before anything else is said. */
  #whole(): boolean[] {
    const isWhole: boolean[] = [];
    let isClosed = false;
    for (const { kind, source } of this.#pieces.toReversed()) {
      const hasEnd = this.#close.length === 0 || this.#close.some((delimiter) => source.includes(delimiter));
      isClosed = kind !== "reasoning" && (isClosed || hasEnd);
      isWhole.push(isClosed);
    }
    return isWhole.toReversed();
  }

  #add(kind: "delimiter" | "reasoning", source: string): void {
    if (source !== "") this.#pieces.push({ kind, source, name: "", argumentsText: "" });
  }
}
