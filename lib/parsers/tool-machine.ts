import { CallDraft, type KnownTool } from "./call-draft.js";
import { MarkSet } from "./mark-set.js";
import type { PartSink } from "./part-sink.js";
import { takeMark, takeNewlines, takeUntilMark, takeWhitespace, type Reading } from "./reading.js";
import type { Source } from "./source.js";

/** How a family of models writes tool calls. */
export interface ToolFormat {
  /** What calls begin with. */
  readonly open: readonly string[];
  /** What may stand behind calls, and belongs to them. */
  readonly close: readonly string[];
  /** Other marks that it has. */
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

/** Splits an answer into text and tool calls. Text is passed on as soon as it cannot begin a call. */
export function* readAnswer(
  source: Source,
  sink: PartSink,
  format: ToolFormat,
  { tools, ignored }: ToolContext,
): Reading<void> {
  const draft = new CallDraft(source, sink, tools);
  const closing = new MarkSet(format.close);
  const marks = new MarkSet([...format.open, ...ignored]);

  if (format.readBare !== undefined) {
    if (yield* format.readBare(source, draft)) yield* readEnd(source, sink, closing);
    else draft.giveUp(marks);
  }
  for (;;) {
    const mark = yield* takeUntilMark(source, marks, () => sink.text(source.settle()));
    if (mark === null) return;
    if (!format.open.includes(mark)) sink.mark(source.settle());
    else if (yield* format.read(source, draft, mark)) yield* readEnd(source, sink, closing);
    else draft.giveUp(marks);
  }
}

/** Text without tool calls. */
export function* readText(source: Source, sink: PartSink, ignored: readonly string[]): Reading<void> {
  const marks = new MarkSet(ignored);
  const pass = () => sink.text(source.settle());
  while ((yield* takeUntilMark(source, marks, pass)) !== null) sink.mark(source.settle());
}

/** Takes what closes calls. The line breaks behind them are the format's; anything else is text again. */
function* readEnd(source: Source, sink: PartSink, closing: MarkSet): Reading<void> {
  yield* takeWhitespace(source);
  const mark = yield* takeMark(source, closing);
  if (mark !== null) yield* takeNewlines(source);
  const taken = source.settle();
  const [lineBreaks = ""] = /^[\r\n]*/.exec(taken) ?? [];
  sink.mark(mark === null ? lineBreaks : taken);
  if (mark === null) sink.text(taken.slice(lineBreaks.length));
}
