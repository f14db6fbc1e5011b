import type { CallStops } from "./lenient-json.js";
import { DelimiterSet } from "./delimiter-set.js";
import type { InvalidCallReason } from "./output-part.js";
import type { PartSink } from "./part-sink.js";
import type { Source } from "./source.js";
import { typesOfParameter, type ValueTypes } from "./value-types.js";

/** A tool that the model may call. */
export interface KnownTool {
  /** What the model calls it by. */
  readonly name: string;
  /** JSON Schema of its arguments. Read where a format writes values without their types ("qwen3-coder", "glm4", "minicpm5"). */
  readonly parameters?: object | undefined;
}

/** The delimiters around calls. */
export interface CallDelimiters {
  readonly open: readonly string[];
  readonly close: readonly string[];
  readonly ignored: readonly string[];
}

/** The tool call that is being read: what of it is passed on, and when. */
export class CallDraft {
  /** Where what is inside a call ends. */
  readonly stops: CallStops;
  readonly #source: Source;
  readonly #sink: PartSink;
  readonly #tools: ReadonlyMap<string, KnownTool> | null;
  #hasBegun = false;
  #made = 0;
  /** The arguments' JSON text so far. */
  #arguments = "";

  constructor(
    source: Source,
    sink: PartSink,
    tools: ReadonlyMap<string, KnownTool> | null,
    { open, close, ignored }: CallDelimiters,
  ) {
    this.#source = source;
    this.#sink = sink;
    this.#tools = tools;
    const ends = new DelimiterSet([...open, ...close, ...ignored]);
    this.stops = { closing: new DelimiterSet(close), ends, isPassed: false };
  }

  /** Whether it is known by now that this is a call. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** How many calls were whole so far. */
  get made(): number {
    return this.#made;
  }

  /** Whether a tool may have that name; any may where no tools are known. */
  isKnown(name: string): boolean {
    return this.#tools === null || this.#tools.has(this.nameOf(name));
  }

  /** Whether it is the name of one of the tools, which are known. */
  isTool(name: string): boolean {
    return this.#tools !== null && this.isKnown(name);
  }

  /** The longest name of a tool that a text begins with; "" where it begins with none. */
  toolAtBeginningOf(text: string): string {
    const names = [...(this.#tools?.keys() ?? [])].filter((name) => text.startsWith(name));
    return names.reduce((longest, name) => (name.length > longest.length ? name : longest), "");
  }

  /** What the model means by a name: models write a namespace before it ("functions.f"). */
  nameOf(written: string): string {
    const name = written.trim();
    if (this.#tools === null || this.#tools.has(name)) return name;
    const last = name.slice(Math.max(...[".", ":", "/"].map((delimiter) => name.lastIndexOf(delimiter))) + 1);
    return this.#tools.has(last) ? last : name;
  }

  /** What types a parameter's values have; null where nothing is known. */
  typesOf(name: string, parameter: string): ValueTypes | null {
    return typesOfParameter(this.#tools?.get(this.nameOf(name))?.parameters, parameter);
  }

  /** Whether a tool takes a parameter of that name, as far as it is known which it takes. */
  mayHave(name: string, parameter: string): boolean {
    const schema = this.#tools?.get(this.nameOf(name))?.parameters;
    return schema === undefined ? /^[\w.-]+$/.test(parameter) : typesOfParameter(schema, parameter) !== null;
  }

  /** It is a call of this name. What was read of the arguments before is passed on with it. */
  begin(name: string): void {
    this.#hasBegun = true;
    this.#sink.callBegin(this.nameOf(name));
    this.#sink.callDelta(this.#arguments);
  }

  /** The arguments' JSON text goes on. */
  readonly add = (argumentsText: string): void => {
    this.#arguments += argumentsText;
    if (this.#hasBegun) this.#sink.callDelta(argumentsText);
  };

  /** All that was taken since the last settlement is a call, which has begun and is whole now. */
  complete(): void {
    this.#sink.call(this.#arguments, this.#source.settle());
    this.#made++;
    this.#reset();
  }

  /** What was taken since the last settlement belongs to the calls before. */
  settleEnd(): void {
    this.#sink.delimiter(this.#source.settle());
  }

  /** What was taken since the last settlement is a call, and none that can be made. */
  fail(reason: InvalidCallReason): void {
    this.#sink.invalidCall(this.#source.settle(), reason);
    this.#reset();
  }

  /**
   * What was taken since the last settlement is no call. What of its end may begin a delimiter is put back, to be read as
   * that.
   */
  giveUp(delimiters: DelimiterSet): void {
    this.#source.putBack(delimiters.openEnd(this.#source.recordEnd()));
    this.#sink.text(this.#source.settle());
    this.#reset();
  }

  /** The same for what may be long: all of it is read again. */
  restart(): void {
    this.#source.restart();
    this.#reset();
  }

  #reset(): void {
    this.#hasBegun = false;
    this.#arguments = "";
    this.stops.isPassed = false;
  }
}
