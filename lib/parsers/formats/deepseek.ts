import type { CallDraft } from "../call-draft.js";
import { readArguments, readJsonCalls, takeFenceEnd, takeFenceStart } from "../json-calls.js";
import { DelimiterSet } from "../delimiter-set.js";
import { isAtDelimiter, peek, takeDelimiter, takeWhile, takeWhitespace, type Reading } from "../reading.js";
import type { Source } from "../source.js";
import type { ToolFormat } from "../tool-machine.js";

/** A delimiter, and the spellings of it that smaller models have: other characters for its "▁". */
const spellings = (...words: readonly string[]) =>
  ["▁", "_", " ", "\\_"].map((between) => `<｜${words.join(between)}｜>`);

/** Hermes' delimiter: their templates have no place for tools, so tools and calls are described in words. */
const IN_WORDS = "<tool_call>";
const SEPARATOR = spellings("tool", "sep");
const SEPARATOR_DELIMITER = new DelimiterSet(SEPARATOR);

const BRACE = 0x7b;
const BACKTICK = 0x60;
const QUOTE = 0x22;

/**
 * Calls as DeepSeek writes them. V3 and R1 name a type, and have the arguments in a code fence:
 *
 *     <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather
 *     ```json
 *     {"city": "Paris"}
 *     ```<｜tool▁call▁end｜><｜tool▁calls▁end｜>
 *
 * V3.1 has neither:
 *
 *     <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Paris"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>
 *
 * Both are read, whichever model it is: distilled ones write either.
 *
 * Sources: the chat templates of deepseek-ai/DeepSeek-V3-0324, DeepSeek-R1-0528 and DeepSeek-V3.1 on huggingface.co.
 */
export const DEEPSEEK: ToolFormat = {
  open: [...spellings("tool", "calls", "begin"), ...spellings("tool", "call", "begin"), IN_WORDS],
  close: [...spellings("tool", "call", "end"), ...spellings("tool", "calls", "end"), "</tool_call>"],
  inside: SEPARATOR,
  *read(source, draft, delimiter) {
    if (delimiter === IN_WORDS) return yield* readJsonCalls(source, draft);
    const name = yield* readHead(source);
    if (name === "") return false;
    return yield* readBody(source, draft, name);
  },
};

/** Reads up to the arguments: `function`, a separator and the name, or the name and a separator. */
function* readHead(source: Source): Reading<string> {
  yield* takeWhitespace(source);
  const first = (yield* takeWhile(source, isOfHead, 256)).trim();
  if ((yield* takeDelimiter(source, SEPARATOR_DELIMITER)) === null) return first;
  yield* takeWhitespace(source);
  const next = yield* peek(source);
  if (next === BRACE || next === BACKTICK || next === QUOTE) return first;
  const second = (yield* takeWhile(source, isOfHead, 256)).trim();
  return second === "" ? first : second;
}

function* readBody(source: Source, draft: CallDraft, name: string): Reading<boolean> {
  yield* takeWhitespace(source);
  const hasFence = yield* takeFenceStart(source);
  const next = yield* peek(source);
  if (next === BRACE || next === QUOTE) {
    if (!(yield* readArguments(source, draft, name))) return false;
  } else {
    if (!draft.isTool(name) || !(yield* isAtDelimiter(source, draft.stops.ends))) return false;
    draft.begin(name);
    draft.add("{}");
  }
  draft.complete();
  if (hasFence) yield* takeFenceEnd(source, draft);
  return true;
}

function isOfHead(code: number): boolean {
  return !'<{`\n"'.includes(String.fromCharCode(code));
}
