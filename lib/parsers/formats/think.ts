import { DelimiterSet } from "../delimiter-set.js";
import type { PartSink } from "../part-sink.js";
import { takeDelimiter, takeNewlines, takeUntilDelimiter, takeWhitespace, type Reading } from "../reading.js";
import type { Source } from "../source.js";

/** Between which delimiters a family of models thinks. */
export interface ThinkFormat {
  readonly open: string;
  readonly close: string;
}

/** What else a parser of reasoning is to know. */
export interface ThinkContext {
  /** The prompt ended within the reasoning. */
  readonly startsInReasoning: boolean;
  /** Delimiters of the tokenizer that say nothing here. */
  readonly ignored: readonly string[];
  /** What opens a tool call. */
  readonly calls: readonly string[];
  /** Takes reasoning from the first delimiter of a call on: what it is shows whether the reasoning was closed behind it. */
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
 * Splits off the reasoning with which an answer begins. Line breaks behind a delimiter belong to the delimiter, and the
 * delimiter once more. After the reasoning, or where the answer does not begin with it, delimiters are text: an answer may
 * well speak of them. From a delimiter of a tool call on the reasoning is held: where it is closed, the model thought of
 * calls; where it never is, it made them.
 */
export function* readReasoning(
  source: Source,
  sink: PartSink,
  passOn: (text: string) => void,
  { open, close }: ThinkFormat,
  { startsInReasoning, ignored, calls, passHeld }: ThinkContext,
): Reading<void> {
  yield* takeWhitespace(source);
  const isOpen = yield* dropDelimiters(source, sink, open);
  // What the prompt closed already some models close again.
  if (!isOpen && !startsInReasoning) yield* dropDelimiters(source, sink, close);
  if (isOpen || startsInReasoning) {
    const pass = () => sink.reasoning(source.settle());
    if (source.hasRecord) pass();
    const delimiters = new DelimiterSet([close, ...ignored, ...calls]);
    let delimiter: string | null;
    do {
      delimiter = yield* takeUntilDelimiter(source, delimiters, pass);
      if (delimiter !== null && calls.includes(delimiter)) {
        delimiter = yield* takeUntilDelimiter(source, new DelimiterSet([close]), () => {});
        const held = source.settle();
        passHeld(delimiter === null ? held : held.slice(0, -close.length), delimiter !== null);
        if (delimiter !== null) sink.delimiter(close);
      }
      if (delimiter === close) yield* takeNewlines(source);
      sink.delimiter(source.settle());
      if (delimiter === close) yield* dropDelimiters(source, sink, close);
    } while (delimiter !== null && delimiter !== close);
  }
  if (source.hasRecord) passOn(source.settle());
  yield* takeUntilDelimiter(source, new DelimiterSet([]), () => passOn(source.settle()));
}

/** Leaves out a delimiter as often as it stands there, with line breaks behind each. */
function* dropDelimiters(source: Source, sink: PartSink, delimiter: string): Reading<boolean> {
  const delimiters = new DelimiterSet([delimiter]);
  let isThere = false;
  while ((yield* takeDelimiter(source, delimiters)) !== null) {
    isThere = true;
    yield* takeNewlines(source);
    sink.delimiter(source.settle());
  }
  return isThere;
}
