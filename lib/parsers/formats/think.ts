import { MarkSet } from "../mark-set.js";
import type { PartSink } from "../part-sink.js";
import { takeMark, takeNewlines, takeUntilMark, takeWhitespace, type Reading } from "../reading.js";
import type { Source } from "../source.js";

/** Between which marks a family of models thinks. */
export interface ThinkFormat {
  readonly open: string;
  readonly close: string;
}

/** What else a parser of reasoning is to know. */
export interface ThinkContext {
  /** The prompt ended within the reasoning. */
  readonly startsInReasoning: boolean;
  /** Marks of the tokenizer that say nothing here. */
  readonly ignored: readonly string[];
  /** What opens a tool call. */
  readonly calls: readonly string[];
  /** Takes reasoning from the first mark of a call on: what it is shows whether the reasoning was closed behind it. */
  readonly passHeld: (text: string, isClosed: boolean) => void;
}

/**
 * `<think>` … `</think>`, as DeepSeek-R1, Qwen3 and Phi-4-reasoning write it.
 *
 * Sources: the model cards and chat templates of deepseek-ai/DeepSeek-R1, Qwen/Qwen3-8B and microsoft/Phi-4-reasoning on
 * huggingface.co.
 */
export const THINK: ThinkFormat = { open: "<think>", close: "</think>" };

/**
 * `[THINK]` … `[/THINK]`, special tokens of Mistral's reasoning models since Magistral Small 1.1.
 *
 * Source: the model card of mistralai/Magistral-Small-2507 on huggingface.co.
 */
export const MAGISTRAL: ThinkFormat = { open: "[THINK]", close: "[/THINK]" };

/**
 * A channel of Gemma 4's, which its prompt closes at once where it is not to think.
 *
 * Source: the chat template of google/gemma-4-31B-it on huggingface.co.
 */
export const GEMMA4_THINK: ThinkFormat = { open: "<|channel>thought", close: "<channel|>" };

/**
 * Splits off the reasoning with which an answer begins. Line breaks behind a mark belong to the mark, and the mark once more. After the reasoning,
 * or where the answer does not begin with it, marks are text: an answer may well speak of them. From a mark of a tool call
 * on the reasoning is held: where it is closed, the model thought of calls; where it never is, it made them.
 */
export function* readReasoning(
  source: Source,
  sink: PartSink,
  passOn: (text: string) => void,
  { open, close }: ThinkFormat,
  { startsInReasoning, ignored, calls, passHeld }: ThinkContext,
): Reading<void> {
  yield* takeWhitespace(source);
  const isOpen = yield* dropMarks(source, sink, open);
  // What the prompt closed already some models close again.
  if (!isOpen && !startsInReasoning) yield* dropMarks(source, sink, close);
  if (isOpen || startsInReasoning) {
    const pass = () => sink.reasoning(source.settle());
    if (source.hasRecord) pass();
    const marks = new MarkSet([close, ...ignored, ...calls]);
    let mark: string | null;
    do {
      mark = yield* takeUntilMark(source, marks, pass);
      if (mark !== null && calls.includes(mark)) {
        mark = yield* takeUntilMark(source, new MarkSet([close]), () => {});
        const held = source.settle();
        passHeld(mark === null ? held : held.slice(0, -close.length), mark !== null);
        if (mark !== null) sink.mark(close);
      }
      if (mark === close) yield* takeNewlines(source);
      sink.mark(source.settle());
      if (mark === close) yield* dropMarks(source, sink, close);
    } while (mark !== null && mark !== close);
  }
  if (source.hasRecord) passOn(source.settle());
  yield* takeUntilMark(source, new MarkSet([]), () => passOn(source.settle()));
}

/** Leaves out a mark as often as it stands there, with line breaks behind each. */
function* dropMarks(source: Source, sink: PartSink, mark: string): Reading<boolean> {
  const marks = new MarkSet([mark]);
  let isThere = false;
  while ((yield* takeMark(source, marks)) !== null) {
    isThere = true;
    yield* takeNewlines(source);
    sink.mark(source.settle());
  }
  return isThere;
}
