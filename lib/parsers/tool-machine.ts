import { CallDraft, type KnownTool } from "./call-draft.js";
import { isSpace } from "./characters.js";
import { MarkSet } from "./mark-set.js";
import type { PartSink } from "./part-sink.js";
import {
  END,
  peek,
  takeMark,
  takeNewlines,
  takeUntilMark,
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
  /** Other marks that it has, which say nothing outside of calls. */
  readonly inside?: readonly string[];
  /**
   * Reads the calls behind a mark.
   *
   * @returns false where what was taken since the last call is not one
   */
  read(source: Source, draft: CallDraft, mark: string): Reading<boolean>;
  /** The same for the very beginning of an answer, in formats whose calls need no mark there. */
  readBare?(source: Source, draft: CallDraft): Reading<boolean>;
}

/** What a parser of tool calls is to know. */
export interface ToolContext {
  /** Null where it is not known which tools there are. */
  readonly tools: ReadonlyMap<string, KnownTool> | null;
  /** Marks of the tokenizer that say nothing here. */
  readonly ignored: readonly string[];
}

/** What is looked for in an answer. */
interface Marks {
  /** All of the format's, and those to be left out. */
  readonly all: MarkSet;
  /** What opens and closes calls. */
  readonly calls: MarkSet;
  readonly closing: MarkSet;
  /** What may be said once more before a call. */
  readonly opening: MarkSet;
}

function marksOf({ open, words = [], close, inside = [] }: ToolFormat, ignored: readonly string[]): Marks {
  return {
    all: new MarkSet([...open, ...close, ...inside, ...ignored]),
    calls: new MarkSet([...open, ...close]),
    closing: new MarkSet(close),
    opening: new MarkSet(open.filter((mark) => !words.includes(mark))),
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
  const sink = new TextTail(into, [...open.filter((mark) => !words.includes(mark)), ...close, ...inside]);
  const draft = new CallDraft(source, sink, tools, { open, close, ignored });
  const marks = marksOf(format, ignored);
  /** Whether the answer ends behind a mark that announces a call. */
  const isCutOff = (mark: string) => source.isOver && !close.includes(mark);

  if (format.readBare !== undefined) {
    if (yield* format.readBare(source, draft)) yield* readEnd(source, sink, marks.closing);
    else if (draft.hasBegun) yield* readInvalid(source, sink, draft, format, marks);
    else draft.restart();
  }
  for (;;) {
    yield* dropJoined(source, sink);
    const first = yield* takeUntilMark(source, marks.all, () => sink.text(source.settle()));
    if (first === null) return;
    if (!open.includes(first)) {
      if (close.includes(first)) yield* takeNewlines(source);
      sink.mark(source.settle());
      continue;
    }
    const mark = words.includes(first) ? first : yield* takeFurtherMarks(source, first, marks);
    const head = source.recordLength;
    const { made } = draft;
    const isCall = yield* format.read(source, draft, mark);
    // What a call was made of is not on record any more.
    const isLone = draft.made === made && source.recordFrom(head).trim() === "";
    if (isCall) {
      yield* readEnd(source, sink, marks.closing);
    } else if (draft.hasBegun || isCutOff(mark) || !isLone) {
      yield* readInvalid(source, sink, draft, format, marks);
    } else if (words.includes(mark)) {
      draft.giveUp(marks.all);
    } else {
      yield* readLoneMark(source, sink, draft, format, marks, head);
    }
  }
}

/** Some models write a mark twice, and some formats have one for all calls and one for each: the last one counts. */
function* takeFurtherMarks(source: Source, first: string, { opening }: Marks): Reading<string> {
  let mark = first;
  for (;;) {
    yield* takeWhitespace(source);
    const next = yield* takeMark(source, opening);
    if (next === null) return mark;
    mark = next;
  }
}

/** What is no call any more, up to what closes it or opens the next one. */
function* readInvalid(
  source: Source,
  sink: PartSink,
  draft: CallDraft,
  { open, close }: ToolFormat,
  marks: Marks,
): Reading<void> {
  const isAtEnd = source.isOver;
  source.putBack(marks.calls.openEnd(source.recordEnd()));
  const mark = draft.stops.isPassed ? null : yield* takeUntilMark(source, marks.calls, () => {});
  if (mark !== null && open.includes(mark)) source.putBack(mark.length);
  const isCutOff = isAtEnd && !close.some((closing) => source.recordFrom(0).includes(closing));
  draft.fail(isCutOff ? "cut-off" : "malformed");
  yield* settleNewlines(source, sink, mark !== null && close.includes(mark));
}

/** Behind a mark that opens no call: an invalid call where a mark closes it, else what the answer goes on with. */
function* readLoneMark(
  source: Source,
  sink: PartSink,
  draft: CallDraft,
  { open }: ToolFormat,
  marks: Marks,
  head: number,
): Reading<void> {
  const mark = yield* takeUntilMark(source, marks.calls, () => {});
  if (mark !== null && !open.includes(mark)) {
    draft.fail("malformed");
    yield* settleNewlines(source, sink, true);
    return;
  }
  // Read again, once: to the next mark there is text.
  source.restart();
  source.take(head);
  sink.mark(source.settle());
}

function* settleNewlines(source: Source, sink: PartSink, areOfMark: boolean): Reading<void> {
  if (!areOfMark) return;
  yield* takeNewlines(source);
  sink.mark(source.settle());
}

/** Text without tool calls. */
export function* readText(source: Source, sink: PartSink, ignored: readonly string[]): Reading<void> {
  const marks = new MarkSet(ignored);
  const pass = () => sink.text(source.settle());
  while ((yield* takeUntilMark(source, marks, pass)) !== null) sink.mark(source.settle());
}

/**
 * Takes what closes calls, with brackets too many before it. The line breaks behind are the format's; anything else is
 * text again.
 */
export function* readEnd(source: Source, sink: PartSink, closing: MarkSet): Reading<void> {
  let mark: string | null;
  do {
    yield* takeWhile(source, (code) => isSpace(code) || code === 0x5d || code === 0x7d);
    mark = yield* takeMark(source, closing);
    if (mark !== null) yield* takeNewlines(source);
    if (mark !== null) sink.mark(source.settle());
  } while (mark !== null);
  const taken = source.settle();
  const [syntax = ""] = (yield* peek(source)) === END ? [taken] : (/^[^]*[\]}]|^[\r\n]*/.exec(taken) ?? []);
  const [lineBreaks = ""] = /^[\r\n]*/.exec(taken.slice(syntax.length)) ?? [];
  const length = syntax.length + lineBreaks.length;
  sink.mark(taken.slice(0, length));
  sink.text(taken.slice(length));
}
