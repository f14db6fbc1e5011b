import type { CallDraft } from "../call-draft.js";
import { isSpace } from "../characters.js";
import { readJsonCalls } from "../json-calls.js";
import { readJson } from "../lenient-json.js";
import { DelimiterSet } from "../delimiter-set.js";
import {
  isAtDelimiter,
  peek,
  takeDelimiter,
  takeUntilDelimiter,
  takeWhile,
  takeWhitespace,
  type Reading,
} from "../reading.js";
import type { Source } from "../source.js";
import type { ToolFormat } from "../tool-machine.js";
import { valueWriter } from "../typed-value.js";

const CALL = "<tool_call>";
const CALL_END = "</tool_call>";
const KEY = "<arg_key>";
const KEY_END = "</arg_key>";
const VALUE = "<arg_value>";
const VALUE_END = "</arg_value>";

/** What the name may be followed by; a second delimiter of the call stands for that of the first key in some answers. */
const BEHIND_NAME = new DelimiterSet([KEY, KEY_END, CALL]);
const KEY_DELIMITER = new DelimiterSet([KEY]);
const KEY_END_DELIMITER = new DelimiterSet([KEY_END]);
const VALUE_DELIMITER = new DelimiterSet([VALUE]);
const VALUE_ENDS = new DelimiterSet([VALUE_END, KEY, CALL, CALL_END]);
const BEHIND_VALUE = new DelimiterSet([KEY, VALUE_END]);

const BRACE = 0x7b;
const LESS_THAN = 0x3c;

/** What stands behind a value: the next key, its delimiter, or what ends the call. */
type ValueEnd = { readonly key: string } | "key" | "call";

/**
 * Calls as GLM-4.5, 4.6 and 4.7 write them, with values as text or JSON; their types are those of the tool's schema.
 *
 *     <tool_call>get_weather
 *     <arg_key>city</arg_key>
 *     <arg_value>Paris</arg_value>
 *     </tool_call>
 *
 * Sources: the chat templates of zai-org/GLM-4.5 and GLM-4.6 on huggingface.co.
 */
export const GLM4: ToolFormat = {
  open: [CALL],
  close: [CALL_END],
  inside: [KEY, KEY_END, VALUE, VALUE_END],
  *read(source, draft) {
    yield* takeWhitespace(source);
    const first = yield* peek(source);
    if (first === BRACE || first === 0x5b || first === 0x60) return yield* readJsonCalls(source, draft);
    const written = (yield* takeWhile(source, isOfName, 256)).trim();
    yield* takeWhitespace(source);
    const delimiter = yield* takeDelimiter(source, BEHIND_NAME);
    // Where the delimiter before the first key is missing, the key is glued to the name.
    const name = delimiter === KEY_END ? draft.toolAtBeginningOf(written) : written;
    if (name === "" || /\s/.test(name) || source.isOver) return false;
    draft.begin(name);
    if (delimiter === null) return yield* readWithoutKeys(source, draft);
    return yield* readValues(
      source,
      draft,
      name,
      delimiter === KEY_END ? written.slice(name.length).trim() : null,
    );
  },
};

/** A call without arguments, or with JSON for them, as older models of the family write it. */
function* readWithoutKeys(source: Source, draft: CallDraft): Reading<boolean> {
  if ((yield* peek(source)) === BRACE) {
    if (!(yield* readJson(source, draft.add, draft.stops))) return false;
  } else {
    if (!(yield* isAtDelimiter(source, draft.stops.ends))) return false;
    draft.add("{}");
  }
  draft.complete();
  return true;
}

/** Reads keys and values. The delimiter before the first key was taken, or the whole key. */
function* readValues(
  source: Source,
  draft: CallDraft,
  name: string,
  firstKey: string | null,
): Reading<boolean> {
  let separator = "{";
  let key = firstKey;
  for (;;) {
    if (key === null) {
      while ((yield* takeDelimiter(source, KEY_DELIMITER)) !== null);
      key = (yield* takeWhile(source, (code) => code !== LESS_THAN, 256)).trim();
      if ((yield* takeDelimiter(source, KEY_END_DELIMITER)) === null) return false;
    }
    if (key === "") return false;
    do yield* takeWhitespace(source);
    while ((yield* takeDelimiter(source, KEY_END_DELIMITER)) !== null);
    while ((yield* takeDelimiter(source, VALUE_DELIMITER)) !== null);
    draft.add(`${separator}${JSON.stringify(key)}:`);
    separator = ",";
    const end: ValueEnd | null = yield* readValue(source, draft, name, key);
    if (end === null) return false;
    if (end === "call") break;
    key = end === "key" ? null : end.key;
  }
  draft.add("}");
  draft.complete();
  return true;
}

/** Reads a value up to what ends it; null where nothing does, or the text ends behind it. */
function* readValue(source: Source, draft: CallDraft, name: string, key: string): Reading<ValueEnd | null> {
  const value = valueWriter(draft.add, draft.typesOf(name, key));
  for (;;) {
    const delimiter = yield* takeUntilDelimiter(source, VALUE_ENDS, value.pass);
    if (delimiter === null) return null;
    let behind: string;
    let end: ValueEnd | null = null;
    if (delimiter === KEY) {
      const next = yield* takeWhile(source, (code) => code !== LESS_THAN, 256);
      const closing = yield* takeDelimiter(source, KEY_END_DELIMITER);
      behind = next + (closing ?? "");
      if (closing !== null && draft.mayHave(name, next.trim())) end = { key: next.trim() };
    } else {
      behind = yield* takeWhile(source, isSpace);
      let next = delimiter === VALUE_END ? yield* takeDelimiter(source, BEHIND_VALUE) : null;
      while (next === VALUE_END) {
        behind += next + (yield* takeWhile(source, isSpace));
        next = yield* takeDelimiter(source, BEHIND_VALUE);
      }
      if (next === KEY) end = "key";
      else if (source.isOver || (yield* isAtDelimiter(source, draft.stops.ends))) end = "call";
    }
    if (end === null) {
      value.pass(delimiter + behind);
      continue;
    }
    value.end();
    return end === "call" && delimiter === VALUE_END && source.isOver ? null : end;
  }
}

function isOfName(code: number): boolean {
  return !"<{\n".includes(String.fromCharCode(code));
}
