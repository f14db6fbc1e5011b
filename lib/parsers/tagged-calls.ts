/** Tool calls between tags, with values that have no types: what Qwen3-Coder's and MiniCPM's formats have in common. */
import type { CallDraft } from "./call-draft.js";
import { isSpace } from "./characters.js";
import { readJson } from "./lenient-json.js";
import { DelimiterSet } from "./delimiter-set.js";
import {
  isAtDelimiter,
  peek,
  takeCharacter,
  takeDelimiter,
  takeUntilDelimiter,
  takeWhile,
  takeWhitespace,
  type Reading,
} from "./reading.js";
import type { Source } from "./source.js";
import { valueWriter } from "./typed-value.js";

/** With the name behind it, `name="f"` too. */
const FUNCTIONS = ["<function=", "<function name="];
const PARAMETERS = ["<parameter=", "<parameter name=", "<param=", "<param name="];
/** With whatever else the closing tag has: `</parameter>`, and `</parameter_function>` as some models write it. */
const PARAMETER_END = "</param";
const FUNCTION_END = "</function>";
const CALL = "<tool_call>";
const CALL_END = "</tool_call>";

const FUNCTION_DELIMITERS = new DelimiterSet(FUNCTIONS);
const INSIDE = new DelimiterSet([...PARAMETERS, FUNCTION_END, PARAMETER_END]);
const VALUE_END = new DelimiterSet([PARAMETER_END]);
/** What may end a value. The line break before it is the format's. */
const VALUE_DELIMITERS = new DelimiterSet(
  ["", "\n", "\r\n"].flatMap((lineBreak) =>
    [...PARAMETERS, PARAMETER_END, FUNCTION_END, ...FUNCTIONS, CALL, CALL_END].map(
      (delimiter) => lineBreak + delimiter,
    ),
  ),
);
const LINE_BREAK = new DelimiterSet(["\n", "\r\n"]);
const CDATA_DELIMITER = new DelimiterSet(["<![CDATA["]);
const CDATA_END = new DelimiterSet(["]]>"]);

const BRACE = 0x7b;
const GREATER_THAN = 0x3e;
const LESS_THAN = 0x3c;
const NEWLINE = 0x0a;

/** How a value ended, and what stands behind it. */
type ValueEnd = { readonly parameter: string } | "value" | "function" | "call";

/**
 * Reads calls between `<function=f>` and `</function>`, with a value for each `<parameter=p>`. Tags that close may be
 * missing: a value ends where the next parameter begins, or where nothing follows but what ends the call. JSON in place of all parameters is read too.
 *
 * @param delimiter what opened the call: one of {@link FUNCTIONS}, or a delimiter around the call
 */
export function* readTaggedCalls(source: Source, draft: CallDraft, delimiter: string): Reading<boolean> {
  if (!FUNCTIONS.includes(delimiter)) {
    yield* takeWhitespace(source);
    if ((yield* takeDelimiter(source, FUNCTION_DELIMITERS)) === null) return false;
  }
  const name = yield* readName(source);
  if (name === "") return false;
  draft.begin(name);
  yield* takeWhitespace(source);
  if ((yield* peek(source)) === BRACE) {
    if (!(yield* readJson(source, draft.add, draft.stops))) return false;
    draft.complete();
    return true;
  }
  let separator = "{";
  let end: ValueEnd = "value";
  while (end !== "function" && end !== "call") {
    let parameter: string = typeof end === "object" ? end.parameter : "";
    if (parameter === "") {
      yield* takeWhitespace(source);
      const inside = yield* takeDelimiter(source, INSIDE);
      if (inside === FUNCTION_END) break;
      if (inside === PARAMETER_END) {
        yield* takeRestOfTag(source);
        continue;
      }
      if (inside === null) {
        // Without a closing tag, but whole.
        if (yield* isAtDelimiter(source, draft.stops.ends)) break;
        return false;
      }
      parameter = yield* readName(source);
      if (parameter === "") return false;
    }
    draft.add(`${separator}${JSON.stringify(parameter)}:`);
    separator = ",";
    const read: ValueEnd | null = yield* readValue(source, draft, name, parameter);
    if (read === null) return false;
    end = read;
  }
  draft.add(separator === "{" ? "{}" : "}");
  draft.complete();
  return true;
}

