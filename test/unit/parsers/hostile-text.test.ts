/** Text made to break parsers, or to make them slow. */

import { describe, expect, it } from "vitest";
import { createOutputParser, type OutputParserOptions } from "../../../lib/parsers/output-parser.js";
import { parse, record, SETTINGS } from "./helpers.js";

/** A text of about this many characters. */
type Maker = (size: number) => string;

const repeated =
  (beginning: string, unit: string, end = ""): Maker =>
  (size) =>
    beginning + unit.repeat(Math.ceil(size / unit.length)) + end;

/** By what is hostile in it; every parser gets every one. */
const HOSTILE: Readonly<Record<string, Maker>> = {
  "<": repeated("", "<"),
  "{": repeated("", "{"),
  "[": repeated("", "["),
  "white space": repeated("", " "),
  "halves of characters": repeated("", "\ud83d"),
  "beginnings of delimiters": repeated("", "<tool_cal<thin<|tool_cal[TOOL_CALLfunctools<|channe<|im_en"),
  "delimiters of JSON calls": repeated("", "<tool_call><|tool_call|><|python_tag|>[TOOL_CALLS]"),
  "delimiters of Mistral": repeated("", "[TOOL_CALLS]"),
  "delimiters of Mistral and brackets": repeated("", "[TOOL_CALLS][["),
  "beginnings of harmony's headers": repeated("", "<|start|>assistant<|channel|>analysis"),
  "messages of harmony without end": repeated("", "<|channel|>analysis<|message|>"),
  "words in harmony's header": repeated("<|channel|>", "to=functions.f "),
  "a call's white space": repeated("<tool_call>", "\n"),
  "objects in a call": repeated("<tool_call>", '{"a":'),
  "arrays in a call": repeated('[TOOL_CALLS]f[ARGS]{"a":', "["),
  "a string in a call": repeated('<tool_call>{"name": "f", "arguments": {"a": "', "<tool_call>{'", '"}}'),
  "a name in a call": repeated('<tool_call>{"name": "', "f"),
  "a name in a call of Mistral": repeated("[TOOL_CALLS]", "f"),
  "escapes in a call": repeated('{"name": "f", "parameters": {"a": "', "\\\\\\u0041"),
  "keys in a call": repeated('functools[{"name": "f"', ', "k": [1, -2.5e3, null]', "}]"),
  "calls in a list": repeated("functools[", '{"name": "f", "arguments": {}},'),
  "calls that turn malformed": repeated(
    "",
    '<tool_call>{"name": "f", "arguments": {"a": <|tool_call|>[{"name" ',
  ),
  "calls with a semicolon": repeated("", '{"name": "f", "parameters": {}};'),
  "parameters without end": repeated("<tool_call><function=f><parameter=a>", "</parameter"),
  parameters: repeated("<tool_call><function=f>", "<parameter=a>\n1\n</parameter>"),
  "lists of Python": repeated("[f(a=", "["),
  "strings of Python": repeated("[f(a='''", "''\\x41"),
  "digits of Python": repeated("[f(a=", "9_"),
  "names of Python": repeated("[", "f"),
  "arguments of Python": repeated("[f(", "a=-1, "),
  "calls of Python": repeated("[", "f(a={'b': (1,)}),"),
  "reasoning without end": repeated("<think>", "</think"),
  "closing tags in a value": repeated("<tool_call><function=f><parameter=a>", "</function> </tool_call> x"),
  "parameters in a value": repeated("<function=f><parameter=a>", "<parameter=a"),
  "white space behind a tag": repeated("<function=f><parameter=a></function>", " ", "x"),
  "functions in a value": repeated("<function=f><parameter=a>", "<function=f"),
  "calls in a value": repeated("<function=f><parameter=a>", "<tool_call> <function"),
  "delimiters in a string": repeated('<tool_call>{"name": "', "</tool_call> x"),
  "delimiters that open nothing": repeated("", "<tool_call> x "),
  "commas in JSON": repeated('<tool_call>{"name": "f", "arguments": {"a": [', "1,\u00a0"),
  "brackets that are missing": repeated(
    '<tool_call>{"name": "f", "arguments": {"a": [',
    "{",
    "]}</tool_call>",
  ),
  "brackets behind a call": repeated('<tool_call>{"name": "f"}', "}]"),
  "quotes of Python": repeated("[f(a='", "' x"),
  "delimiters of DeepSeek": repeated("", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>"),
  "delimiters of Kimi": repeated(
    "",
    "<|tool_calls_section_begin|><|tool_call_begin|>f:0<|tool_call_argument_begin|>{",
  ),
  "keys of GLM": repeated("<tool_call>f", "<arg_key>a</arg_key>"),
  "values of GLM": repeated("<tool_call>f<arg_key>a</arg_key><arg_value>", "x</arg_value> "),
  "objects of Gemma": repeated("<|tool_call>call:f", "{a:"),
  "lists of Gemma": repeated("<|tool_call>call:f{a:", "["),
  "texts of Gemma": repeated("<|tool_call>call:f{a:", '<|"|>'),
  "closing delimiters in a text of Gemma": repeated('<|tool_call>call:f{a:<|"|>', "<tool_call|> x"),
  "words of Gemma": repeated("<start_function_call>call:f{a:", "x"),
  "calls of Gemma": repeated("<|tool_call>", "call:f{}"),
  CDATA: repeated('<function name="f"><param name="a"><![CDATA[', "]]"),
};

const ALL_HOSTILE = Object.entries(HOSTILE);

/** Pieces of a length. */
function pieces(text: string, length: number): string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length),
  );
}

