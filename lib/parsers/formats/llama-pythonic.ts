import type { CallDraft } from "../call-draft.js";
import { readListEnd } from "../json-calls.js";
import { readPythonIdentifier, readPythonValue } from "../python-literal.js";
import { peek, takeCharacter, takeWhitespace, type Reading } from "../reading.js";
import type { Source } from "../source.js";
import type { ToolFormat } from "../tool-machine.js";

const PARENTHESIS = 0x29;

/**
 * Calls as Llama 3.2, 3.3 and 4 write them when they are given the functions in the system message: a Python list.
 *
 *     [get_weather(city="Paris", days=3), get_time(zone="UTC")]
 *
 * It stands at the very beginning, of known tools, or anywhere behind `<|python_start|>`, which Llama 4 writes. The values
 * are Python's literals, and JSON's `true`, `false` and `null`; all arguments are named.
 *
 * Source: models/llama3_2/text_prompt_format.md and llama4/prompt_format.md in github.com/meta-llama/llama-models.
 */
export const LLAMA_PYTHONIC: ToolFormat = {
  open: ["<|python_start|>", "<|python_tag|>"],
  close: ["<|python_end|>"],
  read: (source, draft) => readCalls(source, draft, false),
  readBare: (source, draft) => readCalls(source, draft, true),
};

function* readCalls(source: Source, draft: CallDraft, isBare: boolean): Reading<boolean> {
  yield* takeWhitespace(source);
  if (!(yield* takeCharacter(source, "["))) return false;
  do {
    yield* takeWhitespace(source);
    const name = yield* readPythonIdentifier(source);
    if (name === "" || (isBare && !draft.isKnown(name))) return false;
    if (!(yield* takeCharacter(source, "("))) return false;
    if (!(yield* readArguments(source, draft, name))) return false;
    draft.complete();
    yield* takeWhitespace(source);
  } while (yield* takeCharacter(source, ","));
  return yield* readListEnd(source, draft);
}

/** Reads what stands between the parentheses. The call begins as soon as it cannot be prose any more. */
function* readArguments(source: Source, draft: CallDraft, name: string): Reading<boolean> {
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
    if (!(yield* readPythonValue(source, (json) => draft.add(json)))) return false;
    yield* takeWhitespace(source);
  } while (yield* takeCharacter(source, ","));
  if (!(yield* takeCharacter(source, ")"))) return false;
  if (separator === "{") {
    draft.begin(name);
    draft.add("{");
  }
  draft.add("}");
  return true;
}
