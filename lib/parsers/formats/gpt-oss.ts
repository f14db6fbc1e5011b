import { CallDraft } from "../call-draft.js";
import { isSpace } from "../characters.js";
import { readArguments } from "../json-calls.js";
import { DelimiterSet } from "../delimiter-set.js";
import type { PartSink } from "../part-sink.js";
import {
  isAtDelimiter,
  peek,
  takeDelimiter,
  takeNewlines,
  takeUntilDelimiter,
  takeWhile,
  takeWhitespace,
  type Reading,
} from "../reading.js";
import type { Source } from "../source.js";
import { dropJoined, TextTail } from "../text-tail.js";
import type { ToolContext } from "../tool-machine.js";

const START = "<|start|>";
const CHANNEL = "<|channel|>";
const CONSTRAIN = "<|constrain|>";
const MESSAGE = "<|message|>";
const MESSAGE_ENDS = ["<|end|>", "<|return|>", "<|call|>"];
const RECIPIENT = "to=";

/** What a header, or the rest of one that the prompt began, may begin with. */
const BEGINNINGS = [START, CHANNEL, CONSTRAIN, MESSAGE, RECIPIENT];
const FIRST = new DelimiterSet(BEGINNINGS);
const ALL = [START, CHANNEL, CONSTRAIN, MESSAGE, ...MESSAGE_ENDS];
const IN_HEADER = new DelimiterSet(ALL);
const MESSAGE_DELIMITER = new DelimiterSet([MESSAGE]);
const AT_END = new DelimiterSet(MESSAGE_ENDS);
/** What may end a call that is none. */
const BEHIND_CALL = new DelimiterSet([START, CHANNEL, ...MESSAGE_ENDS]);

const BRACE = 0x7b;
const BRACE_END = 0x7d;
const BRACKET_END = 0x5d;
const QUOTE = 0x22;
const LESS_THAN = 0x3c;

/** What to make of harmony's messages. */
export interface HarmonyContext extends ToolContext {
  /** Whether messages to a tool are calls; else they are text as they stand. */
  readonly hasTools: boolean;
  /** Whether the analysis channel is reasoning; else it is text. */
  readonly hasReasoning: boolean;
}

/** What a header says of the message that follows. */
interface Header {
  channel: string | null;
  recipient: string | null;
  /** Whether a message follows. */
  isWhole: boolean;
  /** Where on the record words begin that are no header's and may be what the model meant to say; -1: nowhere. */
  textAt: number;
}

/**
 * Reads harmony, the format of gpt-oss: messages with a header each.
 *
 *     <|channel|>analysis<|message|>They ask for the weather.<|end|><|start|>assistant<|channel|>commentary
 *      to=functions.get_weather <|constrain|>json<|message|>{"city": "Paris"}<|call|>
 *
 * The prompt ends in the middle of the first header. `analysis` is reasoning; `final`, and `commentary` to nobody, are the
 * answer. A message to a recipient is a call with the message as arguments; the recipient stands with the role or with
 * the channel, and `functions.` before it is left off. Headers may be doubled and have words that harmony does not have:
 * the last channel counts, and the first recipient. A header without a message says nothing, unless it has words in
 * place of a channel, which are text. So is what stands between messages.
 *
 * Source: docs/format.md in github.com/openai/harmony.
 */
export function* readHarmony(source: Source, into: PartSink, context: HarmonyContext): Reading<void> {
  const sink = new TextTail(into, ALL);
  const ignored = context.ignored.filter((delimiter) => !BEGINNINGS.includes(delimiter));
  const draft = new CallDraft(source, sink, context.tools, {
    open: [START, CHANNEL],
    close: MESSAGE_ENDS,
    ignored,
  });
  const delimiters = new DelimiterSet([...ALL, ...ignored]);
  let isReasoning = false;
  const pass = () => (isReasoning ? sink.reasoning(source.settle()) : sink.text(source.settle()));

  yield* takeWhitespace(source);
  let delimiter = yield* takeDelimiter(source, FIRST);
  if (delimiter === RECIPIENT) source.putBack(RECIPIENT.length);
  if (delimiter === null) pass();
  for (let isFirst = true; ; isFirst = false) {
    if (
      delimiter !== null &&
      (delimiter === START || delimiter === CHANNEL || (isFirst && BEGINNINGS.includes(delimiter)))
    ) {
      const header = yield* readHeader(source, delimiter);
      const { recipient } = header;
      isReasoning =
        header.isWhole && context.hasReasoning && header.channel === "analysis" && recipient === null;
      if (!header.isWhole) {
        dropHeader(source, sink, header);
      } else if (recipient === null) {
        sink.newMessage();
        sink.delimiter(source.settle());
      } else if (!context.hasTools) {
        draft.giveUp(delimiters);
      } else if (yield* readCall(source, draft, recipient)) {
        // Brackets too many among it.
        yield* takeWhile(source, (code) => isSpace(code) || code === BRACE_END || code === BRACKET_END);
        draft.settleEnd();
      } else {
        yield* readInvalid(source, draft);
      }
    } else if (delimiter !== null) {
      if (MESSAGE_ENDS.includes(delimiter)) {
        yield* takeNewlines(source);
        isReasoning = false;
      }
      sink.delimiter(source.settle());
    }
    if (context.hasTools) yield* dropJoined(source, sink);
    delimiter = yield* takeUntilDelimiter(source, delimiters, pass);
    if (delimiter === null) return;
  }
}

