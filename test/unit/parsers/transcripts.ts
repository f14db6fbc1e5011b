/** What models write in each format, after its public documentation, and what it means. */

import type { InvalidCallReason, OutputPart } from "../../../lib/parsers/output-part.js";
import type { OutputParserOptions } from "../../../lib/parsers/output-parser.js";

/** A part of an answer as a person would note it: reasoning, text, a call, or a call that came to nothing. */
export type Said =
  | { readonly thought: string }
  | { readonly text: string }
  | { readonly call: string; readonly arguments: string }
  | {
      /** "" where it is not known. */
      readonly call: string;
      readonly begun: string;
      readonly invalid: string;
      readonly reason: InvalidCallReason;
    };

export interface Transcript {
  readonly name: string;
  readonly options: OutputParserOptions;
  readonly output: string;
  readonly said: readonly Said[];
}

export const thought = (text: string): Said => ({ thought: text });
export const text = (text: string): Said => ({ text });
export const call = (name: string, json: string): Said => ({ call: name, arguments: json });
export const malformed = (name: string, begun: string, invalid: string): Said => ({
  call: name,
  begun,
  invalid,
  reason: "malformed",
});
export const cutOff = (name: string, begun: string, invalid: string): Said => ({
  call: name,
  begun,
  invalid,
  reason: "cut-off",
});

/** The parts, neighbours of one kind joined. */
export function partsOf(said: readonly Said[]): OutputPart[] {
  let index = -1;
  return said.flatMap((one): OutputPart[] => {
    if ("thought" in one) return [{ type: "reasoning", text: one.thought }];
    if ("text" in one) return [{ type: "text", text: one.text }];
    const of = { index: ++index, name: one.call };
    const begun = "arguments" in one ? one.arguments : one.begun;
    const end: OutputPart =
      "arguments" in one
        ? { type: "tool-call", ...of, argumentsText: begun, arguments: JSON.parse(begun) }
        : { type: "tool-call-invalid", ...of, reason: one.reason, text: one.invalid };
    if (one.call === "") return [end];
    const delta: OutputPart[] =
      begun === "" ? [] : [{ type: "tool-call-delta", index, argumentsText: begun }];
    return [{ type: "tool-call-begin", ...of }, ...delta, end];
  });
}

const PARIS = '{"city": "Paris"}';

const HARMONY: OutputParserOptions = { tools: "gpt-oss", reasoning: "gpt-oss" };
const START = "<|start|>assistant";
const ANALYSIS = "<|channel|>analysis<|message|>";
const FINAL = "<|channel|>final<|message|>";

