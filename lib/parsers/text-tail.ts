import { DelimiterSet } from "./delimiter-set.js";
import type { InvalidCallReason } from "./output-part.js";
import type { PartSink } from "./part-sink.js";
import { takeDelimiter, type Reading } from "./reading.js";
import type { Source } from "./source.js";

/** As long as delimiters are. */
const LENGTH = 64;

/** Passes everything on, and remembers how the text ends. */
export class TextTail implements PartSink {
  readonly #sink: PartSink;
  readonly #delimiters: readonly string[];
  readonly #set: DelimiterSet;
  #tail = "";

  /** @param delimiters what must not come together in the text */
  constructor(sink: PartSink, delimiters: readonly string[]) {
    this.#sink = sink;
    this.#delimiters = delimiters;
    this.#set = new DelimiterSet(delimiters);
  }

  /** What is missing of delimiters where the text ends in the beginning of some. */
  get missing(): string[] {
    if (this.#set.openEnd(this.#tail) === 0) return [];
    return this.#delimiters.flatMap((delimiter) =>
      Array.from({ length: delimiter.length - 1 }, (_, index) => index + 1)
        .filter((length) => this.#tail.endsWith(delimiter.slice(0, length)))
        .map((length) => delimiter.slice(length)),
    );
  }

  text(source: string): void {
    if (source !== "") this.#tail = (this.#tail + source.slice(-LENGTH)).slice(-LENGTH);
    this.#sink.text(source);
  }
  reasoning(source: string): void {
    this.#sink.reasoning(source);
  }
  delimiter(source: string): void {
    this.#sink.delimiter(source);
  }
  newMessage(): void {
    this.#sink.newMessage();
  }
  callBegin(name: string): void {
    this.#sink.callBegin(name);
  }
  callDelta(argumentsText: string): void {
    this.#sink.callDelta(argumentsText);
  }
  call(argumentsText: string, source: string): void {
    this.#sink.call(argumentsText, source);
  }
  invalidCall(source: string, reason: InvalidCallReason): void {
    this.#sink.invalidCall(source, reason);
  }
}

/** Leaves out what would make a delimiter of the end of the text, where something between them was left out. */
export function* dropJoined(source: Source, said: TextTail): Reading<void> {
  const { missing } = said;
  if (missing.length === 0) return;
  const ends = new DelimiterSet(missing);
  while ((yield* takeDelimiter(source, ends)) !== null) said.delimiter(source.settle());
}
