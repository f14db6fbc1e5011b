import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ContentEscaper } from "../../../lib/prompt/content-escapes.js";
import {
  normalizeInput,
  type ChatPrompt,
  type InputContext,
  type Prompt,
} from "../../../lib/prompt/input.js";

const withTemplate: InputContext = {
  template: { place: "variable", hasToolRole: true },
  escaper: new ContentEscaper({ special: ["<|end|>"], plain: [] }, ""),
  applyChatTemplate: undefined,
  vocabSize: 100,
};
const withoutTemplate: InputContext = { ...withTemplate, template: null };
const raw: InputContext = { ...withTemplate, applyChatTemplate: false };

function chatOf(input: Prompt): ChatPrompt {
  if (input.kind !== "chat") throw new Error(`Not a chat: ${input.kind}`);
  return input;
}

function messagesOf(input: Prompt): unknown {
  return chatOf(input).chat.messages;
}

describe("a string", () => {
  it("becomes one user message where the model has a chat template", () => {
    expect(messagesOf(normalizeInput('Say "hi"\n🙂', withTemplate))).toEqual([
      { role: "user", content: 'Say "hi"\n🙂' },
    ]);
  });

  it("is raw text without a template, or with applyChatTemplate: false", () => {
    expect(normalizeInput("hi", withoutTemplate)).toEqual({ kind: "text", text: "hi" });
    expect(normalizeInput("hi", raw)).toEqual({ kind: "text", text: "hi" });
  });

  it("may be empty with a template, and not without", () => {
    expect(messagesOf(normalizeInput("", withTemplate))).toEqual([{ role: "user", content: "" }]);
    expect(() => normalizeInput("", raw)).toThrow(RangeError);
    expect(() => normalizeInput("", withoutTemplate)).toThrow("for input but received");
  });

  it("is refused when a template is asked for and the model has none", () => {
    expect(() => normalizeInput("hi", { ...withoutTemplate, applyChatTemplate: true })).toThrowError(
      expect.objectContaining({ code: "ERR_NO_CHAT_TEMPLATE" }),
    );
  });

  it.each(["\ud800", "a\udc00b", "\udc00\ud800"])("is refused with a lone surrogate: %j", (text) => {
    expect(() => normalizeInput(text, withTemplate)).toThrow(TypeError);
    expect(() => normalizeInput(text, raw)).toThrow("without lone surrogates for input");
  });
});