const gptOss: Transcript[] = [
  {
    name: "reasoning, then the answer",
    options: HARMONY,
    output: `${ANALYSIS}A sum.<|end|>${START}${FINAL}2 + 2 = 4.<|return|>`,
    said: [thought("A sum."), text("2 + 2 = 4.")],
  },
  {
    name: "a call with the recipient in the channel's part of the header",
    options: HARMONY,
    output: `${ANALYSIS}Look it up.<|end|>${START}<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>${PARIS}<|call|>`,
    said: [thought("Look it up."), call("get_weather", PARIS)],
  },
  {
    name: "a call with the recipient in the role's part, at the very beginning",
    options: HARMONY,
    output: ` to=functions.get_weather<|channel|>commentary json<|message|>${PARIS}<|call|>`,
    said: [call("get_weather", PARIS)],
  },
  {
    name: "a call on the analysis channel, of a tool outside the namespace",
    options: HARMONY,
    output: `${ANALYSIS}Search.<|end|>${START} to=browser.search<|channel|>analysis<|constrain|>json<|message|>{"query":"x"} <|call|>`,
    said: [thought("Search."), call("browser.search", '{"query":"x"}')],
  },
  {
    name: "a preamble between reasoning and two calls",
    options: HARMONY,
    output: `${ANALYSIS}Two steps.<|end|>\n${START}<|channel|>commentary<|message|>**Plan**:\n1. a\n2. b<|end|>${START}<|channel|>commentary to=functions.a<|message|>{}<|call|>${START}<|channel|>commentary to=functions.b<|message|>{"n": [1, {"m": 2}]}<|call|>`,
    said: [
      thought("Two steps."),
      text("**Plan**:\n1. a\n2. b"),
      call("a", "{}"),
      call("b", '{"n": [1, {"m": 2}]}'),
    ],
  },
  {
    name: "messages of one kind on lines of their own",
    options: HARMONY,
    output: `${ANALYSIS}One.<|end|>${START}${ANALYSIS}Two.<|end|>${START}<|channel|>commentary<|message|>Look:<|end|>${START}${FINAL}here.<|return|>`,
    said: [thought("One.\nTwo."), text("Look:\nhere.")],
  },
  {
    name: "a call with an empty message",
    options: HARMONY,
    output: "<|channel|>commentary to=functions.get_location<|message|><|call|>",
    said: [call("get_location", "{}")],
  },
  {
    name: "a header with the channel twice",
    options: HARMONY,
    output: `<|channel|>commentary<|channel|>commentary to=functions.a<|message|>{}<|call|>`,
    said: [call("a", "{}")],
  },
  {
    name: "a header that harmony does not have",
    options: HARMONY,
    output: `<|channel|>commentary?? 2<|end|>${START}${FINAL}Hi.<|return|>`,
    said: [text("Hi.")],
  },
  {
    name: "a message to a tool that is not JSON",
    options: HARMONY,
    output: `${ANALYSIS}Count.<|end|>${START}<|channel|>analysis to=python code<|message|>print(1)<|call|>`,
    said: [
      thought("Count."),
      malformed(
        "python",
        "",
        "<|start|>assistant<|channel|>analysis to=python code<|message|>print(1)<|call|>",
      ),
    ],
  },
  {
    name: "a call cut off",
    options: HARMONY,
    output: `<|channel|>commentary to=functions.a<|message|>{"x": "y`,
    said: [cutOff("a", '{"x": "y', '<|channel|>commentary to=functions.a<|message|>{"x": "y')],
  },
  {
    name: "text between messages",
    options: HARMONY,
    output: `${ANALYSIS}Hm.<|end|>so${START}${FINAL}Yes.<|return|>`,
    said: [thought("Hm."), text("so\nYes.")],
  },
  {
    name: "a header cut off",
    options: HARMONY,
    output: `${ANALYSIS}Hm.<|end|>${START}<|chan`,
    said: [thought("Hm.")],
  },
  {
    name: "harmony's own tokens among those to be ignored",
    options: { ...HARMONY, ignoredTokens: ["<|start|>", "<|constrain|>", "<|message|>", "<|endoftext|>"] },
    output: `${FINAL}a<|message|>b<|endoftext|>\nc<|constrain|><|end|>`,
    said: [text("ab\nc")],
  },
  {
    name: "no harmony at all",
    options: HARMONY,
    output: '{"answer": 4}',
    said: [text('{"answer": 4}')],
  },
  {
    name: "reasoning as text, where it is not asked for",
    options: { tools: "gpt-oss" },
    output: `${ANALYSIS}A sum.<|end|>${START}${FINAL}4<|return|>`,
    said: [text("A sum.\n4")],
  },
  {
    name: "calls as text, where they are not asked for",
    options: { reasoning: "gpt-oss" },
    output: `${ANALYSIS}Go.<|end|>${START} to=functions.a<|channel|>commentary<|message|>{}<|call|>`,
    said: [thought("Go."), text(`${START} to=functions.a<|channel|>commentary<|message|>{}`)],
  },
];

const QWEN3: OutputParserOptions = { tools: "hermes", reasoning: "qwen3" };

