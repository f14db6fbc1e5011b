/** A value of JSON (RFC 8259). */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** An object of JSON. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** A piece of the answer. */
export interface TextPart {
  /** Marks an answer's own text. */
  readonly type: "text";
  /** Never empty. */
  readonly text: string;
}

/** A piece of the model's reasoning. */
export interface ReasoningPart {
  /** Marks reasoning. */
  readonly type: "reasoning";
  /** Never empty. */
  readonly text: string;
}

/** A tool call began: its name is known. Ends in a {@link ToolCallPart} or an {@link InvalidToolCallPart}. */
export interface ToolCallBeginPart {
  /** Marks the beginning of a call. */
  readonly type: "tool-call-begin";
  /** Which call of the answer, from 0. */
  readonly index: number;
  /** The tool's name, as the model wrote it; without a namespace before it ("functions.f") where that names a tool. */
  readonly name: string;
}

/** A piece of the arguments of the call that began last. */
export interface ToolCallDeltaPart {
  /** Marks a piece of a call's arguments. */
  readonly type: "tool-call-delta";
  /** Which call. */
  readonly index: number;
  /**
   * The next piece of the arguments' JSON text, never empty. The pieces of a call joined are always the beginning of a
   * valid JSON object: what cannot become valid any more is not passed on.
   */
  readonly argumentsText: string;
}

/** A whole tool call. */
export interface ToolCallPart {
  /** Marks a whole, valid call. */
  readonly type: "tool-call";
  /** Which call. */
  readonly index: number;
  /** The tool's name, as it began. */
  readonly name: string;
  /** The pieces joined: JSON of an object. */
  readonly argumentsText: string;
  /** The same, parsed; of a key that stands twice the last. */
  readonly arguments: JsonObject;
}

/**
 * Why a call cannot be made: "cut-off", the text ended within it, as at `maxNewTokens`; "malformed", it is not what the
 * format asks for, and what it means is not clear.
 */
export type InvalidCallReason = "cut-off" | "malformed";

/** A tool call that turned out malformed, or was cut off. The first part of its call where its name was never known. */
export interface InvalidToolCallPart {
  /** Marks what is meant as a call and is none. */
  readonly type: "tool-call-invalid";
  /** Which call. */
  readonly index: number;
  /** The tool's name, as it began; "" where it is not known. */
  readonly name: string;
  /** What is wrong. */
  readonly reason: InvalidCallReason;
  /** What the model wrote of it, delimiters included: up to a delimiter that closes or opens a call, or the end. */
  readonly text: string;
}

/** A part of a model's text, in its order. */
export type OutputPart =
  TextPart | ReasoningPart | ToolCallBeginPart | ToolCallDeltaPart | ToolCallPart | InvalidToolCallPart;
