/** From what the engine gives, token by token, to the parts of an answer. */
import type { AnswerPart as EnginePart, TokenChunk } from "openvino-llm";

import type { AnswerPart } from "../spec/language.js";

/** Makes the parts of one answer, one text, thought or call open at a time. */
export class AnswerParts {
  #open: { readonly kind: "text" | "reasoning" | "tool-input"; readonly id: string } | null = null;
  #count = 0;
  #hasCalls = false;
  #made: AnswerPart[] = [];

  /** Whether a call has come that can be executed, or answered with an error. */
  get hasCalls(): boolean {
    return this.#hasCalls;
  }

  /** Those that a chunk completes, maybe none. */
  take({ text, parts }: TokenChunk): AnswerPart[] {
    if (parts === undefined) this.#say("text", text);
    else for (const part of parts) this.#add(part);
    return this.#taken();
  }

  /** The last ones. */
  end(): AnswerPart[] {
    this.#close();
    return this.#taken();
  }

  #taken(): AnswerPart[] {
    const made = this.#made;
    this.#made = [];
    return made;
  }

  #add(part: EnginePart): void {
    switch (part.type) {
      case "text":
      case "reasoning":
        return this.#say(part.type, part.text);
      case "tool-call-begin":
        this.#close();
        this.#open = { kind: "tool-input", id: part.id };
        this.#made.push({ type: "tool-input-start", id: part.id, toolName: part.name });
        return;
      case "tool-call-delta":
        this.#made.push({ type: "tool-input-delta", id: part.id, delta: part.argumentsText });
        return;
      case "tool-call":
        this.#close();
        return this.#call(part.id, part.name, part.argumentsText);
      case "tool-call-invalid":
        // What was not begun as a call is not lost.
        if (this.#open?.id !== part.id) return this.#say("text", part.text);
        this.#close();
        // No JSON, so that nobody executes it: the AI SDK reports to the model what is wrong with it.
        if (part.reason === "malformed") this.#call(part.id, part.name, `Malformed: ${part.text}`);
        return;
    }
  }

  #call(id: string, name: string, input: string): void {
    this.#hasCalls = true;
    this.#made.push({ type: "tool-call", toolCallId: id, toolName: name, input });
  }

  #say(kind: "text" | "reasoning", delta: string): void {
    if (delta === "") return;
    if (this.#open?.kind !== kind) {
      this.#close();
      this.#open = { kind, id: String(this.#count++) };
      this.#made.push({ type: `${kind}-start`, id: this.#open.id });
    }
    this.#made.push({ type: `${kind}-delta`, id: this.#open.id, delta });
  }

  #close(): void {
    if (this.#open !== null) this.#made.push({ type: `${this.#open.kind}-end`, id: this.#open.id });
    this.#open = null;
  }
}
