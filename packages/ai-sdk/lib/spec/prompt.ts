/** The prompt as the AI SDK hands it over: the parts of versions 3 and 4. */

/** Something said. */
export interface TextPart {
  readonly type: "text";
  readonly text: string;
}

/** What was thought. */
export interface ReasoningPart {
  readonly type: "reasoning";
  readonly text: string;
}

/** A file; its data is of another shape in each version. */
export interface FilePart {
  readonly type: "file";
  readonly data: unknown;
  readonly mediaType: string;
}

/** What only other providers write and read. */
export interface OtherPart {
  readonly type: "reasoning-file" | "custom" | "tool-approval-response";
}

/** A call of a tool. */
export interface ToolCallPart {
  readonly type: "tool-call";
  readonly toolCallId: string;
  readonly toolName: string;
  /** The arguments. */
  readonly input: unknown;
}

/** What a tool gave. */
export interface ToolResultPart {
  readonly type: "tool-result";
  readonly toolCallId: string;
  readonly toolName: string;
  readonly output: ToolOutput;
}

/** A part of what a tool gave; files have many types in version 3. */
export interface ToolContentPart {
  readonly type: string;
  readonly text?: string;
  readonly data?: unknown;
  readonly mediaType?: string;
}

/** What a tool gave. */
export type ToolOutput =
  | { readonly type: "text" | "error-text"; readonly value: string }
  | { readonly type: "json" | "error-json"; readonly value: unknown }
  | { readonly type: "execution-denied"; readonly reason?: string }
  | { readonly type: "content"; readonly value: readonly ToolContentPart[] };

/** A part of what an assistant said. */
export type AssistantPart = TextPart | ReasoningPart | FilePart | OtherPart | ToolCallPart | ToolResultPart;

/** One message. */
export type PromptMessage =
  | { readonly role: "system"; readonly content: string }
  | { readonly role: "user"; readonly content: readonly (TextPart | FilePart)[] }
  | { readonly role: "assistant"; readonly content: readonly AssistantPart[] }
  | { readonly role: "tool"; readonly content: readonly (ToolResultPart | OtherPart)[] };
