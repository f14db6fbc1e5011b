import type { CallDraft } from "../call-draft.js";
import { readJson, readJsonCalls } from "../json-calls.js";
import { MarkSet } from "../mark-set.js";
import { peek, takeMark, takeWhile, takeWhitespace, type Reading } from "../reading.js";
import type { Source } from "../source.js";
import type { ToolFormat } from "../tool-machine.js";

const ARGUMENTS = "[ARGS]";
const INSIDE = [ARGUMENTS, "[CALL_ID]"];
const BEHIND_NAME = new MarkSet(INSIDE);

const BRACKET = 0x5b;
const BRACE = 0x7b;

/**
 * Calls as Mistral's models write them. Up to version 7 of their tokenizers a list behind the mark, later a mark, a name
 * and the arguments for each call:
 *
 *     [TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Paris"}}]
 *     [TOOL_CALLS]get_weather{"city": "Paris"}
 *     [TOOL_CALLS]get_weather[CALL_ID]Xk29dLq0c[ARGS]{"city": "Paris"}
 *
 * The id is passed over.
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
  let mark: string | null;
  do {
    yield* takeWhitespace(source);
    mark = yield* takeMark(source, BEHIND_NAME);
    if (mark !== null && mark !== ARGUMENTS) yield* takeWhile(source, isOfName, 128);
  } while (mark !== null && mark !== ARGUMENTS);
  yield* takeWhitespace(source);
  if ((yield* peek(source)) !== BRACE) return false;
  draft.begin(name);
  if (!(yield* readJson(source, (text) => draft.add(text)))) return false;
  draft.complete();
  return true;
}

function isOfName(code: number): boolean {
  return code > 0x20 && !"[]{}()<>\"',;=".includes(String.fromCharCode(code));
}
