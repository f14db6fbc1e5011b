/** Tool calls as Python writes them: what Llama's and Liquid's formats have inside their delimiters. */
import type { CallDraft } from "./call-draft.js";
import { readCalls } from "./json-calls.js";
import { readPythonIdentifier, readPythonValue } from "./python-literal.js";
import { isAtDelimiter, peek, takeCharacter, takeWhitespace, type Reading } from "./reading.js";
import type { Source } from "./source.js";

const PARENTHESIS = 0x29;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;

/**
 * Reads `[f(a=1), g()]` behind a delimiter, without the brackets too, and objects of JSON in place of the calls. The bracket
 * at the end may be missing, and a parenthesis before it. `f.call(a=1)` is what Llama's built-in tools are called by.
 *
 * @returns false where what was taken since the last call is not one
 */
export function* readPythonCalls(source: Source, draft: CallDraft): Reading<boolean> {
  yield* takeWhitespace(source);
  return yield* readList(source, draft, false, yield* takeCharacter(source, "["));
}

/** Reads the same without a delimiter, where only calls of known tools are ones, and a list has its brackets. */
export function* readBareCalls(source: Source, draft: CallDraft): Reading<boolean> {
  yield* takeWhitespace(source);
  const isList = yield* takeCharacter(source, "[");
  if (!isList && (yield* peek(source)) !== BRACE) return false;
  return yield* readList(source, draft, true, isList);
}

function* readList(source: Source, draft: CallDraft, isBare: boolean, isList: boolean): Reading<boolean> {
  yield* takeWhitespace(source);
  if ((yield* peek(source)) === BRACE) return yield* readCalls(source, draft, isBare, isList);
  do {
    yield* takeWhitespace(source);
    const name = (yield* readPythonIdentifier(source)).replace(/\.call$/, "");
    if (name === "" || (isBare && !draft.isKnown(name))) return false;
    yield* takeWhitespace(source);
    if (!(yield* takeCharacter(source, "("))) return false;
    if (!(yield* readNamedArguments(source, draft, name))) return false;
    draft.complete();
    yield* takeWhitespace(source);
  } while (yield* takeCharacter(source, ","));
  if (isList && (yield* takeCharacter(source, "]"))) draft.settleEnd();
  return true;
}

/** Reads what stands between the parentheses. The call begins as soon as it cannot be prose any more. */
function* readNamedArguments(source: Source, draft: CallDraft, name: string): Reading<boolean> {
  let separator = "{";
  do {
    yield* takeWhitespace(source);
    if ((yield* peek(source)) === PARENTHESIS) break;
    const parameter = yield* readPythonIdentifier(source);
    yield* takeWhitespace(source);
    if (parameter === "" || !(yield* takeCharacter(source, "="))) return false;
    if (separator === "{") draft.begin(name);
    draft.add(`${separator}${JSON.stringify(parameter)}:`);
    separator = ",";
    if (!(yield* readPythonValue(source, draft.add))) return false;
    yield* takeWhitespace(source);
  } while (yield* takeCharacter(source, ","));
  const isEnd =
    (yield* takeCharacter(source, ")")) ||
    (separator !== "{" &&
      ((yield* peek(source)) === BRACKET_END || (yield* isAtDelimiter(source, draft.stops.ends))));
  if (!isEnd) return false;
  if (separator === "{") {
    draft.begin(name);
    draft.add("{");
  }
  draft.add("}");
  return true;
}
