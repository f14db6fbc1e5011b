/** Errors are an interface: each says what was expected, what came, and what to do. */

/** Every `code` that an {@link OpenVinoLlmError} can carry. */
export type ErrorCode =
  | "ERR_PLATFORM"
  | "ERR_RUNTIME_NOT_FOUND"
  | "ERR_RUNTIME_VERSION"
  | "ERR_ADDON_NOT_FOUND"
  | "ERR_PACKAGE_NOT_FOUND"
  | "ERR_MODEL_NOT_FOUND"
  | "ERR_MODEL_LOAD"
  | "ERR_DEVICE"
  | "ERR_PROFILE"
  | "ERR_ENGINE_FAULT"
  | "ERR_NO_CHAT_TEMPLATE"
  | "ERR_CHAT_TEMPLATE"
  | "ERR_PROMPT_TOO_LONG"
  | "ERR_INVALID_SCHEMA"
  | "ERR_SCHEMA_MISMATCH"
  | "ERR_QUEUE_FULL"
  | "ERR_KV_CACHE_FULL"
  | "ERR_STREAM_CONSUMED"
  | "ERR_ABORTED"
  | "ERR_CLOSED"
  | "ERR_ENGINE_BROKEN"
  | "ERR_NATIVE"
  | "ERR_DISK_FULL"
  | "ERR_NOT_WRITABLE"
  | "ERR_FILE_SYSTEM"
  | "ERR_OUT_OF_MEMORY"
  | "ERR_OUT_OF_THREADS"
  | "ERR_DOWNLOAD"
  | "ERR_SERVER";

/**
 * An error of this library that is not about an argument. `cause` holds the native or system error.
 *
 * @typeParam Partial - of a generation that had begun: its result so far
 */
export class OpenVinoLlmError<Partial = unknown> extends Error {
  /** "OpenVinoLlmError", or the name of the subclass. */
  override readonly name: string = "OpenVinoLlmError";
  /** What kind of error it is; stable, unlike the message. */
  readonly code: ErrorCode;
  /** What there was of a generation when it failed; undefined for every other error. */
  partial?: Partial;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * A request ended by its `AbortSignal`. `cause` is the signal's reason, `partial` the result so far (undefined for a
 * load, which has none).
 */
export class AbortError<Partial = unknown> extends OpenVinoLlmError<Partial> {
  /** "AbortError", as the web platform names it. */
  override readonly name = "AbortError";
  /** What there was when it was aborted. */
  override readonly partial: Partial;

  constructor(message: string, reason: unknown, partial: Partial) {
    super("ERR_ABORTED", message, { cause: reason });
    this.partial = partial;
  }
}

/** The error of whatever a closed pipeline or tokenizer was asked, or had not done yet. */
export function closedError(what: "pipeline" | "tokenizer"): OpenVinoLlmError {
  return new OpenVinoLlmError("ERR_CLOSED", `The ${what} is closed. Load it again to go on.`);
}

/**
 * The `code` of an error, Node's or ours; undefined where it has none. Asks for the code and not for the class: in Jest and
 * in `node:vm`, Node's own errors are of another realm, and none of them is `instanceof Error`.
 */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/**
 * A TypeError with Node's own code: a value of the wrong type came for `name`.
 *
 * @param expected a noun: "an integer from 1 to 8", "no value with tools"
 * @param advice why, or what to do: whole sentences
 */
export function invalidArgType(
  name: string,
  expected: string,
  received: unknown,
  advice?: string,
): TypeError {
  const error = new TypeError(argumentText(name, expected, received, advice));
  return Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" as const });
}

/** A RangeError with Node's own code: a value of the right type for `name` lies outside its range. */
export function outOfRange(name: string, expected: string, received: unknown, advice?: string): RangeError {
  const error = new RangeError(argumentText(name, expected, received, advice));
  return Object.assign(error, { code: "ERR_OUT_OF_RANGE" as const });
}

function argumentText(name: string, expected: string, received: unknown, advice = ""): string {
  return `Expected ${expected} for ${name} but received ${describe(received)}.${advice && ` ${advice}`}`;
}

/**
 * An error about one thing: a file, a schema.
 *
 * @param subject its name
 * @param problem what was expected and what came, as a whole sentence
 * @param advice what to do, likewise; "" where the problem says it
 */
export function errorAbout(
  code: ErrorCode,
  subject: string,
  problem: string,
  advice = "",
  cause?: unknown,
): OpenVinoLlmError {
  const message = `${subject}: ${problem}${advice && ` ${advice}`}`;
  return new OpenVinoLlmError(code, message, cause === undefined ? undefined : { cause });
}

/**
 * Reads what a caller gave. Its getters and proxies may throw anything, and too much of it may exceed what JavaScript holds:
 * that becomes a TypeError with a code, while errors that have one stay as they are.
 */
export function readingFrom<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (hasCode(error)) throw error;
    const unreadable = invalidArgType(name, "a value that can be read", "one that throws when it is read");
    throw Object.assign(unreadable, { cause: error });
  }
}

function hasCode(error: unknown): boolean {
  try {
    return codeOf(error) !== undefined;
  } catch {
    return false; // what was thrown is such a value itself
  }
}

/** A short picture of any value for an error message; never throws and never grows long. */
export function describe(value: unknown): string {
  try {
    return pictureOf(value);
  } catch {
    return "a value that cannot be read";
  }
}

/** Beyond it the digits are not worth their time: writing ten million takes seconds. */
const MAX_SHOWN = 10n ** 60n;

function pictureOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
    case "bigint":
      return value > MAX_SHOWN || value < -MAX_SHOWN ? "a large bigint" : `${value}n`;
    case "function":
      return `a function ${value.name.slice(0, 60)}`.trimEnd();
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `an array of ${value.length}`;
      return `an instance of ${String(Object.getPrototypeOf(value)?.constructor?.name ?? "Object").slice(0, 60)}`;
    default:
      return String(value);
  }
}
