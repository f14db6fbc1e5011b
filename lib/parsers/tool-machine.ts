import { CallDraft, type KnownTool } from "./call-draft.js";
import { isSpace } from "./characters.js";
import { DelimiterSet } from "./delimiter-set.js";
import type { PartSink } from "./part-sink.js";
import {
  END,
  peek,
  takeDelimiter,
  takeNewlines,
  takeUntilDelimiter,
  takeWhile,
  takeWhitespace,
  type Reading,
} from "./reading.js";
import type { Source } from "./source.js";
import { dropJoined, TextTail } from "./text-tail.js";

/** How a family of models writes tool calls. */
export interface ToolFormat {
  /** What calls begin with. */
  readonly open: readonly string[];
  /** Those of them that an answer may have as words of its own: they are text where no call follows. */
  readonly words?: readonly string[];
  /** What may stand behind calls, and belongs to them; anywhere else it says nothing, unless it opens calls as well. */
  readonly close: readonly string[];
  /** Other delimiters that it has, which say nothing outside of calls. */
  readonly inside?: readonly string[];
  /**
   * Reads the calls behind a delimiter.
   *
   * @returns false where what was taken since the last call is not one
   */
  read(source: Source, draft: CallDraft, delimiter: string): Reading<boolean>;
  /** The same for the very beginning of an answer, in formats whose calls need no delimiter there. */
  readBare?(source: Source, draft: CallDraft): Reading<boolean>;
}

/** What a parser of tool calls is to know. */
export interface ToolContext {
  /** Null where it is not known which tools there are. */
  readonly tools: ReadonlyMap<string, KnownTool> | null;
  /** Delimiters of the tokenizer that say nothing here. */
  readonly ignored: readonly string[];
}

/** What is looked for in an answer. */
interface Delimiters {
  /** All of the format's, and those to be left out. */
  readonly all: DelimiterSet;
  /** What opens and closes calls. */
  readonly calls: DelimiterSet;
  readonly closing: DelimiterSet;
  /** What may be said once more before a call. */
  readonly opening: DelimiterSet;
}

function delimitersOf(
  { open, words = [], close, inside = [] }: ToolFormat,
  ignored: readonly string[],
): Delimiters {
  return {
    all: new DelimiterSet([...open, ...close, ...inside, ...ignored]),
    calls: new DelimiterSet([...open, ...close]),
    closing: new DelimiterSet(close),
    opening: new DelimiterSet(open.filter((delimiter) => !words.includes(delimiter))),
  };
}

/** Splits an answer into text and tool calls. Text is passed on as soon as it cannot begin a call. */
export function* readAnswer(
  source: Source,
  into: PartSink,
  format: ToolFormat,
  { tools, ignored }: ToolContext,
): Reading<void> {
  const { open, words = [], close, inside = [] } = format;
  const sink = new TextTail(into, [
    ...open.filter((delimiter) => !words.includes(delimiter)),
    ...close,
    ...inside,
  ]);
  const draft = new CallDraft(source, sink, tools, { open, close, ignored });
  const delimiters = delimitersOf(format, ignored);
  /** Whether the answer ends behind a delimiter that announces a call. */
  const isCutOff = (delimiter: string) => source.isOver && !close.includes(delimiter);

  if (format.readBare !== undefined) {
    if (yield* format.readBare(source, draft)) yield* readEnd(source, sink, delimiters.closing);
    else if (draft.hasBegun) yield* readInvalid(source, sink, draft, format, delimiters);
    else draft.restart();
  }
  for (;;) {
    yield* dropJoined(source, sink);
    const first = yield* takeUntilDelimiter(source, delimiters.all, () => sink.text(source.settle()));
    if (first === null) return;
    if (!open.includes(first)) {
      if (close.includes(first)) yield* takeNewlines(source);
      sink.delimiter(source.settle());
      continue;
    }
    const delimiter = words.includes(first) ? first : yield* takeFurtherDelimiters(source, first, delimiters);
    const head = source.recordLength;
    const { made } = draft;
    const isCall = yield* format.read(source, draft, delimiter);
    // What a call was made of is not on record any more.
    const isLone = draft.made === made && source.recordFrom(head).trim() === "";
    if (isCall) {
      yield* readEnd(source, sink, delimiters.closing);
    } else if (draft.hasBegun || isCutOff(delimiter) || !isLone) {
      yield* readInvalid(source, sink, draft, format, delimiters);
    } else if (words.includes(delimiter)) {
      draft.giveUp(delimiters.all);
    } else {
      yield* readLoneDelimiter(source, sink, draft, format, delimiters, head);
    }
  }
}

