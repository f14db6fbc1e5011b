import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkSpecialTokensInContent,
  ContentMarker,
  type ContentMarks,
} from "../../../lib/prompt/content-marks.js";

const SPECIAL = ["<|end|>", "<|a<|b|>", "<|b|>", "\u{1D11E}x", "<｜tool▁calls▁begin｜>", "s", "  "];
const PLAIN = ["<think>", "</think>", "<table>", "user", "    "];
const marker = new ContentMarker({ special: SPECIAL, plain: PLAIN }, "<think></think>user    ");

const marked = (text: string): { text: string; marks: ContentMarks } => {
  const marks = marker.begin();
  return { text: marks.value(text), marks };
};

describe("the marks of content", () => {
  it.each([
    ["a<|end|>b", "a<#|end|>b"],
    ["<|end|><|end|>", "<#|end|><#|end|>"],
    ["<|a<|b|>", "<#|a<#|b|>"],
    ["\u{1D11E}x", "\u{1D11E}#x"],
    ["<｜tool▁calls▁begin｜>", "<#｜tool▁calls▁begin｜>"],
    ["<think>", "<#think>"],
  ])("stand behind the first character of each special token: %s", (text, expected) => {
    const { text: found, marks } = marked(text);
    expect(found).toBe(expected.replaceAll("#", marks.mark ?? "none"));
  });

  it.each(["", "<|end|", "<|END|>", "<table>", "user", "s", "    ", "plain"])(
    "leave other texts alone: %j",
    (text) => {
      const { text: found, marks } = marked(text);
      expect(found).toBe(text);
      expect(marks.mark).toBeUndefined();
    },
  );

  it("leave no special token in any text, and give the text again without them", () => {
    const parts = fc.array(fc.oneof(fc.constantFrom(...SPECIAL.slice(0, 5), "<", "|", ">"), fc.string()));
    fc.assert(
      fc.property(parts, (made) => {
        const { text, marks } = marked(made.join(""));
        for (const token of SPECIAL.slice(0, 5)) expect(text).not.toContain(token);
        expect(marks.mark === undefined ? text : text.replaceAll(marks.mark, "")).toBe(made.join(""));
      }),
    );
  });

  it("are others in each prompt", () => {
    const [one, two] = [marked("<|end|>"), marked("<|end|>")];
    expect(one.marks.mark).not.toBe(two.marks.mark);
  });

  it("are in messages everywhere but in the role, and not around what an assistant thinks and calls", () => {
    const marks = marker.begin();
    const text = "<think><|end|>";
    const messages = marks.messages([
      { role: "<|end|>", content: text, extra: { "<|end|>": [text] } },
      { role: "assistant", content: text, reasoning_content: text, tool_calls: [text] },
    ]);
    const all = `<${marks.mark}think><${marks.mark}|end|>`;
    const special = `<think><${marks.mark}|end|>`;
    expect(messages).toEqual([
      { role: "<|end|>", content: all, extra: { [`<${marks.mark}|end|>`]: [all] } },
      { role: "assistant", content: special, reasoning_content: special, tool_calls: [all] },
    ]);
  });

  it("are none where content may be parsed, and where there is nothing special", () => {
    expect(marker.begin("parse").value("<|end|>")).toBe("<|end|>");
    expect(new ContentMarker({ special: [], plain: [] }, "").begin().value("<|end|>")).toBe("<|end|>");
  });

  it("take time in proportion to the text, whatever it is made of", () => {
    const special = Array.from({ length: 6000 }, (_, i) => `<unused${i}>`);
    const many = new ContentMarker({ special, plain: [] }, "");
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
