import { describe, expect, it } from "vitest";
import { OUTPUT_PARSERS, reasoningParserName, toolParserName } from "../../../lib/parsers/catalog.js";
import { detectParsers, endsInReasoning, reasoningAtEnd } from "../../../lib/parsers/detect.js";
import { createOutputParser, delimitersOf } from "../../../lib/parsers/output-parser.js";

/** Templates as short as can be, with what identifies each family. */
const loop = "{% for m in messages %}{{ m.role + m.content }}{% endfor %}";
const prompt = (text: string) => `{% if add_generation_prompt %}{{ ${JSON.stringify(text)} }}{% endif %}`;
const hermesTools = `{% if tools %}Call by <tool_call>\n{"name": <name>, "arguments": <args>}\n</tool_call>{% endif %}`;
const coderTools =
  "<tool_call>\n<function=example>\n<parameter=p>\nvalue\n</parameter>\n</function>\n</tool_call>";
const strip = "{% set content = message.content.split('</think>')[-1] %}";
const noThinking = "{% if enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}";

describe("detectParsers", () => {
  it.each([
    ["no tools and no reasoning", loop + prompt("<|im_start|>assistant\n"), "none", "none", false],
    ["gpt-oss", "<|start|>{{ role }}<|channel|>final<|message|><|end|>", "gpt-oss", "gpt-oss", false],
    ["Qwen2.5", hermesTools + loop + prompt("<|im_start|>assistant\n"), "hermes", "none", false],
    [
      "Qwen3, which can be asked not to think",
      hermesTools + strip + loop + prompt("<|im_start|>assistant\n") + noThinking,
      "hermes",
      "qwen3",
      false,
    ],
    [
      "Qwen3 that always thinks",
      hermesTools + strip + loop + prompt("<|im_start|>assistant\n<think>\n"),
      "hermes",
      "qwen3",
      true,
    ],
    [
      "Qwen3.5, which thinks unless it is asked not to",
      `${coderTools}${loop}{% if add_generation_prompt %}{% if enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% else %}{{ '<think>\\n' }}{% endif %}{% endif %}`,
      "qwen3-coder",
      "qwen3",
      true,
    ],
    ["Qwen3-Coder", coderTools + loop, "qwen3-coder", "none", false],
    [
      "GLM, whose calls have Hermes' delimiter",
      "[gMASK]<sop><|assistant|><tool_call>{name}\n<arg_key>k</arg_key></tool_call>" + strip + loop,
      "glm4",
      "qwen3",
      false,
    ],
    [
      "Kimi K2",
      "<|im_system|>tool_declare<|im_middle|>{{ tools | tojson }}<|im_end|>" + loop,
      "kimi-k2",
      "none",
      false,
    ],
    [
      "Kimi K2 Thinking",
      "<|tool_calls_section_begin|><|tool_call_begin|>{{ id }}<|tool_call_argument_begin|><think></think>" +
        loop,
      "kimi-k2",
      "qwen3",
      false,
    ],
    [
      "LFM2",
      "List of tools: <|tool_list_start|>[{{ tools }}]<|tool_list_end|>" + loop,
      "lfm2",
      "none",
      false,
    ],
    [
      "LFM2.5",
      `${strip}{{ "<|tool_call_start|>[" + calls + "]<|tool_call_end|>" }}${loop}`,
      "lfm2",
      "qwen3",
      false,
    ],
    [
      "Gemma 4, whose prompt closes the reasoning at once",
      `{{- '<|tool_call>call:' + function['name'] + '{' -}}{{ text.split('<channel|>') }}${prompt("<|channel>thought\n<channel|>")}`,
      "gemma4",
      "gemma4",
      false,
    ],
    [
      "FunctionGemma",
      "<start_function_call>call:{{ name }}{<escape>}<end_function_call>",
      "functiongemma",
      "none",
      false,
    ],
    [
      "MiniCPM 5",
      `<function name="f"><param name="p">value</param></function>${strip}`,
      "minicpm5",
      "qwen3",
      false,
    ],
    [
      "DeepSeek-V3 with tools",
      "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>{{ name }}\n```json\n",
      "deepseek-v3",
      "none",
      false,
    ],
    [
      "DeepSeek-V3.1 with tools",
      "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>{{ name }}<｜tool▁sep｜>{{ arguments }}",
      "deepseek-v3.1",
      "none",
      false,
    ],
    [
      "Llama 4, whose delimiters are around text",
      `<|header_start|>{{ '<|python_start|>' + content + '<|python_end|>{"name": "' + name + '", "parameters": ' }}`,
      "llama3-json",
      "none",
      false,
    ],
    [
      "Llama 4 for JSON",
      `<|header_start|>Respond in the format {"name": function name, "parameters": dictionary}<|eot|>`,
      "llama3-json",
      "none",
      false,
    ],
    [
      "DeepSeek-R1",
      `${strip}<｜Assistant｜>${prompt("<｜Assistant｜><think>\n")}`,
      "none",
      "deepseek-r1",
      true,
    ],
    ["DeepSeek-R1, first version", `${strip}${prompt("<｜Assistant｜>")}`, "none", "deepseek-r1", true],
    [
      "DeepSeek-V3.1, which does not think unless it is asked to",
      `{% if add_generation_prompt %}{{ '<｜Assistant｜>' }}{% if not thinking %}{{ '</think>' }}{% else %}{{ '<think>' }}{% endif %}{% endif %}`,
      "none",
      "deepseek-r1",
      false,
    ],
    ["Mistral", "[AVAILABLE_TOOLS][TOOL_CALLS]" + loop, "mistral", "none", false],
    ["Magistral", "[THINK][/THINK][TOOL_CALLS]name[ARGS]" + loop, "mistral", "magistral", false],
    ["Phi-4-mini", "<|system|>{{ s }}<|tool|>{{ tools }}<|/tool|><|end|>", "phi4", "none", false],
    ["Phi-4-mini for functools", 'as functools[{"name": ...}]<|end|>', "phi4", "none", false],
    [
      "Phi-4-reasoning",
      `<|im_start|>system<|im_sep|>as <think> {Thought} </think> {Solution}${loop}${prompt("<|im_start|>assistant<|im_sep|>")}`,
      "none",
      "phi4",
      false,
    ],
    [
      "Llama 3.1",
      `<|start_header_id|>Respond in the format {"name": function name, "parameters": dictionary}<|eot_id|>`,
      "llama3-json",
      "none",
      false,
    ],
    [
      "Llama 3.1 with built-in tools",
      "<|start_header_id|><|python_tag|><|eom_id|>",
      "llama3-json",
      "none",
      false,
    ],
    [
      "Llama 3.2 for Python",
      '<|start_header_id|>as [func_name1(params_name1=params_value1)] "parameters"',
      "llama-pythonic",
      "none",
      false,
    ],
    ["Llama 4 for Python", "<|header_start|><|python_start|><|python_end|>", "llama-pythonic", "none", false],
  ] as const)("knows %s", (_family, template, tools, reasoning, startsInReasoning) => {
    expect(detectParsers(template)).toEqual({ tools, reasoning, startsInReasoning });
  });

  it("says what createOutputParser takes", () => {
    expect(createOutputParser(detectParsers(hermesTools + strip)).push("Yes")).toEqual([
      { type: "text", text: "Yes" },
    ]);
  });
});

