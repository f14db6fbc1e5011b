import type { InvalidCallReason, JsonObject, OutputPart } from "./output-part.js";

/**
 * Takes what a text consists of, in its order. Whatever is taken from the text is handed over once as `source`, so that
 * the sources joined are the text.
 */
export interface PartSink {
  /** A piece of the answer. */
  text(source: string): void;
  /** A piece of the reasoning. */
  reasoning(source: string): void;
  /** Syntax that says nothing by itself: delimiters, headers, separators. */
  delimiter(source: string): void;
  /** Another message to the reader begins: what it says starts on a line of its own. */
  newMessage(): void;
  /** A call began. One call ends before the next begins. */
  callBegin(name: string): void;
  callDelta(argumentsText: string): void;
  /** The call that began is whole. */
  call(argumentsText: string, source: string): void;
  /** The call that began is none; where none began, a call of which nothing is known. */
  invalidCall(source: string, reason: InvalidCallReason): void;
}

/** Makes parts, as few as possible: neighbours of one kind become one. */
export class PartCollector implements PartSink {
  #parts: OutputPart[] = [];
  /** The last part, while it may grow. */
  #open: { type: "text" | "reasoning" | "tool-call-delta"; text: string } | null = null;
  #index = -1;
  /** Of the call that began and has not ended. */
  #name: string | null = null;
  readonly #isNewMessage = { text: false, reasoning: false };
  readonly #isOnNewLine = { text: true, reasoning: true };

  /** What came since the last time. */
  take(): OutputPart[] {
    this.#close();
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }

  text(source: string): void {
    this.#say("text", source);
  }

  reasoning(source: string): void {
    this.#say("reasoning", source);
  }

  delimiter(): void {}

  newMessage(): void {
    this.#isNewMessage.text = true;
    this.#isNewMessage.reasoning = true;
  }

  callBegin(name: string): void {
    this.#name = name;
    this.#add({ type: "tool-call-begin", index: ++this.#index, name });
  }

  callDelta(argumentsText: string): void {
    this.#grow("tool-call-delta", argumentsText);
  }

  call(argumentsText: string): void {
    const parsed = JSON.parse(argumentsText) as JsonObject;
    const name = this.#name ?? "";
    this.#name = null;
    this.#add({ type: "tool-call", index: this.#index, name, argumentsText, arguments: parsed });
  }

  invalidCall(source: string, reason: InvalidCallReason): void {
    if (this.#name === null) this.#index++;
    const name = this.#name ?? "";
    this.#name = null;
    this.#add({ type: "tool-call-invalid", index: this.#index, name, reason, text: source });
  }

  #say(type: "text" | "reasoning", source: string): void {
    if (source === "") return;
    if (this.#isNewMessage[type] && !this.#isOnNewLine[type]) this.#grow(type, "\n");
    this.#isNewMessage[type] = false;
    this.#isOnNewLine[type] = source.endsWith("\n");
    this.#grow(type, source);
  }

  #grow(type: "text" | "reasoning" | "tool-call-delta", text: string): void {
    if (this.#open?.type === type) this.#open.text += text;
    else {
      this.#close();
      this.#open = { type, text };
    }
  }

  #add(part: OutputPart): void {
    this.#close();
    this.#parts.push(part);
  }

  #close(): void {
    if (this.#open === null || this.#open.text === "") return;
    const { type, text } = this.#open;
    this.#open = null;
    this.#parts.push(
      type === "tool-call-delta" ? { type, index: this.#index, argumentsText: text } : { type, text },
    );
  }
}
