import type { AnswerPart as EnginePart, TokenChunk } from "openvino-llm";
import { expect, it } from "vitest";
import { AnswerParts } from "../../lib/answer/answer-parts.js";
import { contentOf } from "../../lib/answer/content.js";

const chunk = (...parts: EnginePart[]): TokenChunk => ({
  text: parts.map((part) => (part.type === "text" ? part.text : "")).join(""),
  tokenIds: [1],
  index: 0,
  producedMs: 0,
  deliveredMs: 0,
  latencyMs: 0,
  parts,
});
const begin = { type: "tool-call-begin", id: "c", index: 0, name: "f" } as const;
const delta = { type: "tool-call-delta", id: "c", index: 0, argumentsText: "{}" } as const;
const invalid = (reason: "malformed" | "cut-off", name = "f") =>
  ({ type: "tool-call-invalid", id: "c", index: 0, name, reason, text: '{"x"' }) as const;

function read(...chunks: TokenChunk[]) {
  const parts = new AnswerParts();
  const made = [...chunks.flatMap((one) => parts.take(one)), ...parts.end()];
  return { made, content: contentOf(made), hasCalls: parts.hasCalls };
}

it("texts and thoughts are begun and ended, each once", () => {
  const { made, content } = read(
    chunk({ type: "reasoning", text: "r" }),
    chunk(),
    chunk({ type: "reasoning", text: "s" }, { type: "text", text: "a" }),
    { ...chunk(), text: "b" },
  );
  expect(made).toEqual([
    { type: "reasoning-start", id: "0" },
    { type: "reasoning-delta", id: "0", delta: "r" },
    { type: "reasoning-delta", id: "0", delta: "s" },
    { type: "reasoning-end", id: "0" },
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: "a" },
    { type: "text-end", id: "1" },
  ]);
  expect(content).toEqual([
    { type: "reasoning", text: "rs" },
    { type: "text", text: "a" },
  ]);
});

it("where nothing looks for parts the text is one", () => {
  const { parts: _, ...plain } = chunk();
  expect(read({ ...plain, text: "a" }, { ...plain, text: "" }, { ...plain, text: "b" }).content).toEqual([
    { type: "text", text: "ab" },
  ]);
});

it("a call has the pieces of its input, and the whole", () => {
  const whole = {
    type: "tool-call",
    id: "c",
    index: 0,
    name: "f",
    argumentsText: "{}",
    arguments: {},
  } as const;
  const { made, content, hasCalls } = read(
    chunk(begin),
    chunk(delta, whole),
    chunk({ type: "text", text: "a" }),
  );
  expect(made.slice(0, 4)).toEqual([
    { type: "tool-input-start", id: "c", toolName: "f" },
    { type: "tool-input-delta", id: "c", delta: "{}" },
    { type: "tool-input-end", id: "c" },
    { type: "tool-call", toolCallId: "c", toolName: "f", input: "{}" },
  ]);
  expect(content).toEqual([made[3], { type: "text", text: "a" }]);
  expect(hasCalls).toBe(true);
});

it("a malformed call is one that nobody can execute, a cut off one is none, and one without a name is text", () => {
  const malformed = read(chunk(begin, delta, invalid("malformed")));
  const [called] = malformed.content;
  expect(called).toMatchObject({ type: "tool-call", toolName: "f" });
  expect(() => JSON.parse((called as { input: string }).input) as unknown).toThrow(SyntaxError);
  expect(malformed.hasCalls).toBe(true);

  const cutOff = read(chunk(begin, delta, invalid("cut-off")));
  expect(cutOff.made.at(-1)).toEqual({ type: "tool-input-end", id: "c" });
  expect(cutOff).toMatchObject({ content: [], hasCalls: false });

  expect(read(chunk(invalid("malformed", "")))).toMatchObject({
    content: [{ type: "text", text: '{"x"' }],
    hasCalls: false,
  });
});
