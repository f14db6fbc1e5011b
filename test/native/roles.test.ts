import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runTools, Tokenizer, type ChatInputMessage, type TextGenerator } from "../../lib/index.js";
import { chainModel } from "../helpers/chain.js";
import { PIPELINES } from "../helpers/pipelines.js";

const UNKNOWN: ChatInputMessage[] = [{ role: "usr", content: "Hi" }];
const OWN: ChatInputMessage[] = [{ role: "ipython", content: "42" }];
const extraRoles = ["ipython"];
const REFUSED = expect.objectContaining({
  code: "ERR_OUT_OF_RANGE",
  message: expect.stringContaining('one of "system", "developer", "user", "assistant", "tool"'),
});

describe.each(PIPELINES)("the roles of messages to $name", ({ load }) => {
  let llm: TextGenerator;

  beforeAll(async () => {
    llm = await load(await chainModel({ contextLength: 1000 }));
  });

  afterAll(() => llm.close());

  it("are known ones, whichever way they come", async () => {
    await expect(llm.generate(UNKNOWN)).rejects.toThrow(REFUSED);
    expect(() => llm.stream(UNKNOWN)).toThrow(REFUSED);
    await expect(llm.countPromptTokens(UNKNOWN)).rejects.toThrow(REFUSED);
    await expect(llm.tokenizer.applyChatTemplate(UNKNOWN)).rejects.toThrow(REFUSED);
    await expect(llm.tokenizer.countTokens(UNKNOWN)).rejects.toThrow(REFUSED);
    expect(() => llm.chat({ messages: UNKNOWN })).toThrow(REFUSED);
    expect(() => llm.chat().stream(UNKNOWN)).toThrow(REFUSED);
    await expect(llm.chat().generate(UNKNOWN)).rejects.toThrow(REFUSED);
    const trimming = llm.chat({ trim: () => [{ role: "usr", content: "Hi" }] });
    await expect(trimming.generate("Hi")).rejects.toThrow(REFUSED);
    const tools = [{ name: "f" }];
    expect(() => runTools(llm, UNKNOWN, { tools })).toThrow(REFUSED);
  });

  it("are the template's own where an option names them", async () => {
    const { usage } = await llm.generate(OWN, { extraRoles });
    expect(await llm.countPromptTokens(OWN, { extraRoles })).toBe(usage.promptTokens);
    expect(await llm.tokenizer.countTokens(OWN, { extraRoles })).toBe(usage.promptTokens);
    expect(await llm.tokenizer.applyChatTemplate(OWN, { extraRoles })).toContain("42");
    const chat = llm.chat({ messages: [{ role: "user", content: "Hi" }, ...OWN], extraRoles });
    await chat.generate(OWN);
    await chat.copy().generate("And then?");
    expect(chat.messages.map(({ role }) => role)).toEqual(["user", "ipython", "ipython", "assistant"]);
    await llm.chat().generate(OWN, { extraRoles });
    await expect(llm.generate(OWN, { extraRoles: ["other"] })).rejects.toThrow('"tool", "other"');
  });

  it.each<unknown>(["ipython", [""], [5], ["\ud800"]])(
    "are named as a list of texts, not as %j",
    async (roles) => {
      const options = { extraRoles: roles as string[] };
      const error = expect.objectContaining({
        code: expect.stringMatching(/^ERR_/),
        message: expect.stringContaining("extraRoles"),
      });
      await expect(llm.generate(OWN, options)).rejects.toThrow(error);
      await expect(llm.tokenizer.applyChatTemplate(OWN, options)).rejects.toThrow(error);
    },
  );

  it("let an assistant call without a word, and others speak in parts", async () => {
    const call = { id: "1", type: "function" as const, function: { name: "f", arguments: "{}" } };
    const messages: ChatInputMessage[] = [
      { role: "user", content: [{ type: "text", text: "Hi" }] },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", content: "42", tool_call_id: "1" },
    ];
    expect((await llm.generate(messages)).finishReason).toBe("stop");
    const chat = llm.chat({ messages });
    await chat.generate([{ role: "user", content: [{ type: "text", text: "And?" }] }]);
    expect(chat.messages.map(({ content }) => content).slice(0, 4)).toEqual(["Hi", "", "42", "And?"]);
  });
});

it("a tokenizer alone knows the same roles", async () => {
  const tokenizer = await Tokenizer.load(await chainModel());
  await expect(tokenizer.applyChatTemplate(UNKNOWN)).rejects.toThrow(REFUSED);
  await tokenizer.close();
});