const hermes: Transcript[] = [
  {
    name: "a call",
    options: QWEN3,
    output: `<tool_call>\n{"name": "get_weather", "arguments": ${PARIS}}\n</tool_call>`,
    said: [call("get_weather", PARIS)],
  },
  {
    name: "reasoning, text and two calls",
    options: QWEN3,
    output: `<think>\nTwo cities.\n</think>\n\nI look.\n<tool_call>\n{"name": "w", "arguments": {"c": "a"}}\n</tool_call>\n<tool_call>\n{"name": "w", "arguments": {"c": "b"}}\n</tool_call>`,
    said: [thought("Two cities.\n"), text("I look.\n"), call("w", '{"c": "a"}'), call("w", '{"c": "b"}')],
  },
  {
    name: "the arguments before the name, and a token to be ignored",
    options: { ...QWEN3, ignoredTokens: ["<|im_end|>"] },
    output: `<tool_call>\n{ "arguments": {"a": [1, 2]}, "name": "f"}\n</tool_call> <|im_end|>`,
    said: [call("f", '{"a": [1, 2]}'), text(" ")],
  },
  {
    name: "delimiters and braces in strings",
    options: QWEN3,
    output: String.raw`<tool_call>{"name": "f", "arguments": {"s": "}</tool_call>\"\\", "u": "\u00e9{"}}</tool_call>Done`,
    said: [call("f", String.raw`{"s": "}</tool_call>\"\\", "u": "\u00e9{"}`), text("Done")],
  },
  {
    name: "no arguments, arguments that are null, and arguments in a string",
    options: QWEN3,
    output: String.raw`<tool_call>{"name": "f"}</tool_call><tool_call>{"name": "g", "arguments": null}</tool_call><tool_call>{"name": "h", "arguments": "{\"a\": 1}"}</tool_call>`,
    said: [call("f", "{}"), call("g", "{}"), call("h", '{"a": 1}')],
  },
  {
    name: "several calls behind one delimiter, and no closing delimiter",
    options: QWEN3,
    output: `<tool_call>{"name": "f", "arguments": {}}\n{"name": "g", "arguments": {}}\n`,
    said: [call("f", "{}"), call("g", "{}")],
  },
  {
    name: "a list of calls",
    options: QWEN3,
    output: `<tool_call>[{"name": "f", "arguments": {}}, {"name": "g", "arguments": {}}] </tool_call>\n!`,
    said: [call("f", "{}"), call("g", "{}"), text("!")],
  },
  {
    name: "a call that is none, then a right one",
    options: QWEN3,
    output: `<tool_call>f(1)</tool_call><tool_call>{"name": "f", "arguments": {}}</tool_call>`,
    said: [malformed("", "", "<tool_call>f(1)</tool_call>"), call("f", "{}")],
  },
  {
    name: "a call that turns malformed, then a right one",
    options: QWEN3,
    output: `<tool_call>{"name": "f", "arguments": {"a": today}}</tool_call><tool_call>{"name": "f", "arguments": {}}</tool_call>`,
    said: [
      malformed("f", '{"a": ', '<tool_call>{"name": "f", "arguments": {"a": today}}</tool_call>'),
      call("f", "{}"),
    ],
  },
  {
    name: "a delimiter in the middle of a malformed call",
    options: QWEN3,
    output: `<tool_call>{"name": <tool_call>{"name": "f", "arguments": {}}</tool_call>`,
    said: [malformed("", "", '<tool_call>{"name": '), call("f", "{}")],
  },
  {
    name: "a call cut off before its name, and one after",
    options: QWEN3,
    output: `<tool_call>{"name": "f", "arguments": {}}</tool_call>\n<tool_call>{"na`,
    said: [call("f", "{}"), cutOff("", "", '<tool_call>{"na')],
  },
  {
    name: "a call of an unknown tool, which the delimiter says is one",
    options: { ...QWEN3, knownTools: ["g"] },
    output: `<tool_call>{"name": "f", "arguments": {}}</tool_call>`,
    said: [call("f", "{}")],
  },
  {
    name: "calls as text, where they are not asked for",
    options: { reasoning: "qwen3" },
    output: `<think>Hm.</think><tool_call>{"name": "f", "arguments": {}}</tool_call>`,
    said: [thought("Hm."), text('<tool_call>{"name": "f", "arguments": {}}</tool_call>')],
  },
];

