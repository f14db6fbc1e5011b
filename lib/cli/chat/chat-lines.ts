/** What `chat` prints beside answers, and which lines are commands. Pure. */
import type { ChatResult } from "../../chat/chat-options.js";
import { formatCount, formatMs, formatTable } from "../terminal/format.js";
import { answerRows, cutNote } from "../generate/stats.js";

/** What can be typed in place of a message. */
export type ChatCommand = "help" | "reset" | "stats" | "exit";

const COMMANDS: Readonly<Record<string, ChatCommand>> = {
  help: "help",
  "?": "help",
  reset: "reset",
  stats: "stats",
  exit: "exit",
  quit: "exit",
  bye: "exit",
};

/** The command that a line is; null for one that does not exist, undefined for a message: a path is one too. */
export function commandOf(line: string): ChatCommand | null | undefined {
  const name = /^\/([a-z]+|\?)\s*$/i.exec(line)?.[1]?.toLowerCase();
  if (name === undefined) return undefined;
  return (Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined) ?? null;
}

/** What `/help` says. */
export const HELP: readonly string[] = [
  ...formatTable([
    ["/reset", "forget the conversation, keep the system message"],
    ["/stats", "how fast the last answer was, and how full the context is"],
    ["/help", "this"],
    ["/exit", "leave; so does Ctrl-D, and Ctrl-C where no answer runs"],
    ["Ctrl-C", "stop the answer and keep what there is of it; once more: leave at once"],
    ['"""', "begins and ends a message of several lines"],
  ]),
];

/** What `/stats` says of the last turn. */
export function turnStats(result: ChatResult, contextLength: number | null): string[] {
  const { promptTokens, completionTokens } = result.usage;
  const used = (promptTokens + completionTokens).toLocaleString("en-US");
  const context =
    contextLength === null
      ? formatCount(promptTokens + completionTokens, "token")
      : `${used} of ${formatCount(contextLength, "token")}`;
  return formatTable([
    ...answerRows(result),
    ["Before it", `${formatMs(result.prepareMs)} to count the prompt`],
    ["Context", `${context}${leftOut(result)}`],
  ]);
}

/** What a person should know of a turn without asking; null where there is nothing. */
export function turnNote(
  result: ChatResult,
  before: ChatResult | undefined,
  maxNewTokens: number,
): string | null {
  const cut = cutNote(result, maxNewTokens);
  if (cut !== null) return cut;
  if (result.leftOutMessages > (before?.leftOutMessages ?? 0)) {
    return `(The context is full: the model is not sent the oldest ${formatCount(result.leftOutMessages, "message")} any more.)`;
  }
  return null;
}

function leftOut({ leftOutMessages }: ChatResult): string {
  return leftOutMessages === 0 ? "" : `, without the oldest ${formatCount(leftOutMessages, "message")}`;
}
