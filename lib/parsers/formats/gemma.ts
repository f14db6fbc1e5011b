import type { CallDraft } from "../call-draft.js";
import { isOfIdentifier, isSpace } from "../characters.js";
import { MAX_JSON_DEPTH } from "../json-scanner.js";
import { readText } from "../lenient-json.js";
import { DelimiterSet } from "../delimiter-set.js";
import {
  END,
  isAtDelimiter,
  peek,
  takeCharacter,
  takeDelimiter,
  takeUntilDelimiter,
  takeWhile,
  takeWhitespace,
  type Reading,
} from "../reading.js";
import type { Source } from "../source.js";
import type { ToolFormat } from "../tool-machine.js";
import { TEXT, valueWriter } from "../typed-value.js";
import type { ValueTypes } from "../value-types.js";

const PREFIX = new DelimiterSet(["call:"]);

/** What is looked for inside a call. */
interface TextDelimiters {
  /** What stands around text. */
  readonly quotes: DelimiterSet;
  /** The same, and what closes calls. */
  readonly ends: DelimiterSet;
}

/** How a model of the family delimits its calls, and text in them. */
interface Spelling {
  readonly open: string;
  readonly close: string;
  readonly quote: string;
}

/**
 * Calls as Gemma 4 writes them: values as JSON has them, but for keys without quotes and text between delimiters of its own.
 *
 *     <|tool_call>call:get_weather{city:<|"|>Paris<|"|>,days:3}<tool_call|>
 *
 * Text in common quotes, with its first delimiter missing or as a bare word is read too, so are parentheses for the outer
 * braces and `=` for `:`.
 *
 * Source: the chat template of google/gemma-4-31B-it on huggingface.co.
 */
export const GEMMA4: ToolFormat = formatOf({ open: "<|tool_call>", close: "<tool_call|>", quote: '<|"|>' });

/**
 * The same with other delimiters, as FunctionGemma has them:
 *
 *     <start_function_call>call:get_weather{city:<escape>Paris<escape>}<end_function_call>
 *
 * Source: "FunctionGemma formatting and best practices" on ai.google.dev.
 */
export const FUNCTIONGEMMA: ToolFormat = formatOf({
  open: "<start_function_call>",
  close: "<end_function_call>",
  quote: "<escape>",
});

function formatOf({ open, close, quote }: Spelling): ToolFormat {
  const delimiters: TextDelimiters = {
    quotes: new DelimiterSet([quote]),
    ends: new DelimiterSet([quote, close]),
  };
  return {
    open: [open],
    close: [close],
    inside: [quote],
    *read(source, draft) {
      do if (!(yield* readCall(source, draft, delimiters))) return false;
      while (yield* isAtDelimiter(source, PREFIX));
      return true;
    },
  };
}

function* readCall(source: Source, draft: CallDraft, delimiters: TextDelimiters): Reading<boolean> {
  yield* takeWhitespace(source);
  yield* takeDelimiter(source, PREFIX);
  const name = yield* takeWhile(source, (code) => isOfIdentifier(code) || code === 0x3a, 256);
  if (name === "") return false;
  yield* takeWhitespace(source);
  const bracket = String.fromCharCode(yield* peek(source));
  if (bracket === "{" || bracket === "(") {
    draft.begin(name);
    source.take(1);
    const typesOf = (key: string) => draft.typesOf(name, key);
    if (!(yield* readMembers(source, draft, delimiters, bracket === "{" ? "}" : ")", 1, typesOf)))
      return false;
  } else {
    if (!draft.isTool(name) || !(yield* isAtDelimiter(source, draft.stops.ends))) return false;
    draft.begin(name);
    draft.add("{}");
  }
  draft.complete();
  yield* takeWhitespace(source);
  return true;
}

/** Reads what is in an object, or between parentheses, and what closes it, which may be missing before a delimiter. */
function* readMembers(
  source: Source,
  draft: CallDraft,
  delimiters: TextDelimiters,
  closing: string,
  depth: number,
  typesOf: (key: string) => ValueTypes | null = () => null,
): Reading<boolean> {
  let separator = "{";
  while (!(yield* isEnd(source, draft, closing))) {
    const key = yield* readKey(source, draft, delimiters);
    if (key === null) return false;
    draft.add(`${separator}${JSON.stringify(key)}:`);
    separator = ",";
    if (!(yield* readValue(source, draft, delimiters, depth, typesOf(key)))) return false;
  }
  draft.add(separator === "{" ? "{}" : "}");
  return true;
}

