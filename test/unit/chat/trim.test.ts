import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keepNewestTurns, keptMessages, promptRoom } from "../../../lib/chat/trim.js";
import type { ChatMessage } from "../../../lib/prompt/input.js";

/** Messages by the first letters of their roles, each of so many tokens: "s10 u5 a20". */
function chat(text: string): ChatMessage[] {
  const roles: Record<string, string> = { s: "system", d: "developer", u: "user", a: "assistant", t: "tool" };
  return text.split(" ").map((word) => ({ role: roles[word[0] ?? ""] ?? "", content: word.slice(1) }));
}

const tokensOf = (messages: readonly ChatMessage[]): number =>
  messages.reduce((sum, { content }) => sum + Number(content), 0);
const countTokens = async (messages: readonly ChatMessage[]): Promise<number> => tokensOf(messages);

/** What is left of a chat whose last message is new. */
async function kept(text: string, promptTokens: number, { keptFrom = 0, added = 1 } = {}): Promise<string> {
  const messages = chat(text);
  const context = { messages, firstNew: messages.length - added, promptTokens, countTokens };
  const from = await keepNewestTurns(context, keptFrom);
  return keptMessages(messages, from)
    .map(({ role, content }) => `${role[0]}${content}`)
    .join(" ");
}

describe("keepNewestTurns", () => {
  it("leaves a history alone that fits", async () => {
    expect(await kept("s10 u20 a20 u50", 100)).toBe("s10 u20 a20 u50");
  });

  it("leaves out whole turns, the oldest first, until half of the room is free", async () => {
    expect(await kept("s1 u10 a10 u10 a10 u10 a10 u10 a10 u30", 110)).toBe("s1 u10 a10 u30");
    expect(await kept("u10 a10 u10 a10 u10 a10 u10 a10 u30", 109)).toBe("u10 a10 u30");
  });

  it("begins where the turn before began, as long as that fits", async () => {
    expect(await kept("s1 u10 a10 u10 a10 u10 a10 u10", 100, { keptFrom: 3 })).toBe("s1 u10 a10 u10 a10 u10");
    expect(await kept("s1 u10 a10 u10 a10 u10 a10 u10", 40, { keptFrom: 3 })).toBe("s1 u10");
  });

  it("never parts the results of tools from their call", async () => {
    expect(await kept("u10 a5 t5 t5 a10 u10 a5 t30", 60)).toBe("u10 a5 t30");
    expect(await kept("u10 a5 t5 t5 a10 u10 a5 t30 t30", 60, { added: 2 })).toBe("u10 a5 t30 t30");
  });

  it("keeps system messages only at the beginning", async () => {
    expect(await kept("s5 d5 u50 s10 a50 u10", 100)).toBe("s5 d5 u10");
  });

  it("keeps what is new however long it is, and all of it", async () => {
    expect(await kept("s5 u10 a10 u500", 100)).toBe("s5 u500");
    expect(await kept("s5 u10 a10 u500 u500", 100, { added: 2 })).toBe("s5 u500 u500");
    expect(await kept("u500", 100)).toBe("u500");
    expect(await kept("s500", 100)).toBe("s500");
  });

  it("drops a greeting with the first turn that goes", async () => {
    expect(await kept("s1 a50 u10 a10 u40", 100)).toBe("s1 u40");
    expect(await kept("s1 a50 u10 a10 u20", 100)).toBe("s1 a50 u10 a10 u20");
  });

  it("keeps a beginning of the history that is on a saved chat's odd place", async () => {
    expect(await kept("s1 u10 a10 u10", 100, { keptFrom: 2 })).toBe("s1 u10");
    expect(await kept("s1 u10 a10 u10", 100, { keptFrom: 4 })).toBe("s1 u10");
  });

  it("keeps a suffix of whole turns that fits wherever one does, and drops no more than it has to", async () => {
    const size = fc.integer({ min: 1, max: 50 });
    const turn = fc.tuple(size, fc.array(size, { maxLength: 3 }), size);
    await fc.assert(
      fc.asyncProperty(
        fc.array(turn, { maxLength: 12 }),
        size,
        fc.integer({ min: 1, max: 400 }),
        async (turns, last, room) => {
          const old = turns.map(([user, tools, answer]) =>
            [`u${user}`, ...tools.flatMap((tokens) => ["a1", `t${tokens}`]), `a${answer}`].join(" "),
          );
          const whole = ["s3", ...old, `u${last}`].join(" ");
          const left = await kept(whole, room);
          const starts = [...old.keys(), old.length].map((from) =>
            ["s3", ...old.slice(from), `u${last}`].join(" "),
          );
          const fitting = (tokens: number) => starts.find((text) => tokensOf(chat(text)) <= tokens);
          const expected = fitting(room) === whole ? whole : (fitting(room / 2) ?? starts.at(-1));
          expect(left).toBe(expected);
        },
      ),
    );
  });

  it("asks for few counts of a long history", async () => {
    const messages = chat(Array.from({ length: 500 }, () => "u10 a10").join(" "));
    let counts = 0;
    const counting = async (some: readonly ChatMessage[]): Promise<number> => {
      counts++;
      return tokensOf(some);
    };
    const context = { messages, firstNew: messages.length - 2, promptTokens: 400, countTokens: counting };
    expect(messages.length - (await keepNewestTurns(context, 0))).toBe(20);
    expect(counts).toBeLessThan(12);
  });
});

describe("promptRoom", () => {
  it("is what the answer leaves, which takes half of the context at most", () => {
    expect(promptRoom(8000, 500)).toBe(7500);
    expect(promptRoom(8000, 6000)).toBe(4000);
  });

  it("leaves a quarter of the context where nobody says how long the answer may be", () => {
    expect(promptRoom(8000, null)).toBe(6000);
  });
});
