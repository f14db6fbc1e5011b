/** Tool calls that are JSON objects with a name and arguments: what most formats have inside their marks. */
import type { CallDraft } from "./call-draft.js";
import { isJsonObject, JsonScanner } from "./json-scanner.js";
import { END, peek, takeCharacter, takeWhitespace, type Reading } from "./reading.js";
import type { Source } from "./source.js";

/** The keys that a call without a mark may have. */
const CALL_KEYS = new Set(["name", "arguments", "parameters", "type", "id"]);

const QUOTE = 0x22;
const BRACE = 0x7b;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

/** Reads one JSON value and passes it on as it comes; false where it is malformed or cut off. */
export function* readJson(source: Source, add?: (text: string) => void): Reading<boolean> {
  const scanner = new JsonScanner();
  while (scanner.status === "more") {
    if ((yield* peek(source)) === END) return false;
    const length = source.look((text, at) => scanner.scan(text, at) - at);
    const taken = source.take(length);
    if (taken !== "") add?.(taken);
  }
  return scanner.status === "done";
}

/** Reads a JSON string; null where there is none. */
function* readString(source: Source): Reading<string | null> {
  if ((yield* peek(source)) !== QUOTE) return null;
  let json = "";
  const isWhole = yield* readJson(source, (text) => (json += text));
  return isWhole ? (JSON.parse(json) as string) : null;
}

/**
 * Reads the calls that stand behind a mark: an object, several with `;`, `,` or nothing between them, or a list.
 * `isBare` says that there is no mark: then only what is clearly a call of a known tool is one.
 *
 * @returns false where what was taken since the last call is not one
 */
export function* readJsonCalls(source: Source, draft: CallDraft, isBare = false): Reading<boolean> {
  yield* takeWhitespace(source);
  const isList = !isBare && (yield* takeCharacter(source, "["));
  for (;;) {
    yield* takeWhitespace(source);
    if (!(yield* readCall(source, draft, isBare))) return false;
    yield* takeWhitespace(source);
    const next = yield* peek(source);
    if (next === COMMA || (next === SEMICOLON && !isList)) source.take(1);
    else if (isList) return yield* readListEnd(source, draft);
    if (isList) continue;
    yield* takeWhitespace(source);
    if ((yield* peek(source)) !== BRACE) return true;
  }
}

/** Reads the bracket behind a list of calls. */
export function* readListEnd(source: Source, draft: CallDraft): Reading<boolean> {
  const isEnd = yield* takeCharacter(source, "]");
  if (isEnd) draft.settleEnd();
  return isEnd;
}

/**
 * Reads `{"name": …, "arguments": {…}}`, in any order, `parameters` for `arguments`. Behind a mark other keys are passed
 * over and the arguments may be missing, which means that there are none.
 */
function* readCall(source: Source, draft: CallDraft, isBare: boolean): Reading<boolean> {
  if (!(yield* takeCharacter(source, "{"))) return false;
  let name: string | null = null;
  let hasArguments = false;
  do {
    yield* takeWhitespace(source);
    const key = yield* readString(source);
    if (key === null || (isBare && !CALL_KEYS.has(key))) return false;
    yield* takeWhitespace(source);
    if (!(yield* takeCharacter(source, ":"))) return false;
    yield* takeWhitespace(source);
    if (key === "name") {
      if (name !== null) return false;
      name = yield* readString(source);
      if (name === null || name === "" || (isBare && !draft.isKnown(name))) return false;
      // Without a mark it takes arguments to make a call.
      if (!isBare || hasArguments) draft.begin(name);
    } else if (key === "arguments" || key === "parameters") {
      if (hasArguments) return false;
      hasArguments = true;
      if (!(yield* readArguments(source, draft, isBare ? name : null))) return false;
    } else if (!(yield* readJson(source))) {
      return false;
    }
    yield* takeWhitespace(source);
  } while (yield* takeCharacter(source, ","));
  if (!(yield* takeCharacter(source, "}"))) return false;
  if (name === null || (isBare && !hasArguments)) return false;
  if (!hasArguments) draft.add("{}");
  draft.complete();
  return true;
}

/** Reads an object, a string that holds one, or null; as soon as that is clear, the call begins where it has a `name`. */
function* readArguments(source: Source, draft: CallDraft, name: string | null): Reading<boolean> {
  const first = yield* peek(source);
  if (first === BRACE) {
    if (name !== null) draft.begin(name);
    return yield* readJson(source, (text) => draft.add(text));
  }
  let json = "";
  if (!(yield* readJson(source, (text) => (json += text)))) return false;
  const value = json === "null" ? "{}" : first === QUOTE ? (JSON.parse(json) as string) : "";
  if (!isJsonObject(value)) return false;
  if (name !== null) draft.begin(name);
  draft.add(value);
  return true;
}