/** Some models write a delimiter twice, and some formats have one for all calls and one for each: the last one counts. */
function* takeFurtherDelimiters(source: Source, first: string, { opening }: Delimiters): Reading<string> {
  let delimiter = first;
  for (;;) {
    yield* takeWhitespace(source);
    const next = yield* takeDelimiter(source, opening);
    if (next === null) return delimiter;
    delimiter = next;
  }
}

/** What is no call any more, up to what closes it or opens the next one. */
function* readInvalid(
  source: Source,
  sink: PartSink,
  draft: CallDraft,
  { open, close }: ToolFormat,
  delimiters: Delimiters,
): Reading<void> {
  const isAtEnd = source.isOver;
  source.putBack(delimiters.calls.openEnd(source.recordEnd()));
  const delimiter = draft.stops.isPassed
    ? null
    : yield* takeUntilDelimiter(source, delimiters.calls, () => {});
  if (delimiter !== null && open.includes(delimiter)) source.putBack(delimiter.length);
  const isCutOff = isAtEnd && !close.some((closing) => source.recordFrom(0).includes(closing));
  draft.fail(isCutOff ? "cut-off" : "malformed");
  yield* settleNewlines(source, sink, delimiter !== null && close.includes(delimiter));
}

/** Behind a delimiter that opens no call: an invalid call where a delimiter closes it, else what the answer goes on with. */
function* readLoneDelimiter(
  source: Source,
  sink: PartSink,
  draft: CallDraft,
  { open }: ToolFormat,
  delimiters: Delimiters,
  head: number,
): Reading<void> {
  const delimiter = yield* takeUntilDelimiter(source, delimiters.calls, () => {});
  if (delimiter !== null && !open.includes(delimiter)) {
    draft.fail("malformed");
    yield* settleNewlines(source, sink, true);
    return;
  }
  // Read again, once: to the next delimiter there is text.
  source.restart();
  source.take(head);
  sink.delimiter(source.settle());
}

function* settleNewlines(source: Source, sink: PartSink, areOfMark: boolean): Reading<void> {
  if (!areOfMark) return;
  yield* takeNewlines(source);
  sink.delimiter(source.settle());
}

/** Text without tool calls. */
export function* readText(source: Source, sink: PartSink, ignored: readonly string[]): Reading<void> {
  const delimiters = new DelimiterSet(ignored);
  const pass = () => sink.text(source.settle());
  while ((yield* takeUntilDelimiter(source, delimiters, pass)) !== null) sink.delimiter(source.settle());
}

/**
 * Takes what closes calls, with brackets too many before it. The line breaks behind are the format's; anything else is
 * text again.
 */
export function* readEnd(source: Source, sink: PartSink, closing: DelimiterSet): Reading<void> {
  let delimiter: string | null;
  do {
    yield* takeWhile(source, (code) => isSpace(code) || code === 0x5d || code === 0x7d);
    delimiter = yield* takeDelimiter(source, closing);
    if (delimiter !== null) yield* takeNewlines(source);
    if (delimiter !== null) sink.delimiter(source.settle());
  } while (delimiter !== null);
  const taken = source.settle();
  const [syntax = ""] = (yield* peek(source)) === END ? [taken] : (/^[^]*[\]}]|^[\r\n]*/.exec(taken) ?? []);
  const [lineBreaks = ""] = /^[\r\n]*/.exec(taken.slice(syntax.length)) ?? [];
  const length = syntax.length + lineBreaks.length;
  sink.delimiter(taken.slice(0, length));
  sink.text(taken.slice(length));
}
