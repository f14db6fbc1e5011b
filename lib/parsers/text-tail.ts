import { MarkSet } from "./mark-set.js";
import type { InvalidCallReason } from "./output-part.js";
import type { PartSink } from "./part-sink.js";
import { takeMark, type Reading } from "./reading.js";
import type { Source } from "./source.js";

/** As long as marks are. */
const LENGTH = 64;

/** Passes everything on, and remembers how the text ends. */
export class TextTail implements PartSink {
  readonly #sink: PartSink;
  readonly #marks: readonly string[];
  readonly #set: MarkSet;
  #tail = "";

  /** @param marks what must not come together in the text */
  constructor(sink: PartSink, marks: readonly string[]) {
    this.#sink = sink;
    this.#marks = marks;
    this.#set = new MarkSet(marks);
  }

  /** What is missing of marks where the text ends in the beginning of some. */
  get missing(): string[] {
    if (this.#set.openEnd(this.#tail) === 0) return [];
    return this.#marks.flatMap((mark) =>
      Array.from({ length: mark.length - 1 }, (_, index) => index + 1)
        .filter((length) => this.#tail.endsWith(mark.slice(0, length)))
        .map((length) => mark.slice(length)),
    );
  }

  text(source: string): void {
    if (source !== "") this.#tail = (this.#tail + source.slice(-LENGTH)).slice(-LENGTH);
    this.#sink.text(source);
  }
  reasoning(source: string): void {
    this.#sink.reasoning(source);
  }
  mark(source: string): void {
    this.#sink.mark(source);
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

/** Leaves out what would make a mark of the end of the text, where something between them was left out. */
export function* dropJoined(source: Source, said: TextTail): Reading<void> {
  const { missing } = said;
  if (missing.length === 0) return;
  const ends = new MarkSet(missing);
  while ((yield* takeMark(source, ends)) !== null) said.mark(source.settle());
}
