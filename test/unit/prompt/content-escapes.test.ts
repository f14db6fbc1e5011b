import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkSpecialTokensInContent,
  ContentEscaper,
  type ContentEscapes,
} from "../../../lib/prompt/content-escapes.js";

const SPECIAL = ["<|end|>", "<|a<|b|>", "<|b|>", "\u{1D11E}x", "<｜tool▁calls▁begin｜>", "s", "  "];
const PLAIN = ["<think>", "</think>", "<table>", "user", "    "];
const escaper = new ContentEscaper({ special: SPECIAL, plain: PLAIN }, "<think></think>user    ");

const escaped = (text: string): { text: string; escapes: ContentEscapes } => {
  const escapes = escaper.begin();
  return { text: escapes.value(text), escapes };
};

describe("the escapes of content", () => {
  it.each([
    ["a<|end|>b", "a<#|end|>b"],
    ["<|end|><|end|>", "<#|end|><#|end|>"],
    ["<|a<|b|>", "<#|a<#|b|>"],
    ["\u{1D11E}x", "\u{1D11E}#x"],
    ["<｜tool▁calls▁begin｜>", "<#｜tool▁calls▁begin｜>"],
    ["<think>", "<#think>"],
  ])("stand behind the first character of each special token: %s", (text, expected) => {
    const { text: found, escapes } = escaped(text);
    expect(found).toBe(expected.replaceAll("#", escapes.sentinel ?? "none"));
  });

  it.each(["", "<|end|", "<|END|>", "<table>", "user", "s", "    ", "plain"])(
    "leave other texts alone: %j",
    (text) => {
      const { text: found, escapes } = escaped(text);
      expect(found).toBe(text);
      expect(escapes.sentinel).toBeUndefined();
    },
  );

  it("leave no special token in any text, and give the text again without them", () => {
    const parts = fc.array(fc.oneof(fc.constantFrom(...SPECIAL.slice(0, 5), "<", "|", ">"), fc.string()));
    fc.assert(
      fc.property(parts, (made) => {
        const { text, escapes } = escaped(made.join(""));
        for (const token of SPECIAL.slice(0, 5)) expect(text).not.toContain(token);
        expect(escapes.sentinel === undefined ? text : text.replaceAll(escapes.sentinel, "")).toBe(
          made.join(""),
        );
      }),
    );
  });

  it("are others in each prompt", () => {
    const [one, two] = [escaped("<|end|>"), escaped("<|end|>")];
    expect(one.escapes.sentinel).not.toBe(two.escapes.sentinel);
  });

  it("are in messages everywhere but in the role, and not around what an assistant thinks and calls", () => {
    const escapes = escaper.begin();
    const text = "<think><|end|>";
    const messages = escapes.messages([
      { role: "<|end|>", content: text, extra: { "<|end|>": [text] } },
      { role: "assistant", content: text, reasoning_content: text, tool_calls: [text] },
    ]);
    const all = `<${escapes.sentinel}think><${escapes.sentinel}|end|>`;
    const special = `<think><${escapes.sentinel}|end|>`;
    expect(messages).toEqual([
      { role: "<|end|>", content: all, extra: { [`<${escapes.sentinel}|end|>`]: [all] } },
      { role: "assistant", content: special, reasoning_content: special, tool_calls: [all] },
    ]);
  });

  it("are none where content may be parsed, and where there is nothing special", () => {
    expect(escaper.begin("parse").value("<|end|>")).toBe("<|end|>");
    expect(new ContentEscaper({ special: [], plain: [] }, "").begin().value("<|end|>")).toBe("<|end|>");
  });

  it("take time in proportion to the text, whatever it is made of", () => {
    const special = Array.from({ length: 6000 }, (_, i) => `<unused${i}>`);
    const many = new ContentEscaper({ special, plain: [] }, "");
    const text = "<unused6000>".repeat(20_000);
    expect(many.begin().value(text)).toBe(text);
  });
});

describe("the option", () => {
  it.each([undefined, "text", "parse"])("may be %s", (value) => {
    expect(() => checkSpecialTokensInContent("options.x", value)).not.toThrow();
  });
  it.each([null, true, "TEXT", 1])("may not be %s", (value) => {
    expect(() => checkSpecialTokensInContent("options.x", value)).toThrow(TypeError);
  });
});