function* readItems(
  source: Source,
  draft: CallDraft,
  delimiters: TextDelimiters,
  depth: number,
): Reading<boolean> {
  let separator = "[";
  while (!(yield* isEnd(source, draft, "]"))) {
    draft.add(separator);
    separator = ",";
    if (!(yield* readValue(source, draft, delimiters, depth, null))) return false;
  }
  draft.add(separator === "[" ? "[]" : "]");
  return true;
}

/** Takes what is between values; whether the list ends here, also by a bracket of what is around it. */
function* isEnd(source: Source, draft: CallDraft, closing: string): Reading<boolean> {
  yield* takeWhile(source, (code) => isSpace(code) || code === 0x2c);
  if (yield* takeCharacter(source, closing)) return true;
  const next = yield* peek(source);
  const isClosed = next !== END && "}])".includes(String.fromCharCode(next));
  return isClosed || (yield* isAtDelimiter(source, draft.stops.closing));
}

function* readKey(source: Source, draft: CallDraft, delimiters: TextDelimiters): Reading<string | null> {
  let key: string | null = "";
  let isBare = false;
  if ((yield* takeDelimiter(source, delimiters.quotes)) !== null) {
    if ((yield* takeUntilDelimiter(source, delimiters.quotes, (text) => (key += text))) === null) return null;
  } else if (isQuote(yield* peek(source))) {
    key = yield* readText(source, draft.stops);
  } else {
    isBare = true;
    key = (yield* takeWhile(
      source,
      (code) => !":=,{}[]()<\n".includes(String.fromCharCode(code)),
      256,
    )).trim();
  }
  yield* takeWhitespace(source);
  const isKey = (yield* takeCharacter(source, ":")) || (yield* takeCharacter(source, "="));
  return isKey && !(isBare && key === "") ? key : null;
}

function* readValue(
  source: Source,
  draft: CallDraft,
  delimiters: TextDelimiters,
  depth: number,
  types: ValueTypes | null,
): Reading<boolean> {
  yield* takeWhitespace(source);
  if ((yield* takeDelimiter(source, delimiters.quotes)) !== null)
    return yield* readQuoted(source, draft, delimiters, types);
  const first = yield* peek(source);
  if (isQuote(first)) {
    const text = yield* readText(source, draft.stops);
    if (text !== null) draft.add(JSON.stringify(text));
    return text !== null;
  }
  const bracket = String.fromCharCode(first);
  if (bracket === "{" || bracket === "[") {
    source.take(1);
    if (depth >= MAX_JSON_DEPTH) return false;
    return yield* bracket === "{"
      ? readMembers(source, draft, delimiters, "}", depth + 1)
      : readItems(source, draft, delimiters, depth + 1);
  }
  return yield* readWord(source, draft, delimiters, types);
}

/**
 * Reads text up to the delimiter that ends it; where the schema has no text, what it spells. What closes the call belongs to
 * it, unless only the end or a call follows.
 */
function* readQuoted(
  source: Source,
  draft: CallDraft,
  delimiters: TextDelimiters,
  types: ValueTypes | null,
): Reading<boolean> {
  const isText = types === null || types.types.has("string");
  const value = valueWriter(draft.add, isText ? TEXT : types);
  for (;;) {
    const delimiter = yield* takeUntilDelimiter(source, delimiters.ends, value.pass);
    if (delimiter === null) return false;
    if (delimiters.quotes.match(delimiter, 0) > 0) {
      value.end();
      return true;
    }
    const space = yield* takeWhile(source, isSpace);
    draft.stops.isPassed = source.isOver || (yield* isAtDelimiter(source, draft.stops.ends));
    if (draft.stops.isPassed) return false;
    value.pass(delimiter + space);
  }
}

/** Reads a number or a constant; any other word, and what has a delimiter of text behind it alone, is text. */
function* readWord(
  source: Source,
  draft: CallDraft,
  delimiters: TextDelimiters,
  types: ValueTypes | null,
): Reading<boolean> {
  const word = (yield* takeWhile(source, (code) => !",{}[]()<\n".includes(String.fromCharCode(code)))).trim();
  const isText = (yield* takeDelimiter(source, delimiters.quotes)) !== null;
  if (source.isOver || (word === "" && !isText)) return false;
  const value = valueWriter(draft.add, isText ? TEXT : types);
  value.pass(word);
  value.end();
  return true;
}

function isQuote(code: number): boolean {
  return code === 0x22 || code === 0x27;
}
