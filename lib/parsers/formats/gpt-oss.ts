import { CallDraft } from "../call-draft.js";
import { isWhitespace } from "../characters.js";
import { readJson } from "../json-calls.js";
import { MarkSet } from "../mark-set.js";
import type { PartSink } from "../part-sink.js";
import {
  peek,
  takeMark,
  takeNewlines,
  takeUntilMark,
  takeWhile,
  takeWhitespace,
  type Reading,
} from "../reading.js";
import type { Source } from "../source.js";
import type { ToolContext } from "../tool-machine.js";

const START = "<|start|>";
const CHANNEL = "<|channel|>";
const CONSTRAIN = "<|constrain|>";
const MESSAGE = "<|message|>";
const MESSAGE_ENDS = ["<|end|>", "<|return|>", "<|call|>"];
const RECIPIENT = "to=";

/** What a header, or the rest of one that the prompt began, may begin with. */
const BEGINNINGS = [START, CHANNEL, CONSTRAIN, MESSAGE, RECIPIENT];
const FIRST = new MarkSet(BEGINNINGS);
const IN_HEADER = new MarkSet([CHANNEL, CONSTRAIN, MESSAGE]);
const AT_END = new MarkSet(MESSAGE_ENDS);

const CHANNELS = new Set(["analysis", "commentary", "final"]);
const CONTENT_TYPES = new Set(["json", "code", "text"]);
const BRACE = 0x7b;
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
}

/**
 * Reads harmony, the format of gpt-oss: messages with a header each.
 *
 *     <|channel|>analysis<|message|>They ask for the weather.<|end|><|start|>assistant<|channel|>commentary
 *      to=functions.get_weather <|constrain|>json<|message|>{"city": "Paris"}<|call|>
 *
 * The prompt ends in the middle of the first header. `analysis` is reasoning; `final`, and `commentary` to nobody, are the
 * answer. A message to a recipient is a call with the message as arguments; the recipient stands with the role or with
 * the channel, and `functions.` before it is left off. A header with words that harmony does not have, a call without
 * JSON, and what stands between messages are text as they stand.
 *
 * Source: docs/format.md in github.com/openai/harmony.
 */
export function* readHarmony(source: Source, sink: PartSink, context: HarmonyContext): Reading<void> {
  const draft = new CallDraft(source, sink, context.tools);
  const ignored = context.ignored.filter((mark) => !BEGINNINGS.includes(mark));
  const marks = new MarkSet([START, CHANNEL, ...MESSAGE_ENDS, ...ignored]);
  let isReasoning = false;
  const pass = () => (isReasoning ? sink.reasoning(source.settle()) : sink.text(source.settle()));

  yield* takeWhitespace(source);
  let mark = yield* takeMark(source, FIRST);
  if (mark === RECIPIENT) source.putBack(RECIPIENT.length);
  if (mark === null) pass();
  for (;;) {
    if (mark !== null && BEGINNINGS.includes(mark)) {
      const header = mark === MESSAGE ? NO_HEADER : yield* readHeader(source, mark);
      isReasoning = context.hasReasoning && header?.channel === "analysis" && header.recipient === null;
      if (header?.recipient === null) {
        sink.newMessage();
        sink.mark(source.settle());
      } else if (
        header === null ||
        !context.hasTools ||
        !(yield* readCall(source, draft, header.recipient))
      ) {
        draft.giveUp(marks);
      }
    } else if (mark !== null) {
      if (MESSAGE_ENDS.includes(mark)) {
        yield* takeNewlines(source);
        isReasoning = false;
      }
      sink.mark(source.settle());
    }
    mark = yield* takeUntilMark(source, marks, pass);
    if (mark === null) return;
  }
}

/** All that harmony consists of. */
export function harmonyMarks(): string[] {
  return [START, CHANNEL, CONSTRAIN, MESSAGE, ...MESSAGE_ENDS];
}

const NO_HEADER: Header = { channel: null, recipient: null };

/** Reads a header behind its first mark up to the message; null where it is malformed. */
function* readHeader(source: Source, first: string): Reading<Header | null> {
  const header: Header = { channel: null, recipient: null };
  let section = first;
  for (;;) {
    yield* takeWhitespace(source);
    const mark = yield* takeMark(source, IN_HEADER);
    if (mark === MESSAGE) return header.channel === "final" ? { ...header, recipient: null } : header;
    if (mark !== null) section = mark;
    else {
      const word = yield* takeWhile(source, (code) => code !== LESS_THAN && !isWhitespace(code), 256);
      if (!takeWord(header, section, word)) return null;
    }
  }
}

/** Puts a word of a header where it belongs; false where it belongs nowhere. */
function takeWord(header: Header, section: string, word: string): boolean {
  if (word.startsWith(RECIPIENT)) {
    const name = word.slice(RECIPIENT.length).replace(/^functions\./, "");
    if (name !== "assistant" && name !== "user") header.recipient ??= name;
    return name !== "";
  }
  if (section === CHANNEL && CHANNELS.has(word)) {
    header.channel ??= word;
    return true;
  }
  const isRole = section === START || section === RECIPIENT;
  return isRole ? word === "assistant" : CONTENT_TYPES.has(word);
}

/** Reads a message to a tool. One that is empty calls it without arguments. */
function* readCall(source: Source, draft: CallDraft, name: string): Reading<boolean> {
  yield* takeWhitespace(source);
  if ((yield* peek(source)) === BRACE) {
    draft.begin(name);
    if (!(yield* readJson(source, (text) => draft.add(text)))) return false;
  } else {
    const end = yield* takeMark(source, AT_END);
    if (end === null) return false;
    source.putBack(end.length);
    draft.begin(name);
    draft.add("{}");
  }
  draft.complete();
  yield* takeWhitespace(source);
  draft.settleEnd();
  return true;
}