const reasoning: Transcript[] = [
  {
    name: "reasoning that the prompt opened",
    options: { reasoning: "qwen3", startsInReasoning: true },
    output: "Hm.\n</think>\n\nYes.",
    said: [thought("Hm.\n"), text("Yes.")],
  },
  {
    name: "reasoning that the prompt opened and the model opens again",
    options: { reasoning: "qwen3", startsInReasoning: true },
    output: "<think>\nHm.</think>Yes.",
    said: [thought("Hm."), text("Yes.")],
  },
  {
    name: "DeepSeek-R1 without its opening delimiter",
    options: { reasoning: "deepseek-r1" },
    output: "Hm.</think>Yes.",
    said: [thought("Hm."), text("Yes.")],
  },
  {
    name: "reasoning cut off",
    options: { reasoning: "phi4" },
    output: "<think>Hm.</thi",
    said: [thought("Hm.</thi")],
  },
  {
    name: "an answer that speaks of the delimiters",
    options: { reasoning: "qwen3" },
    output: "Write <think> and </think>.",
    said: [text("Write <think> and </think>.")],
  },
  {
    name: "an empty block of reasoning, as the switch for no reasoning has it",
    options: { reasoning: "qwen3" },
    output: "<think>\n\n</think>\n\nYes.",
    said: [text("Yes.")],
  },
  {
    name: "white space before the reasoning, and a token to be ignored",
    options: { reasoning: "qwen3", ignoredTokens: ["<|im_end|>"] },
    output: "\n<think>a<|im_end|>b</think>c<|im_end|>d",
    said: [thought("ab"), text("cd")],
  },
  {
    name: "delimiters twice",
    options: { reasoning: "qwen3" },
    output: "<think>\n<think>\nHm.\n</think>\n</think>\n\nYes.",
    said: [thought("Hm.\n"), text("Yes.")],
  },
  {
    name: "a delimiter that closes what the prompt had closed",
    options: { reasoning: "qwen3" },
    output: "\n</think>\n\nYes.",
    said: [text("Yes.")],
  },
  {
    name: "a call inside reasoning that was never closed",
    options: { ...QWEN3, ignoredTokens: ["<|im_end|>"] },
    output: `<think>\nI ask.\n<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>\n<tool_call>{"name": "g", "arguments": ${PARIS}}</tool_call><|im_end|>`,
    said: [thought("I ask.\n"), call("f", "{}"), call("g", PARIS)],
  },
  {
    name: "a call inside reasoning that is closed behind it",
    options: { ...QWEN3, ignoredTokens: ["<|im_end|>"] },
    output: `<think>I could say <tool_call>{"name": "f", "arguments": {}}</tool_call><|im_end|>, or not.</think>\n\nNo.`,
    said: [
      thought('I could say <tool_call>{"name": "f", "arguments": {}}</tool_call>, or not.'),
      text("No."),
    ],
  },
  {
    name: "a call cut off inside reasoning",
    options: QWEN3,
    output: `<think>Go: <tool_call>{"name": "f", "argum`,
    said: [thought(`Go: <tool_call>{"name": "f", "argum`)],
  },
  {
    name: "a call inside reasoning without its end delimiter, and one with it",
    options: QWEN3,
    output: `<think>Go: <tool_call>{"name": "f"} hm <tool_call>{"name": "g"}</tool_call> so`,
    said: [thought('Go: <tool_call>{"name": "f"} hm '), call("g", "{}"), thought(" so")],
  },
  {
    name: "a call of DeepSeek-R1 that did not say that it stopped thinking",
    options: { tools: "deepseek-v3", reasoning: "deepseek-r1" },
    output: `Hm.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n\`\`\`json\n{}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
    said: [thought("Hm."), call("f", "{}")],
  },
  {
    name: "a call of Qwen3-Coder inside reasoning that the prompt opened",
    options: { tools: "qwen3-coder", reasoning: "qwen3", startsInReasoning: true },
    output: "Hm.\n<function=f>\n<parameter=a>\n1\n</parameter>\n</function>\n</tool_call>",
    said: [thought("Hm.\n"), call("f", '{"a":1}')],
  },
  {
    name: "Gemma 4, with its delimiters",
    options: { reasoning: "gemma4" },
    output: "<|channel>thought\nHm.<channel|>Yes.",
    said: [thought("Hm."), text("Yes.")],
  },
  {
    name: "Magistral",
    options: { reasoning: "magistral", tools: "mistral" },
    output: `[THINK]Hm [1].[/THINK]Yes.[TOOL_CALLS]f[ARGS]{}`,
    said: [thought("Hm [1]."), text("Yes."), call("f", "{}")],
  },
];

const CODER: OutputParserOptions = {
  tools: "qwen3-coder",
  knownTools: [
    {
      name: "write",
      parameters: {
        properties: { path: { type: "string" }, lines: { type: "integer" }, force: { type: "boolean" } },
      },
    },
  ],
};

const qwen3Coder: Transcript[] = [
  {
    name: "a call with values of every kind",
    options: CODER,
    output: `I write.\n<tool_call>\n<function=write>\n<parameter=path>\n42\n</parameter>\n<parameter=lines>\n3\n</parameter>\n<parameter=force>True</parameter>\n<parameter=tags>\n["a", {"b": null}]\n</parameter>\n<parameter=note>\n"so"\n</parameter>\n</function>\n</tool_call>`,
    said: [
      text("I write.\n"),
      call(
        "write",
        String.raw`{"path":"42","lines":3,"force":true,"tags":["a", {"b": null}],"note":"\"so\""}`,
      ),
    ],
  },
  {
    name: "a string of several lines with delimiters in it",
    options: CODER,
    output: `<tool_call><function=write><parameter=path>\n\n<a>\n</function>\n</a>\n\n</parameter></function></tool_call>`,
    said: [call("write", String.raw`{"path":"\n<a>\n</function>\n</a>\n"}`)],
  },
  {
    name: "no parameters, no outer delimiter, and two functions behind one",
    options: CODER,
    output: `<function=f>\n</function>\n<tool_call>\n<function=g></function>\n<function=h>\n</function></tool_call>`,
    said: [call("f", "{}"), call("g", "{}"), call("h", "{}")],
  },
  {
    name: "a value cut off",
    options: CODER,
    output: `<tool_call><function=write><parameter=path>\na\n</para`,
    said: [
      cutOff(
        "write",
        String.raw`{"path":"a\n</para`,
        "<tool_call><function=write><parameter=path>\na\n</para",
      ),
    ],
  },
  {
    name: "something else between the parameters",
    options: CODER,
    output: `<function=f>\nhm</function>`,
    said: [malformed("f", "", "<function=f>\nhm</function>")],
  },
];