describe("endsInReasoning", () => {
  it.each([
    ["<|im_start|>assistant\n<think>\n", "qwen3", true],
    ["<|im_start|>assistant\n<think>\n\n</think>\n\n", "qwen3", false],
    ["<｜Assistant｜>", "deepseek-r1", false],
    ["[/INST][THINK]", "magistral", true],
    ["<think>", "magistral", false],
    ["<think>", "none", false],
    ["<|turn>model\n<|channel>thought\n", "gemma4", true],
    ["<|turn>model\n<|channel>thought\n<channel|>", "gemma4", false],
  ] as const)("of %j with %s is %j", (prompt, reasoning, is) => {
    expect(endsInReasoning(prompt, reasoning)).toBe(is);
  });
});

describe("reasoningAtEnd", () => {
  it("knows that a prompt closed the reasoning already", () => {
    expect(reasoningAtEnd("<｜Assistant｜></think>", "deepseek-r1")).toBe("closed");
    expect(reasoningAtEnd("<｜Assistant｜><think>\n", "deepseek-r1")).toBe("open");
    expect(reasoningAtEnd("<｜Assistant｜>", "deepseek-r1")).toBeNull();
  });
});

describe("the names of parsers", () => {
  it("and their aliases lead to a parser each, within their kind to one only", () => {
    for (const { kind, name, aliases } of OUTPUT_PARSERS) {
      for (const alias of [name, ...aliases]) {
        expect(kind === "tools" ? toolParserName(alias) : reasoningParserName(alias)).toBe(name);
        const parser = createOutputParser({ [kind]: alias });
        expect(parser.finish()).toEqual([]);
      }
    }
    for (const kind of ["tools", "reasoning"] as const) {
      const all = OUTPUT_PARSERS.filter((parser) => parser.kind === kind);
      const names = all.flatMap(({ name, aliases }) => [name, ...aliases]);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it("that are none are refused, with those that there are", () => {
    expect(() => toolParserName("qwen")).toThrow(
      'Expected one of "deepseek-v3", "deepseek-v3.1", "functiongemma", "gemma4", "glm4", "gpt-oss", "hermes", "kimi-k2", "lfm2", "llama-pythonic", "llama3-json", "minicpm5", "mistral", "phi4", "qwen3-coder" or "none" for tools but received "qwen".',
    );
    expect(() => createOutputParser({ reasoning: "hermes" as "qwen3" })).toThrow(RangeError);
  });

  it("of gpt-oss go only with each other", () => {
    expect(() => createOutputParser({ tools: "gpt-oss", reasoning: "qwen3" })).toThrow(RangeError);
    expect(() => createOutputParser({ tools: "hermes", reasoning: "gpt-oss" })).toThrow(RangeError);
  });
});

describe("delimitersOf", () => {
  it("names what decoding must leave in the text", () => {
    expect(delimitersOf({ tools: "mistral", reasoning: "magistral" })).toEqual([
      "[THINK]",
      "[/THINK]",
      "[TOOL_CALLS]",
      "[ARGS]",
      "[CALL_ID]",
    ]);
    expect(delimitersOf({ reasoning: "gpt-oss" })).toContain("<|channel|>");
    expect(delimitersOf({})).toEqual([]);
  });
});
