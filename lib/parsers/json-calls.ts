/** Tool calls that are JSON objects with a name and arguments: what most formats have inside their delimiters. */
import type { CallDraft } from "./call-draft.js";
import { isSpace } from "./characters.js";
import { repairedJson, readJson, readText } from "./lenient-json.js";
import {
  END,
  isAtDelimiter,
  peek,
  takeCharacter,
  takeWhile,
  takeWhitespace,
  type Reading,
} from "./reading.js";
import type { Source } from "./source.js";

/** The keys that a call without a delimiter may have. */
const CALL_KEYS = new Set(["name", "function", "arguments", "parameters", "type", "id"]);
const ARGUMENT_KEYS = new Set(["arguments", "parameters"]);

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BRACE = 0x7b;
const BRACE_END = 0x7d;
const BRACKET_END = 0x5d;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

/**
 * Reads the calls that stand behind a delimiter: an object, several with `;`, `,` or nothing between them, a list, or one of
 * these in a code fence. `isBare` says that there is no delimiter: then only what is clearly a call of a known tool is one.
 *
 * @returns false where what was taken since the last call is not one
 */
export function* readJsonCalls(source: Source, draft: CallDraft, isBare = false): Reading<boolean> {
  yield* takeWhitespace(source);
  const hasFence = !isBare && (yield* takeFenceStart(source));
  const isCall = yield* readCalls(source, draft, isBare, yield* takeCharacter(source, "["));
  if (isCall && hasFence) yield* takeFenceEnd(source, draft);
  return isCall;
}

/** Reads calls, one behind the other, and what ends a list of them. */
export function* readCalls(
  source: Source,
  draft: CallDraft,
  isBare: boolean,
  isList: boolean,
): Reading<boolean> {
  yield* takeWhitespace(source);
  for (;;) {
    if (!(yield* readCall(source, draft, isBare))) return false;
    yield* takeWhile(source, isSpace);
    const next = yield* peek(source);
    if (next === COMMA || next === SEMICOLON) source.take(1);
    yield* takeWhitespace(source);
    if (isList && (yield* peek(source)) === BRACKET_END) {
      source.take(1);
      draft.settleEnd();
      yield* takeWhitespace(source);
      return true;
    }
    if ((yield* peek(source)) !== BRACE) return true;
  }
}

/**
 * Reads `{"name": …, "arguments": {…}}`, in any order, `parameters` for `arguments`, `function` for `name` or around both.
 * Behind a delimiter the arguments may stand beside the name, as the tool's schema has them; other keys are passed over;
 * there may be no arguments at all. Brackets may be missing before a delimiter, and behind arguments that are whole.
 */
function* readCall(source: Source, draft: CallDraft, isBare: boolean): Reading<boolean> {
  if (!(yield* takeCharacter(source, "{"))) return false;
  let name: string | null = null;
  let hasArguments = false;
  /** Before the next argument that stands beside the name; "" where none does. */
  let separator = "";
  let depth = 1;
  while (depth > 0) {
    yield* takeWhitespace(source);
    const next = yield* peek(source);
    if (next === BRACE_END || next === COMMA) {
      source.take(1);
      if (next === BRACE_END) depth--;
      continue;
    }
    const key = yield* readText(source, draft.stops, !isBare);
    if (key === null) {
      const isEnd = source.isOver ? hasArguments : yield* isAtDelimiter(source, draft.stops.ends);
      if (!isEnd || name === null) return false;
      break;
    }
    if (isBare && !CALL_KEYS.has(key)) return false;
    yield* takeWhitespace(source);
    if (!(yield* takeCharacter(source, ":"))) return false;
    yield* takeWhitespace(source);
    if (ARGUMENT_KEYS.has(key)) {
      if (hasArguments || separator !== "") return false;
      hasArguments = true;
      if (!(yield* readArguments(source, draft, isBare ? name : null))) return false;
    } else if (key === "function" && (yield* takeCharacter(source, "{"))) {
      depth++;
    } else if (key === "name" || (key === "function" && name === null)) {
      if (name !== null) return false;
      name = (yield* readText(source, draft.stops))?.trim() ?? "";
      if (name === "" || (isBare && !draft.isKnown(name))) return false;
      // Without a delimiter it takes arguments to make a call.
      if (!isBare || hasArguments) draft.begin(name);
    } else {
      // Arguments beside the name, in place of an object of their own.
      const isArgument =
        name !== null && !hasArguments && !CALL_KEYS.has(key) && draft.typesOf(name, key) !== null;
      if (isArgument) {
        draft.add(`${separator === "" ? "{" : separator}${JSON.stringify(key)}:`);
        separator = ",";
      }
      if (!(yield* readJson(source, isArgument ? draft.add : () => {}, draft.stops))) return false;
    }
  }
  if (name === null || (isBare && !hasArguments)) return false;
  if (!hasArguments) draft.add(separator === "" ? "{}" : "}");
  draft.complete();
  return true;
}

/** Reads an object, a string that holds one, or null; as soon as that is clear, the call begins where it has a `name`. */
export function* readArguments(source: Source, draft: CallDraft, name: string | null): Reading<boolean> {
  const first = yield* peek(source);
  if (first === BRACE) {
    if (name !== null) draft.begin(name);
    return yield* readJson(source, draft.add, draft.stops);
  }
  if (first === END) return false;
  let json = "";
  if (!(yield* readJson(source, (text) => (json += text), draft.stops))) return false;
  const isText = first === QUOTE || first === APOSTROPHE;
  const text = json === "null" ? "{}" : isText ? (JSON.parse(json) as string) : "";
  const value = isText && text.trim() === "" ? "{}" : repairedJson(text);
  if (value === null || !value.startsWith("{")) return false;
  if (name !== null) draft.begin(name);
  draft.add(value);
  return true;
}

/** Takes the delimiters that open a code fence, with its language. */
export function* takeFenceStart(source: Source): Reading<boolean> {
  if ((yield* takeWhile(source, isBacktick, 3)) === "") return false;
  yield* takeWhile(source, (code) => isSpace(code) || /[a-z]/i.test(String.fromCharCode(code)));
  return true;
}

/** Takes what closes a code fence behind a call. */
export function* takeFenceEnd(source: Source, draft: CallDraft): Reading<void> {
  yield* takeWhitespace(source);
  if ((yield* takeWhile(source, isBacktick, 3)) !== "") draft.settleEnd();
}

function isBacktick(code: number): boolean {
  return code === 0x60;
}