const llama3Json: Transcript[] = [
  {
    name: "a call without a delimiter",
    options: { tools: "llama3-json" },
    output: `{"name": "get_weather", "parameters": ${PARIS}}`,
    said: [call("get_weather", PARIS)],
  },
  {
    name: "a call behind the delimiter, with its type",
    options: { tools: "llama3-json", ignoredTokens: ["<|eom_id|>"] },
    output: `<|python_tag|>{\n    "type": "function",\n    "name": "get_weather",\n    "parameters": ${PARIS}\n}<|eom_id|>`,
    said: [call("get_weather", PARIS)],
  },
  {
    name: "several calls",
    options: { tools: "llama3-json", knownTools: ["f", "g"] },
    output: `{"name": "f", "parameters": {"a": -1.5e3}}; {"name": "g", "parameters": {}}\n{"name": "f", "parameters": {}}`,
    said: [call("f", '{"a": -1.5e3}'), call("g", "{}"), call("f", "{}")],
  },
  {
    name: "an answer in JSON",
    options: { tools: "llama3-json" },
    output: `{"city": {"name": "Paris"}}`,
    said: [text('{"city": {"name": "Paris"}}')],
  },
  {
    name: "an answer in JSON that begins with a name",
    options: { tools: "llama3-json" },
    output: `{"name": "Paris", "people": 2}`,
    said: [text('{"name": "Paris", "people": 2}')],
  },
  {
    name: "an answer in JSON that has parameters among other things",
    options: { tools: "llama3-json" },
    output: `{"name": "Paris", "kind": "city", "parameters": {}}`,
    said: [text('{"name": "Paris", "kind": "city", "parameters": {}}')],
  },
  {
    name: "the look of a call of a tool that is not known",
    options: { tools: "llama3-json", knownTools: ["f"] },
    output: `{"name": "Paris", "parameters": {}}`,
    said: [text('{"name": "Paris", "parameters": {}}')],
  },
  {
    name: "a call, then text",
    options: { tools: "llama3-json" },
    output: `{"name": "f", "parameters": {}}; and\n`,
    said: [call("f", "{}"), text("; and\n")],
  },
  {
    name: "a built-in tool",
    options: { tools: "llama3-json" },
    output: `<|python_tag|>brave_search.call(query="gold")`,
    said: [call("brave_search", '{"query":"gold"}')],
  },
  {
    name: "code behind the delimiter",
    options: { tools: "llama3-json" },
    output: `<|python_tag|>import math\nprint(math.pi)`,
    said: [malformed("", "", "<|python_tag|>import math\nprint(math.pi)")],
  },
  {
    name: "text, then a call behind the delimiter",
    options: { tools: "llama3-json" },
    output: `Let me see.<|python_tag|>{"name": "f", "parameters": {}}`,
    said: [text("Let me see."), call("f", "{}")],
  },
];