describe.each(SETTINGS)("the parser of %s", (_name, options) => {
  it("loses nothing of hostile text, in whatever pieces", () => {
    for (const [what, make] of ALL_HOSTILE) {
      const text = make(1000);
      for (const length of [text.length, 7]) {
        const { settled } = record(options, pieces(text, length));
        expect({ what, length, settled }).toEqual({ what, length, settled: text });
      }
    }
  });

  it("looks at each character a bounded number of times", () => {
    for (const [what, make] of ALL_HOSTILE) {
      for (const length of [Infinity, 16]) {
        const [once = 0, twice] = [1500, 3000].map((size) => {
          const text = make(size);
          return looks(() => parse(options, pieces(text, Math.min(length, text.length)))) / text.length;
        });
        expect(twice, `${what}, ${length}`).toBeLessThan(once * 1.2 + 1);
      }
    }
  });
});

describe("a megabyte", () => {
  const MEGABYTE = 1 << 20;
  const settings: ReadonlyArray<readonly [what: string, make: Maker, options: OutputParserOptions]> = [
    ["<", HOSTILE["<"]!, { tools: "hermes", reasoning: "qwen3" }],
    ["{", HOSTILE["{"]!, { tools: "llama3-json" }],
    ["[", HOSTILE["["]!, { tools: "llama-pythonic" }],
    [
      "the delimiter of Mistral",
      HOSTILE["delimiters of Mistral"]!,
      { tools: "mistral", reasoning: "magistral" },
    ],
    [
      "harmony without end",
      HOSTILE["messages of harmony without end"]!,
      { tools: "gpt-oss", reasoning: "gpt-oss" },
    ],
    ["a string in a call", HOSTILE["a string in a call"]!, { tools: "hermes" }],
  ];

  it.each(settings)("of %s comes through whole", (_what, make, options) => {
    const text = make(MEGABYTE);
    const { stretches } = record(options, pieces(text, 4096));
    expect(stretches.reduce((sum, { source }) => sum + source.length, 0)).toBe(text.length);
  });
});

describe("arguments", () => {
  const nested = (depth: number) =>
    `<tool_call>{"name": "f", "arguments": {"a": ${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}}</tool_call>`;

  it("are taken 50 deep, and no deeper", () => {
    const types = (depth: number) => parse({ tools: "hermes" }, [nested(depth)]).map(({ type }) => type);
    expect(types(50)).toEqual(["tool-call-begin", "tool-call-delta", "tool-call"]);
    expect(types(51)).toContain("tool-call-invalid");
  });

  it("of Python's likewise", () => {
    const types = (depth: number) =>
      parse({ tools: "llama-pythonic" }, [`[f(a=${"[".repeat(depth - 1)}${"]".repeat(depth - 1)})]`]).map(
        ({ type }) => type,
      );
    expect(types(50)).toEqual(["tool-call-begin", "tool-call-delta", "tool-call"]);
    expect(types(51)).toContain("tool-call-invalid");
  });

  it("with the key __proto__ have just that key", () => {
    const parts = parse({ tools: "hermes" }, [
      `<tool_call>{"name": "f", "arguments": {"__proto__": {"a": 1}}}</tool_call>`,
    ]);
    const call = parts.find((part) => part.type === "tool-call");
    expect(Object.keys(call!.arguments)).toEqual(["__proto__"]);
    expect(Reflect.get({}, "a")).toBeUndefined();
  });
});

describe("a finished parser", () => {
  it("has nothing more to say, and takes nothing more", () => {
    const parser = createOutputParser({ tools: "hermes" });
    expect(parser.push("a<")).toEqual([{ type: "text", text: "a" }]);
    expect(parser.finish()).toEqual([{ type: "text", text: "<" }]);
    expect(parser.finish()).toEqual([]);
    expect(() => parser.push("b")).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
  });
});

/** How many characters are looked at or copied while this runs. */
function looks(run: () => void): number {
  const charCodeAt: (this: string, at: number) => number = Reflect.get(String.prototype, "charCodeAt");
  const slice: (this: string, from?: number, to?: number) => string = Reflect.get(String.prototype, "slice");
  let count = 0;
  Object.assign(String.prototype, {
    charCodeAt(this: string, at: number) {
      count++;
      return charCodeAt.call(this, at);
    },
    slice(this: string, from?: number, to?: number) {
      const part = slice.call(this, from, to);
      count += part.length;
      return part;
    },
  });
  try {
    run();
  } finally {
    Object.assign(String.prototype, { charCodeAt, slice });
  }
  return count;
}
