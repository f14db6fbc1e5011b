import type { MarkSet } from "./mark-set.js";
import type { PartSink } from "./part-sink.js";
import type { Source } from "./source.js";

/** A tool that the model may call. */
export interface KnownTool {
  /** What the model calls it by. */
  readonly name: string;
  /** JSON Schema of its arguments. Read where a format writes values without their types ("qwen3-coder"). */
  readonly parameters?: object | undefined;
}

/** The tool call that is being read: what of it is passed on, and when. */
export class CallDraft {
  readonly #source: Source;
  readonly #sink: PartSink;
  readonly #tools: ReadonlyMap<string, KnownTool> | null;
  #hasBegun = false;
  /** The arguments' JSON text so far. */
  #arguments = "";

  constructor(source: Source, sink: PartSink, tools: ReadonlyMap<string, KnownTool> | null) {
    this.#source = source;
    this.#sink = sink;
    this.#tools = tools;
  }

  /** Whether a tool may have that name; any may where no tools are known. */
  isKnown(name: string): boolean {
    return this.#tools === null || this.#tools.has(name);
  }

  /** What the schema says of a parameter; undefined where nothing is known. */
  schemaOf(name: string, parameter: string): unknown {
    const schema = this.#tools?.get(name)?.parameters ?? {};
    const properties: unknown = "properties" in schema ? schema.properties : undefined;
    const isKnown =
      typeof properties === "object" && properties !== null && Object.hasOwn(properties, parameter);
    return isKnown ? Reflect.get(properties, parameter) : undefined;
  }

  /** It is a call of this name. What was read of the arguments before is passed on with it. */
  begin(name: string): void {
    this.#hasBegun = true;
    this.#sink.callBegin(name);
    this.#sink.callDelta(this.#arguments);
  }

  /** The arguments' JSON text goes on. */
  add(argumentsText: string): void {
    this.#arguments += argumentsText;
    if (this.#hasBegun) this.#sink.callDelta(argumentsText);
  }

  /** All that was taken since the last settlement is a call, which has begun and is whole now. */
  complete(): void {
    this.#sink.call(this.#arguments, this.#source.settle());
    this.#reset();
  }

  /** What was taken since the last settlement belongs to the calls before. */
  settleEnd(): void {
    this.#sink.mark(this.#source.settle());
  }

  /**
   * What was taken since the last settlement is no call. What of its end may begin a mark is put back, to be read as that:
   * never the mark itself that was taken for the beginning of a call.
   */
  giveUp(marks: MarkSet): void {
    this.#source.putBack(marks.openEnd(this.#source.recordEnd()));
    const taken = this.#source.settle();
    if (this.#hasBegun) this.#sink.invalidCall(taken);
    else this.#sink.text(taken);
    this.#reset();
  }

  #reset(): void {
    this.#hasBegun = false;
    this.#arguments = "";
  }
}