const llamaPythonic: Transcript[] = [
  {
    name: "two calls",
    options: { tools: "llama-pythonic" },
    output: `[get_weather(city='San Francisco', metric='celsius'), get_weather(city="Seattle")]`,
    said: [
      call("get_weather", '{"city":"San Francisco","metric":"celsius"}'),
      call("get_weather", '{"city":"Seattle"}'),
    ],
  },
  {
    name: "literals of every kind",
    options: { tools: "llama-pythonic" },
    output: String.raw`[f(a=-1, b=+2.50, c=.5, d=1_000, e=0x1F, f=1e3, g=True, h=None, i=false, j=[1, 'x', ()], k={'m': {"n": [None]}, 'o': ''}, l=(1, 2,), p=007, q=123456789012345678901234567890)]`,
    said: [
      call(
        "f",
        '{"a":-1,"b":2.5,"c":0.5,"d":1000,"e":31,"f":1000,"g":true,"h":null,"i":false,"j":[1,"x",[]],"k":{"m":{"n":[null]},"o":""},"l":[1,2],"p":7,"q":123456789012345678901234567890}',
      ),
    ],
  },
  {
    name: "strings of every kind",
    options: { tools: "llama-pythonic" },
    output:
      String.raw`[f(a='it\'s "so"', b="\x41\u00e9\U0001F600\101\d", c='''x'y''z''', d='\n\t', e="` +
      "\\\n" +
      `é\n😀")]`,
    said: [call("f", String.raw`{"a":"it's \"so\"","b":"Aé😀A\\d","c":"x'y''z","d":"\n\t","e":"é\n😀"}`)],
  },
  {
    name: "a call without arguments, behind Llama 4's delimiters, after text",
    options: { tools: "llama-pythonic" },
    output: `Now: <|python_start|>[f()]<|python_end|>`,
    said: [text("Now: "), call("f", "{}")],
  },
  {
    name: "a list that is none of calls",
    options: { tools: "llama-pythonic" },
    output: "[1] See [f(x)].",
    said: [text("[1] See [f(x)].")],
  },
  {
    name: "a call without names for its arguments",
    options: { tools: "llama-pythonic" },
    output: "[f(1)]",
    said: [text("[f(1)]")],
  },
  {
    name: "the look of a call of a tool that is not known",
    options: { tools: "llama-pythonic", knownTools: ["f"] },
    output: "[g(x=1)]",
    said: [text("[g(x=1)]")],
  },
  {
    name: "a value that is no literal",
    options: { tools: "llama-pythonic" },
    output: "[f(a=1, b=today())]",
    said: [malformed("f", '{"a":1,"b":', "[f(a=1, b=today())]")],
  },
];

const phi4: Transcript[] = [
  {
    name: "a list between delimiters",
    options: { tools: "phi4" },
    output: `<|tool_call|>[{"name": "get_weather", "arguments": ${PARIS}}]<|/tool_call|>`,
    said: [call("get_weather", PARIS)],
  },
  {
    name: "an object between delimiters, the closing one with a slip",
    options: { tools: "phi4" },
    output: `Sure. <|tool_call|>{"name": "f", "arguments": {"a": 1}}</|tool_call|>`,
    said: [text("Sure. "), call("f", '{"a": 1}')],
  },
  {
    name: "functools with two calls",
    options: { tools: "phi4", ignoredTokens: ["<|end|>"] },
    output: `functools[{"name": "f", "arguments": {"a": 7.0}}, {"name": "g", "arguments": {}}]<|end|>`,
    said: [call("f", '{"a": 7.0}'), call("g", "{}")],
  },
  {
    name: "the word functools, and a list that is not one of calls",
    options: { tools: "phi4" },
    output: "import functools; functools[0] functofunctools[]",
    said: [text("import functools; functools[0] functofunctools[]")],
  },
  {
    name: "a list that goes wrong after its first call",
    options: { tools: "phi4" },
    output: `functools[{"name": "f", "arguments": {}}, nothing]`,
    said: [call("f", "{}"), text(", nothing]")],
  },
];

