import type { CallDraft } from "../call-draft.js";
import { isSpace } from "../characters.js";
import { readArguments, readJsonCalls } from "../json-calls.js";
import { DelimiterSet } from "../delimiter-set.js";
import { isAtDelimiter, peek, takeDelimiter, takeWhile, takeWhitespace, type Reading } from "../reading.js";
import type { Source } from "../source.js";
import type { ToolFormat } from "../tool-machine.js";

const ARGUMENTS = "[ARGS]";
const INSIDE = [ARGUMENTS, "[CALL_ID]"];
const BEHIND_NAME = new DelimiterSet(INSIDE);

const BRACKET = 0x5b;
const BRACE = 0x7b;
const QUOTE = 0x22;

/**
 * Calls as Mistral's models write them. Up to version 7 of their tokenizers a list behind the delimiter, later a delimiter,
 * a name and the arguments for each call:
 *
 *     [TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Paris"}}]
 *     [TOOL_CALLS]get_weather{"city": "Paris"}
 *     [TOOL_CALLS]get_weather[CALL_ID]Xk29dLq0c[ARGS]{"city": "Paris"}
 *
 * The id is passed over. Devstral writes the delimiter of the arguments and nothing behind it where there are none.
 *
 * Sources: the tokenizers' versions in github.com/mistralai/mistral-common; the chat templates of
 * mistralai/Mistral-7B-Instruct-v0.3 and later models on huggingface.co.
 */
export const MISTRAL: ToolFormat = {
  open: ["[TOOL_CALLS]"],
  close: [],
  inside: INSIDE,
  *read(source, draft) {
    yield* takeWhitespace(source);
    const first = yield* peek(source);
    const isObject = first === BRACKET || first === BRACE;
    return isObject ? yield* readJsonCalls(source, draft) : yield* readNamedCall(source, draft);
  },
};

function* readNamedCall(source: Source, draft: CallDraft): Reading<boolean> {
  const name = yield* takeWhile(source, isOfName, 128);
  if (name === "") return false;
  let hasDelimiter = false;
  let delimiter: string | null;
  do {
    yield* takeWhitespace(source);
    delimiter = yield* takeDelimiter(source, BEHIND_NAME);
    hasDelimiter ||= delimiter === ARGUMENTS;
    if (delimiter !== null && delimiter !== ARGUMENTS) yield* takeWhile(source, isOfName, 128);
  } while (delimiter !== null);
  const next = yield* peek(source);
  if (next === BRACE || (hasDelimiter && next === QUOTE)) {
    if (!(yield* readArguments(source, draft, name))) return false;
  } else {
    const isEnd = source.isOver ? hasDelimiter : yield* isAtDelimiter(source, draft.stops.ends);
    if (!isEnd || (!hasDelimiter && !draft.isTool(name))) return false;
    draft.begin(name);
    draft.add("{}");
  }
  draft.complete();
  return true;
}

function isOfName(code: number): boolean {
  return code > 0x20 && !isSpace(code) && !"[]{}()<>\"',;=".includes(String.fromCharCode(code));
}