describe("chat messages", () => {
  it("reach the template with every field", () => {
    const messages = [
      { role: "system", content: "Be brief." },
      {
        role: "assistant",
        content: "",
        tool_calls: [{ id: "1", function: { name: "f", arguments: { x: [1.5, null, true] } } }],
      },
      { role: "tool", content: "42", tool_call_id: "1", name: "f" },
    ];
    expect(messagesOf(normalizeInput(messages, withTemplate))).toEqual(messages);
  });

  const calls = [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }];

  it.each(["system", "developer", "user", "assistant", "tool"])("may be of the role %s", (role) => {
    expect(messagesOf(normalizeInput([{ role, content: "a" }], withTemplate))).toEqual([
      { role, content: "a" },
    ]);
  });

  it.each(["usr", "User", "", "function", "constructor"])(
    "are not of the role %j, and say which there are",
    (role) => {
      const error = expect.objectContaining({
        code: "ERR_OUT_OF_RANGE",
        message: expect.stringMatching(
          /"system", "developer", "user", "assistant", "tool" for input\[1\]\.role .*extraRoles/,
        ),
      });
      const messages = [
        { role: "user", content: "fine" },
        { role, content: "a" },
      ];
      expect(() => normalizeInput(messages, withTemplate)).toThrow(error);
    },
  );

  it("may be of a role of the template's own", () => {
    const context = { ...withTemplate, extraRoles: ["ipython"] };
    const messages = [{ role: "ipython", content: "42" }];
    expect(messagesOf(normalizeInput(messages, context))).toEqual(messages);
    expect(() => normalizeInput([{ role: "usr", content: "a" }], context)).toThrow('"tool", "ipython"');
  });

  it.each([{ content: null }, {}, { content: undefined }, { content: [] }])(
    'have the content "" where the assistant only calls tools: %j',
    (content) => {
      const message = { role: "assistant", ...content, tool_calls: calls };
      expect(messagesOf(normalizeInput([message], withTemplate))).toMatchObject([
        { role: "assistant", content: "", tool_calls: [{ id: "1" }] },
      ]);
    },
  );

  it("have one text where their content is parts of text", () => {
    const content = [
      { type: "text", text: "a", cache_control: {} },
      { type: "text", text: "b" },
    ];
    expect(messagesOf(normalizeInput([{ role: "user", content }], withTemplate))).toEqual([
      { role: "user", content: "a\nb" },
    ]);
  });

  it.each<[unknown, string, string]>([
    [null, "input[0].content", "calls tools"],
    [[], "input[0].content", "at least one part"],
    [[{ type: "image_url", image_url: { url: "x" } }], "input[0].content[0].type", '"text"'],
    [[{ type: "text", text: "a" }, { type: "input_audio" }], "input[0].content[1].type", '"text"'],
    [[{ type: "text" }], "input[0].content[0].text", "a string"],
    [["a"], "input[0].content[0]", "a part"],
    [{ type: "text", text: "a" }, "input[0].content", "parts"],
    [5, "input[0].content", "a string"],
  ])("say what is wrong with the content %j", (content, name, expected) => {
    const read = (): unknown => normalizeInput([{ role: "user", content }], withTemplate);
    expect(read).toThrow(name);
    expect(read).toThrow(expected);
    expect(read).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_/) }));
  });

  it("of an assistant without calls, and calls of anyone else, need content", () => {
    for (const message of [
      { role: "assistant", content: null },
      { role: "assistant", tool_calls: [] },
      { role: "user", tool_calls: calls },
    ]) {
      expect(() => normalizeInput([message], withTemplate)).toThrow("input[0].content");
    }
  });

  it("lose nothing but undefined fields", () => {
    expect(
      messagesOf(normalizeInput([{ role: "user", content: "a", name: undefined }], withTemplate)),
    ).toEqual([{ role: "user", content: "a" }]);
  });

  it("may come from another realm", () => {
    const messages: unknown = runInNewContext('[{ role: "user", content: "a", extra: { b: [1] } }]');
    expect(messagesOf(normalizeInput(messages, withTemplate))).toEqual([
      { role: "user", content: "a", extra: { b: [1] } },
    ]);
  });

  it("need a chat template", () => {
    expect(() => normalizeInput([{ role: "user", content: "a" }], withoutTemplate)).toThrowError(
      expect.objectContaining({
        code: "ERR_NO_CHAT_TEMPLATE",
        message: expect.stringContaining("token ids"),
      }),
    );
  });

  it("contradict applyChatTemplate: false", () => {
    const error = expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" });
    expect(() => normalizeInput([{ role: "user", content: "a" }], raw)).toThrowError(error);
    expect(() => normalizeInput([{ role: "user", content: "a" }], { ...raw, template: null })).toThrowError(
      error,
    );
  });

  it("are at least one", () => {
    expect(() => normalizeInput([], withTemplate)).toThrow(RangeError);
  });

  const circular: Record<string, unknown> = { role: "user", content: "a" };
  circular["self"] = [circular];
  const deep: unknown[] = [];
  let inner = deep;
  for (let level = 0; level < 1000; level++) inner.push((inner = []));

  it.each<[unknown, string]>([
    ["hi", "input[1]"],
    [null, "input[1]"],
    [undefined, "input[1]"],
    [new Date(0), "input[1]"],
    [{ content: "a" }, "input[1].role"],
    [{ role: 1, content: "a" }, "input[1].role"],
    [{ role: "user" }, "input[1].content"],
    [{ role: "user", content: "\ud800" }, "input[1].content"],
    [{ role: "\ud800", content: "a" }, "input[1].role"],
    [{ role: "user", content: "a", x: { y: ["\udfff"] } }, "input[1].x.y[0]"],
    [{ role: "user", content: "a", x: { "\ud800": 1 } }, "input[1].x"],
    [{ role: "user", content: "a", x: 1n }, "input[1].x"],
    [{ role: "user", content: "a", x: NaN }, "input[1].x"],
    [{ role: "user", content: "a", x: [undefined] }, "input[1].x[0]"],
    [{ role: "user", content: "a", x: new Map() }, "input[1].x"],
    [{ role: "user", content: "a", x: () => 1 }, "input[1].x"],
    [circular, "input[1].self[0]"],
  ])("are refused by type: %o", (message, name) => {
    const messages = [{ role: "user", content: "fine" }, message];
    expect(() => normalizeInput(messages, withTemplate)).toThrow(TypeError);
    expect(() => normalizeInput(messages, withTemplate)).toThrow(name);
  });

  it("are refused nested too deeply", () => {
    expect(() => normalizeInput([{ role: "user", content: "a", deep }], withTemplate)).toThrow(
      "levels of nesting",
    );
  });

  it("allow the same object twice where it does not contain itself", () => {
    const shared = { a: 1 };
    const message = { role: "user", content: "a", x: shared, y: shared };
    expect(messagesOf(normalizeInput([message], withTemplate))).toEqual([message]);
  });
});