const mistral: Transcript[] = [
  {
    name: "a list behind the delimiter",
    options: { tools: "mistral", ignoredTokens: ["</s>"] },
    output: `[TOOL_CALLS][{"name": "get_weather", "arguments": ${PARIS}, "id": "Xk29dLq0c"}]</s>`,
    said: [call("get_weather", PARIS)],
  },
  {
    name: "names behind delimiters",
    options: { tools: "mistral" },
    output: `I look.[TOOL_CALLS]f{"a": 1}[TOOL_CALLS]g[ARGS]{"b": "[TOOL_CALLS]"}`,
    said: [text("I look."), call("f", '{"a": 1}'), call("g", '{"b": "[TOOL_CALLS]"}')],
  },
  {
    name: "a call with an id",
    options: { tools: "mistral" },
    output: `[TOOL_CALLS]f[CALL_ID]Xk29dLq0c[ARGS]{"a": 1}`,
    said: [call("f", '{"a": 1}')],
  },
  {
    name: "the delimiter twice",
    options: { tools: "mistral" },
    output: `[TOOL_CALLS][TOOL_CALLS]f[ARGS]{}`,
    said: [call("f", "{}")],
  },
  {
    name: "delimiters in the wrong order",
    options: { tools: "mistral" },
    output: `[ARGS]f[TOOL_CALLS] !`,
    said: [text("f"), cutOff("", "", "[TOOL_CALLS] !")],
  },
  {
    name: "a call cut off",
    options: { tools: "mistral" },
    output: `[TOOL_CALLS]f[ARGS]{"a": [1, `,
    said: [cutOff("f", '{"a": [1', '[TOOL_CALLS]f[ARGS]{"a": [1, ')],
  },
];

const WEATHER_TOOL = {
  name: "get_weather",
  parameters: {
    properties: { city: { type: "string" }, days: { type: "integer" }, tags: { type: "array" } },
  },
};