/** All that harmony consists of. */
export function harmonyDelimiters(): string[] {
  return ALL;
}

/** Reads a header behind its first delimiter up to the message, and its delimiter. */
function* readHeader(source: Source, first: string): Reading<Header> {
  const header: Header = { channel: null, recipient: null, isWhole: first === MESSAGE, textAt: -1 };
  let section = first;
  while (!header.isWhole) {
    yield* takeWhitespace(source);
    const delimiter = yield* takeDelimiter(source, IN_HEADER);
    if (delimiter === MESSAGE) header.isWhole = true;
    else if (delimiter !== null && MESSAGE_ENDS.includes(delimiter)) {
      source.putBack(delimiter.length);
      return header;
    } else if (delimiter !== null) {
      if (delimiter === START) header.recipient = null;
      header.textAt = -1;
      section = delimiter;
    } else if (source.isOver) {
      return header;
    } else if (header.recipient !== null && (yield* peek(source)) === BRACE) {
      // The delimiter of the message is missing.
      header.isWhole = true;
    } else {
      yield* readWord(source, header, section);
    }
  }
  if (header.channel === "final") header.recipient = null;
  return header;
}

/** Reads a word of a header and puts it where it belongs. */
function* readWord(source: Source, header: Header, section: string): Reading<void> {
  const at = source.recordLength;
  const word = yield* takeWhile(
    source,
    (code) => code !== LESS_THAN && code !== BRACE && !isSpace(code),
    256,
  );
  if (word === "") source.take(1);
  if (word.startsWith(RECIPIENT)) {
    const [name = ""] = /[\w.-]+/.exec(word.slice(RECIPIENT.length).replace(/^functions?[.:]/, "")) ?? [];
    if (name !== "" && name !== "assistant" && name !== "user") header.recipient ??= name;
    return;
  }
  if (section !== CHANNEL) return;
  const [channel] = /analysis|commentary|final/.exec(word) ?? [];
  if (channel !== undefined) header.channel = channel;
  else if (header.channel === null && header.textAt < 0) header.textAt = at;
}

/** What stands on record is a header without a message. Its words are read again, as text. */
function dropHeader(source: Source, sink: PartSink, { channel, recipient, textAt }: Header): void {
  if (channel === null && recipient === null && textAt >= 0) {
    source.restart();
    source.take(textAt);
  }
  sink.delimiter(source.settle());
}

/** Reads a message to a tool. One that is empty calls it without arguments. */
function* readCall(source: Source, draft: CallDraft, name: string): Reading<boolean> {
  do yield* takeWhitespace(source);
  while ((yield* takeDelimiter(source, MESSAGE_DELIMITER)) !== null);
  const next = yield* peek(source);
  if (next === BRACE || next === QUOTE) {
    if (!(yield* readArguments(source, draft, name))) return false;
  } else {
    draft.begin(name);
    if (!(yield* isAtDelimiter(source, AT_END))) return false;
    draft.add("{}");
  }
  draft.complete();
  return true;
}

/** What is no call any more, up to the end of the message. */
function* readInvalid(source: Source, draft: CallDraft): Reading<void> {
  const isAtEnd = source.isOver && !draft.stops.isPassed;
  source.putBack(BEHIND_CALL.openEnd(source.recordEnd()));
  const delimiter = draft.stops.isPassed ? null : yield* takeUntilDelimiter(source, BEHIND_CALL, () => {});
  if (delimiter !== null && !MESSAGE_ENDS.includes(delimiter)) source.putBack(delimiter.length);
  draft.fail(isAtEnd ? "cut-off" : "malformed");
}