/** Reads a name and the bracket behind it, quotation marks around it left off; "" where it is malformed. */
function* readName(source: Source): Reading<string> {
  const written = yield* takeWhile(source, isOfName, 256);
  if (!(yield* takeCharacter(source, ">"))) return "";
  return nameIn(written);
}

function nameIn(written: string): string {
  const name = written.trim();
  const [, , quoted] = /^(["'])(.*)\1$/.exec(name) ?? [];
  return (quoted ?? name).trim();
}

/** Reads a value, the line breaks around it left off, and what ends it; null where nothing does. */
function* readValue(
  source: Source,
  draft: CallDraft,
  name: string,
  parameter: string,
): Reading<ValueEnd | null> {
  const { pass, end: endValue } = valueWriter(draft.add, draft.typesOf(name, parameter));
  yield* takeDelimiter(source, LINE_BREAK);
  const isCdata = (yield* takeDelimiter(source, CDATA_DELIMITER)) !== null;
  const end = yield* isCdata ? readCdata(source, pass) : readTextOfValue(source, draft, name, pass);
  if (end !== null) endValue();
  return end;
}

function* readTextOfValue(
  source: Source,
  draft: CallDraft,
  name: string,
  pass: (text: string) => void,
): Reading<ValueEnd | null> {
  for (;;) {
    const found = yield* takeUntilDelimiter(source, VALUE_DELIMITERS, pass);
    if (found === null) return null;
    const delimiter = found.trimStart();
    if (delimiter === PARAMETER_END) {
      yield* takeRestOfTag(source);
      return "value";
    }
    if (PARAMETERS.includes(delimiter)) {
      const written = yield* takeWhile(source, isOfName, 256);
      const isTag = yield* takeCharacter(source, ">");
      const next = nameIn(written);
      if (isTag && draft.mayHave(name, next)) return { parameter: next };
      pass(found + written + (isTag ? ">" : ""));
    } else if (FUNCTIONS.includes(delimiter)) {
      const written = yield* takeWhile(source, isOfName, 64);
      const isNext = draft.isTool(nameIn(written)) && source.putBack(delimiter.length + written.length);
      if (isNext) return "call";
      pass(found + written);
    } else {
      const space = yield* takeWhile(source, isSpace);
      const isNext =
        source.isOver ||
        (yield* isAtDelimiter(source, draft.stops.ends)) ||
        (yield* isAtDelimiter(source, FUNCTION_DELIMITERS));
      if (delimiter === CALL) {
        if (isNext && source.putBack(delimiter.length + space.length)) return "call";
      } else if (isNext) {
        return delimiter === FUNCTION_END ? "function" : "call";
      }
      pass(found + space);
    }
  }
}

/** Reads up to the end of a CDATA section, and the tag that closes the value. */
function* readCdata(source: Source, pass: (text: string) => void): Reading<ValueEnd | null> {
  if ((yield* takeUntilDelimiter(source, CDATA_END, pass)) === null) return null;
  yield* takeWhitespace(source);
  if ((yield* takeDelimiter(source, VALUE_END)) !== null) yield* takeRestOfTag(source);
  return "value";
}

/** Takes what is left of a closing tag. */
function* takeRestOfTag(source: Source): Reading<void> {
  yield* takeWhile(source, (code) => /[\w/ ]/.test(String.fromCharCode(code)), 24);
  yield* takeCharacter(source, ">");
}

function isOfName(code: number): boolean {
  return code !== GREATER_THAN && code !== NEWLINE && code !== LESS_THAN;
}