const deepseekV3: Transcript[] = [
  {
    name: "reasoning, text and two calls of V3 and R1",
    options: { tools: "deepseek-v3", reasoning: "deepseek-r1" },
    output: `<think>Hm.</think>I look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n\`\`\`json\n${PARIS}\n\`\`\`<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>get_time\n\`\`\`json\n{}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
    said: [thought("Hm."), text("I look."), call("get_weather", PARIS), call("get_time", "{}")],
  },
  {
    name: "two calls of V3.1",
    options: { tools: "deepseek-v3.1" },
    output: `I look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>${PARIS}<｜tool▁call▁end｜><｜tool▁call▁begin｜>get_time<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>So.`,
    said: [text("I look."), call("get_weather", PARIS), call("get_time", "{}"), text("So.")],
  },
  {
    name: "a call as the prompt describes it in words",
    options: { tools: "deepseek-v3" },
    output: `<tool_call>\n{"name": "get_weather", "arguments": ${PARIS}}\n</tool_call>`,
    said: [call("get_weather", PARIS)],
  },
];

const kimiK2: Transcript[] = [
  {
    name: "reasoning, text and two calls",
    options: { tools: "kimi-k2", reasoning: "qwen3" },
    output: `<think>Hm.</think>I look.<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>${PARIS}<|tool_call_end|><|tool_call_begin|>functions.get_time:1<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>`,
    said: [thought("Hm."), text("I look."), call("get_weather", PARIS), call("get_time", "{}")],
  },
];

const glm4: Transcript[] = [
  {
    name: "reasoning and two calls with values of several types",
    options: { tools: "glm4", reasoning: "qwen3", knownTools: [WEATHER_TOOL, "get_time"] },
    output: `\n<think>Hm.</think>\nI look.\n<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>75</arg_value>\n<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n<arg_key>tags</arg_key>\n<arg_value>["a", 1]</arg_value>\n</tool_call>\n<tool_call>get_time\n</tool_call>`,
    said: [
      thought("Hm."),
      text("I look.\n"),
      call("get_weather", '{"city":"75","days":3,"tags":["a", 1]}'),
      call("get_time", "{}"),
    ],
  },
  {
    name: "a call on one line, as 4.7 writes it",
    options: { tools: "glm4", knownTools: [WEATHER_TOOL] },
    output: `<tool_call>get_weather<arg_key>city</arg_key><arg_value>Paris</arg_value></tool_call>`,
    said: [call("get_weather", '{"city":"Paris"}')],
  },
];

const lfm2: Transcript[] = [
  {
    name: "text, two calls and text",
    options: { tools: "lfm2" },
    output: `I look.<|tool_call_start|>[get_weather(city='Paris', days=3), get_time()]<|tool_call_end|>So.`,
    said: [
      text("I look."),
      call("get_weather", '{"city":"Paris","days":3}'),
      call("get_time", "{}"),
      text("So."),
    ],
  },
  {
    name: "JSON, as it is asked for by some templates",
    options: { tools: "lfm2" },
    output: `<|tool_call_start|>[{"name": "get_weather", "arguments": ${PARIS}}]<|tool_call_end|>`,
    said: [call("get_weather", PARIS)],
  },
];

const gemma4: Transcript[] = [
  {
    name: "reasoning, text and a call with values of every kind",
    options: { tools: "gemma4", reasoning: "gemma4" },
    output: `<|channel>thought\nHm.<channel|>I look.<|tool_call>call:f{a:<|"|>it's "x", {y}<|"|>,b:-1.5,c:true,d:[<|"|>p<|"|>,2,[]],e:{g:<|"|><|"|>,h:{}},i:null}<tool_call|>So.`,
    said: [
      thought("Hm."),
      text("I look."),
      call(
        "f",
        String.raw`{"a":"it's \"x\", {y}","b":-1.5,"c":true,"d":["p",2,[]],"e":{"g":"","h":{}},"i":null}`,
      ),
      text("So."),
    ],
  },
  {
    name: "two calls, one of them without arguments",
    options: { tools: "gemma4" },
    output: `<|tool_call>call:f{}<tool_call|><|tool_call>call:g{a:1}<tool_call|>`,
    said: [call("f", "{}"), call("g", '{"a":1}')],
  },
];

const functiongemma: Transcript[] = [
  {
    name: "two calls",
    options: { tools: "functiongemma" },
    output: `<start_function_call>call:get_weather{city:<escape>Paris<escape>,days:3}<end_function_call><start_function_call>call:get_time{}<end_function_call>`,
    said: [call("get_weather", '{"city":"Paris","days":3}'), call("get_time", "{}")],
  },
];

const minicpm5: Transcript[] = [
  {
    name: "two calls, a value as a CDATA section",
    options: { tools: "minicpm5", reasoning: "qwen3", knownTools: [WEATHER_TOOL, "get_time"] },
    output: `<think>\nHm.\n</think>\n\n<function name="get_weather"><param name="city"><![CDATA[a</param>\n<b>]]></param><param name="days">3</param></function>\n<function name="get_time"></function>`,
    said: [
      thought("Hm.\n"),
      call("get_weather", String.raw`{"city":"a</param>\n<b>","days":3}`),
      call("get_time", "{}"),
    ],
  },
];

/** By format. */
export const TRANSCRIPTS: Readonly<Record<string, readonly Transcript[]>> = {
  "gpt-oss": gptOss,
  hermes,
  "qwen3-coder": qwen3Coder,
  "llama3-json": llama3Json,
  "llama-pythonic": llamaPythonic,
  phi4,
  mistral,
  "deepseek-v3": deepseekV3,
  "kimi-k2": kimiK2,
  glm4,
  lfm2,
  gemma4,
  functiongemma,
  minicpm5,
  reasoning,
};