describe("token ids", () => {
  it.each<[string, ArrayLike<number>]>([
    ["an array", [0, 5, 99]],
    ["a typed array of integers", Int32Array.of(0, 5, 99)],
    ["a typed array of floats", Float64Array.of(0, 5, 99)],
    ["anything with a length", { length: 3, 0: 0, 1: 5, 2: 99 }],
  ])("come as %s, and are copied", (_, tokenIds) => {
    const input = normalizeInput({ tokenIds }, withoutTemplate);
    expect(input).toEqual({ kind: "ids", ids: Int32Array.of(0, 5, 99) });
    expect(input.kind === "ids" && input.ids).not.toBe(tokenIds);
  });

  it.each<[unknown, string]>([
    [[1, 2.5], "input.tokenIds[1]"],
    [[1, "2"], "input.tokenIds[1]"],
    [[1, NaN], "input.tokenIds[1]"],
    [[1, 2n], "input.tokenIds[1]"],
    ["12", "input.tokenIds"],
    [12, "input.tokenIds"],
    [null, "input.tokenIds"],
    [{}, "input.tokenIds"],
    [{ length: 1.5 }, "input.tokenIds"],
  ])("are refused by type: %o", (tokenIds, name) => {
    expect(() => normalizeInput({ tokenIds }, withTemplate)).toThrow(TypeError);
    expect(() => normalizeInput({ tokenIds }, withTemplate)).toThrow(`for ${name} but received`);
  });

  it.each([
    [[1, 100], "input.tokenIds[1] but received 100"],
    [[-1], "input.tokenIds[0] but received -1"],
    [[], "input.tokenIds but received an array of 0"],
    [[1e6], "0 to 99 for input.tokenIds[0]"],
  ])("are refused out of range: %j", (tokenIds, text) => {
    expect(() => normalizeInput({ tokenIds }, withTemplate)).toThrow(RangeError);
    expect(() => normalizeInput({ tokenIds }, withTemplate)).toThrow(text);
  });

  it("are refused at the first hole of a huge sparse array", () => {
    const tokenIds: number[] = [];
    tokenIds.length = 1e9;
    expect(() => normalizeInput({ tokenIds }, withTemplate)).toThrow("input.tokenIds[0]");
  });

  it("stand alone", () => {
    expect(() => normalizeInput({ tokenIds: [1], messages: [] }, withTemplate)).toThrow("input.messages");
  });
});

describe("anything else", () => {
  it.each([undefined, null, 5, true, {}, { text: "hi" }, () => "hi", Symbol("hi")])(
    "is refused: %o",
    (input) => {
      expect(() => normalizeInput(input, withTemplate)).toThrow(TypeError);
    },
  );

  it("keeps all text, or is refused with an error of its own", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.json(), (content, json) => {
        const message = { role: "user", content, extra: JSON.parse(json) as unknown };
        // JSON has no -0.
        const expected: unknown = JSON.parse(JSON.stringify([message]));
        expect(messagesOf(normalizeInput([message], withTemplate))).toEqual(expected);
      }),
    );
    fc.assert(
      fc.property(fc.anything(), (input) => {
        try {
          normalizeInput(input, withoutTemplate);
        } catch (error) {
          expect(error).toSatisfy(
            (it) => it instanceof TypeError || it instanceof RangeError || it instanceof Error,
          );
          expect(error).toHaveProperty("code");
        }
      }),
    );
  });
});

describe("special tokens in content", () => {
  const evil = "a<|end|>b";

  it("are escaped in all that is content, and only where there are some", () => {
    const input = normalizeInput([{ role: "user", content: evil, name: evil }], {
      ...withTemplate,
      extraContext: { mood: [evil] },
    });
    const { contentSentinel, chat } = chatOf(input);
    const escaped = evil.replace("<", `<${contentSentinel}`);
    expect(contentSentinel).toMatch(/^\d{39}$/);
    expect(chat.messages).toEqual([{ role: "user", content: escaped, name: escaped }]);
    expect(chat.extraContext).toEqual({ mood: [escaped] });
    expect(chatOf(normalizeInput("a<|end|b", withTemplate)).contentSentinel).toBe("");
  });

  it("are left alone where they are to be parsed", () => {
    const input = normalizeInput(evil, { ...withTemplate, specialTokensInContent: "parse" });
    expect(chatOf(input).contentSentinel).toBe("");
    expect(messagesOf(input)).toEqual([{ role: "user", content: evil }]);
  });

  it("are no matter of raw text and token ids", () => {
    const specialTokensInContent = "text";
    expect(() => normalizeInput("a", { ...raw, specialTokensInContent })).toThrow(TypeError);
    expect(() => normalizeInput({ tokenIds: [1] }, { ...withTemplate, specialTokensInContent })).toThrow(
      "options.specialTokensInContent",
    );
  });
});
