import { describe, expect, test } from "vitest";
import type { ChatResult } from "../../../../lib/chat/chat-options.js";
import { commandOf, HELP, turnNote, turnStats } from "../../../../lib/cli/chat/chat-lines.js";
import { computeTiming } from "../../../../lib/generation/timing.js";

const RESULT: ChatResult = {
  text: "abc",
  tokenIds: [1, 2, 3],
  finishReason: "stop",
  stopReason: null,
  usage: { promptTokens: 1200, completionTokens: 3 },
  timing: computeTiming({
    submitMs: 0,
    takenMs: 1,
    steps: [100, 110, 130].map((ms) => ({ producedMs: ms, deliveredMs: ms, tokens: 1 })),
    native: null,
  }),
  messages: [],
  steps: [],
  leftOutMessages: 0,
  prepareMs: 4.5,
};

describe("commandOf", () => {
  test.each([
    ["/reset", "reset"],
    ["/Stats ", "stats"],
    ["/?", "help"],
    ["/bye", "exit"],
    ["/nothing", null],
    ["/constructor", null],
  ])("knows %s", (line, command) => {
    expect(commandOf(line)).toBe(command);
  });

  test.each(["Hello", " /reset", "/reset it", "/usr/bin", "/", ""])("takes %j for a message", (line) => {
    expect(commandOf(line)).toBeUndefined();
  });

  test("knows all that the help lists", () => {
    const listed = HELP.flatMap((line) => /^ +(\/\w+)/.exec(line)?.[1] ?? []);
    expect(listed).toEqual(["/reset", "/stats", "/help", "/exit"]);
    for (const line of listed) expect(commandOf(line)).toEqual(expect.any(String));
  });
});

test("turnStats() says how fast the turn was and how full the context is", () => {
  expect(turnStats(RESULT, 8192)).toEqual([
    "  Answer                        3 tokens, ended by the model (stop)",
    "  Time to first token (TTFT)    100 ms",
    "  Time per output token (TPOT)  15.0 ms",
    "  Inter-token latency (ITL)     p50 15.0 ms, p90 19.0 ms",
    "  Tokens per second             23.1 of the whole answer",
    "                                66.7 after the first token",
    "  Before it                     4.50 ms to count the prompt",
    "  Context                       1,203 of 8,192 tokens",
  ]);
  expect(turnStats({ ...RESULT, leftOutMessages: 1 }, null).at(-1)).toBe(
    "  Context                       1,203 tokens, without the oldest 1 message",
  );
});

describe("turnNote", () => {
  test("says that an answer was cut, and by what", () => {
    const cut: ChatResult = { ...RESULT, finishReason: "length" };
    expect(turnNote(cut, undefined, 3)).toMatch(/cut at 3 tokens.*--max-new-tokens/);
    expect(turnNote(cut, undefined, 512)).toContain("context is full");
  });

  test("says once that messages are left out", () => {
    const full = { ...RESULT, leftOutMessages: 4 };
    expect(turnNote(full, RESULT, 512)).toContain("oldest 4 messages");
    expect(turnNote(full, full, 512)).toBeNull();
    expect(turnNote(RESULT, undefined, 512)).toBeNull();
  });
});
