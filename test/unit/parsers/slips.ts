/** What models really write wrong in each format, after reports of their users, and what it means. */
import type { OutputParserOptions } from "../../../lib/parsers/output-parser.js";
import { call, cutOff, malformed, text, thought, type Said } from "./transcripts.js";

/** A row: what is wrong, what was written, what it means. */
export type Slip = readonly [what: string, output: string, said: readonly Said[]];

export interface SlipsOfFormat {
  readonly options: OutputParserOptions;
  readonly slips: readonly Slip[];
}

const PARIS = '{"city": "Paris"}';
const WEATHER = `{"name": "w", "arguments": ${PARIS}}`;

const hermes: readonly Slip[] = [
  ["no end delimiter", `<tool_call>\n${WEATHER}`, [call("w", PARIS)]],
  ["the end delimiter twice", `<tool_call>${WEATHER}</tool_call></tool_call>`, [call("w", PARIS)]],
  ["the delimiter twice", `<tool_call>\n<tool_call>\n${WEATHER}\n</tool_call>`, [call("w", PARIS)]],
  ["a brace too many", `<tool_call>${WEATHER}}</tool_call>`, [call("w", PARIS)]],
  [
    "a brace too many, then the next call",
    `<tool_call>${WEATHER}}}\n</tool_call>\n<tool_call>${WEATHER}</tool_call>`,
    [call("w", PARIS), call("w", PARIS)],
  ],
  ["a brace too few", `<tool_call>{"name": "w", "arguments": ${PARIS}\n</tool_call>`, [call("w", PARIS)]],
  [
    "two braces too few",
    '<tool_call>{"name": "w", "arguments": {"city": "Paris"\n</tool_call>',
    [call("w", '{"city": "Paris"\n}')],
  ],
  ["a brace too few at the end", `<tool_call>{"name": "w", "arguments": ${PARIS}`, [call("w", PARIS)]],
  [
    "a bracket too few",
    '<tool_call>{"name": "w", "arguments": {"days": [1, 2}}</tool_call>',
    [call("w", '{"days": [1, 2]}')],
  ],
  [
    "raw line breaks and tabs in a string",
    '<tool_call>{"name": "w", "arguments": {"s": "a\nb\r\n\tc"}}</tool_call>',
    [call("w", String.raw`{"s": "a\nb\r\n\tc"}`)],
  ],
  [
    "backslashes that JSON does not know",
    String.raw`<tool_call>{"name": "w", "arguments": {"s": "\d+ it\'s C:\Users \u12"}}</tool_call>`,
    [call("w", String.raw`{"s": "\\d+ it's C:\\Users \\u12"}`)],
  ],
  [
    "quotes that are not escaped",
    `<tool_call>{"name": "w", "arguments": {"s": "He said "hello" to me"}}</tool_call>Done`,
    [
      malformed(
        "w",
        '{"s": "He said "',
        `<tool_call>{"name": "w", "arguments": {"s": "He said "hello" to me"}}</tool_call>`,
      ),
      text("Done"),
    ],
  ],
  [
    "a string that is not closed, then a right call",
    `<tool_call>{"name": "w", "arguments": {"s": "Paris}}</tool_call>\n<tool_call>${WEATHER}</tool_call>`,
    [
      malformed("w", '{"s": "Paris}}', '<tool_call>{"name": "w", "arguments": {"s": "Paris}}</tool_call>\n'),
      call("w", PARIS),
    ],
  ],
  [
    "Python's way of writing it",
    `<tool_call>{'name': 'w', 'arguments': {'s': 'say "a"', 'b': True, 'n': None,}}</tool_call>`,
    [call("w", String.raw`{"s": "say \"a\"", "b": true, "n": null}`)],
  ],
  [
    "keys without quotes",
    `<tool_call>{name: "w", arguments: {city: "Paris"}}</tool_call>`,
    [call("w", '{"city": "Paris"}')],
  ],
  ["CRLF", `<tool_call>\r\n${WEATHER}\r\n</tool_call>\r\n`, [call("w", PARIS)]],
  [
    "strange spaces",
    '\u200b<tool_call>\u00a0{\u202f"name":\u00a0"w",\u3000"arguments":\u2009{"city":\u00a0"Paris"}}\ufeff</tool_call>',
    [text("\u200b"), call("w", '{"city": "Paris"}')],
  ],
  [
    "two calls behind one delimiter, the second one malformed",
    `<tool_call>${WEATHER}\n{"name"; 1}</tool_call>.`,
    [call("w", PARIS), malformed("", "", '\n{"name"; 1}</tool_call>'), text(".")],
  ],
  [
    "two calls behind one delimiter, the second one cut off",
    `<tool_call>${WEATHER}\n{"na`,
    [call("w", PARIS), cutOff("", "", '\n{"na')],
  ],
  ["a code fence", `<tool_call>\n\`\`\`json\n${WEATHER}\n\`\`\`\n</tool_call>`, [call("w", PARIS)]],
  [
    "the function around it",
    `<tool_call>{"type": "function", "function": {"name": "w", "arguments": ${PARIS}}}</tool_call>`,
    [call("w", PARIS)],
  ],
  [
    "arguments beside the name",
    `<tool_call>{"name": "v", "city": "Paris", "kind": 1, "days": 3}</tool_call>`,
    [call("v", '{"city":"Paris","days":3}')],
  ],
  [
    "arguments beside the name and apart from it",
    `<tool_call>{"name": "v", "city": "Paris", "arguments": {}}</tool_call>`,
    [
      malformed(
        "v",
        '{"city":"Paris"',
        `<tool_call>{"name": "v", "city": "Paris", "arguments": {}}</tool_call>`,
      ),
    ],
  ],
  ["a namespace", `<tool_call>{"name": "functions.w", "arguments": {}}</tool_call>`, [call("w", "{}")]],
  ["no delimiter", WEATHER, [call("w", PARIS)]],
  ["no delimiter but the end delimiter", `${WEATHER}\n</tool_call>`, [call("w", PARIS)]],
  [
    "Qwen3-Coder's call inside",
    "<tool_call>\n<function=w>\n<parameter=city>\nParis\n</parameter>\n</function>\n</tool_call>",
    [call("w", '{"city":"Paris"}')],
  ],
  ["a delimiter within another one", "Yes.</tool_<tool_call>call>No", [text("Yes.</tool_No")]],
  ["an end delimiter alone", "Yes.</tool_call>\nNo.", [text("Yes.No.")]],
  ["a delimiter that the answer speaks of", "Write <tool_call> first.", [text("Write first.")]],
  ["a delimiter alone at the end", "So: <tool_call>\n", [text("So: "), cutOff("", "", "<tool_call>\n")]],
  [
    "a call in words",
    "<tool_call>w(Paris)</tool_call>.",
    [malformed("", "", "<tool_call>w(Paris)</tool_call>"), text(".")],
  ],
  ["no name", "<tool_call>{}</tool_call>", [malformed("", "", "<tool_call>{}</tool_call>")]],
  ["cut off in the name", '<tool_call>{"name": "ge', [cutOff("", "", '<tool_call>{"name": "ge')]],
  [
    "cut off in a string",
    '<tool_call>{"name": "w", "arguments": {"city": "Par',
    [cutOff("w", '{"city": "Par', '<tool_call>{"name": "w", "arguments": {"city": "Par')],
  ],
  [
    "cut off behind a value",
    '<tool_call>{"name": "w", "arguments": {"city": "Paris"',
    [cutOff("w", '{"city": "Paris"', '<tool_call>{"name": "w", "arguments": {"city": "Paris"')],
  ],
];

const coder = (body: string) => `<tool_call>\n<function=write>\n${body}`;

const qwen3Coder: readonly Slip[] = [
  [
    "no closing tag before the next parameter",
    coder("<parameter=path>\na.txt\n<parameter=content>\nHi\n</parameter>\n</function>\n</tool_call>"),
    [call("write", '{"path":"a.txt","content":"Hi"}')],
  ],
  [
    "the same on one line",
    coder("<parameter=path>a.txt<parameter=content>Hi</parameter></function></tool_call>"),
    [call("write", '{"path":"a.txt","content":"Hi"}')],
  ],
  [
    "no closing tag before the function's, and a second call",
    `${coder("<parameter=path>\na.txt\n</function>\n</tool_call>")}\n${coder("<parameter=path>\nb.txt\n</parameter>\n</function>\n</tool_call>")}`,
    [call("write", '{"path":"a.txt"}'), call("write", '{"path":"b.txt"}')],
  ],
  [
    "no closing tag but that around the call",
    `${coder("<parameter=path>\na.txt\n</tool_call>")}\n${coder("<parameter=path>\nb.txt\n</tool_call>")}`,
    [call("write", '{"path":"a.txt"}'), call("write", '{"path":"b.txt"}')],
  ],
  [
    "no closing tag at all, and a second call",
    `${coder("<parameter=path>\na.txt\n")}${coder("<parameter=path>\nb.txt\n</parameter>\n</function>")}`,
    [call("write", '{"path":"a.txt"}'), call("write", '{"path":"b.txt"}')],
  ],
  [
    "no closing tag of the function",
    coder("<parameter=path>\na.txt\n</parameter>\n</tool_call>"),
    [call("write", '{"path":"a.txt"}')],
  ],
  [
    "closing tags of other forms",
    coder(
      "<parameter=path>\na.txt\n</parameter/>\n<parameter=content>\nHi\n</parameter_function>\n</tool_call>",
    ),
    [call("write", '{"path":"a.txt","content":"Hi"}')],
  ],
  [
    "a parameter's tag that the tool does not have, as text of the value",
    coder("<parameter=path>\n<parameter=x>\n</parameter>\n</function>"),
    [call("write", '{"path":"<parameter=x>"}')],
  ],
  [
    "no delimiter before the call",
    "I write.\n\n<function=write>\n<parameter=path>\na.txt\n</parameter>\n</function>\n</tool_call>",
    [text("I write.\n\n"), call("write", '{"path":"a.txt"}')],
  ],
  [
    "CRLF",
    "<tool_call>\r\n<function=write>\r\n<parameter=path>\r\na\r\nb\r\n</parameter>\r\n</function>\r\n</tool_call>",
    [call("write", String.raw`{"path":"a\r\nb"}`)],
  ],
  [
    "names in attributes",
    `<tool_call><function name="write"><parameter name="path">a.txt</parameter></function></tool_call>`,
    [call("write", '{"path":"a.txt"}')],
  ],
  [
    "Hermes' call",
    `<tool_call>\n{"name": "write", "arguments": {"path": "a.txt"}}\n</tool_call>`,
    [call("write", '{"path": "a.txt"}')],
  ],
  [
    "JSON for the parameters",
    '<function=write>{"path": "a.txt"}</function>',
    [call("write", '{"path": "a.txt"}')],
  ],
  [
    "a name that is not closed",
    "<tool_call>\n<function=write\n<parameter=path>a</parameter></function></tool_call>",
    [malformed("", "", "<tool_call>\n<function=write\n<parameter=path>a</parameter></function>")],
  ],
  [
    "cut off in a value",
    coder("<parameter=path>\na.t"),
    [cutOff("write", '{"path":"a.t', coder("<parameter=path>\na.t"))],
  ],
  ["cut off in the name", "<tool_call>\n<function=wri", [cutOff("", "", "<tool_call>\n<function=wri")]],
];

const START = "<|start|>assistant";
const TO = "commentary to=functions.a <|constrain|>json<|message|>";

const gptOss: readonly Slip[] = [
  [
    "a channel with a question mark",
    `<|channel|>commentary? to=functions.a<|message|>{}<|call|>`,
    [call("a", "{}")],
  ],
  ["a header twice", `<|channel|>commentary${START}<|channel|>${TO}{}<|call|>`, [call("a", "{}")]],
  [
    "the channel twice, and other words",
    `<|channel|>commentary to=assistant<|channel|>commentary??? ${TO}{}<|call|>`,
    [call("a", "{}")],
  ],
  [
    "a narrow space behind the recipient",
    `<|channel|>commentary to=functions.a\u202f<|constrain|>json<|message|>{}<|call|>`,
    [call("a", "{}")],
  ],
  [
    "no delimiter of the message",
    `<|channel|>commentary to=functions.a <|constrain|>json{"x": 1}<|call|>`,
    [call("a", '{"x": 1}')],
  ],
  [
    "the delimiter of the message twice",
    `<|channel|>${TO.replace("<|message|>", "<|message|><|message|>")}{}<|call|>`,
    [call("a", "{}")],
  ],
  [
    "no end delimiter",
    `<|channel|>${TO}{}${START}<|channel|>final<|message|>Hi.`,
    [call("a", "{}"), text("Hi.")],
  ],
  ["a brace too many", `<|channel|>${TO}{"x": 1}}<|call|>`, [call("a", '{"x": 1}')]],
  ["a brace too few", `<|channel|>${TO}{"x": {"y": 1}<|call|>`, [call("a", '{"x": {"y": 1}}')]],
  ["a raw line break", `<|channel|>${TO}{"x": "a\nb"}<|call|>`, [call("a", String.raw`{"x": "a\nb"}`)]],
  [
    "arguments in a string",
    String.raw`<|channel|>${TO}"{\"x\": 1}"<|call|>`.replace("${TO}", TO),
    [call("a", '{"x": 1}')],
  ],
  [
    "words in place of a channel",
    `<|channel|>I look it up.<|end|>${START}<|channel|>analysis<|message|>Hm.<|end|>${START}<|channel|>final<|message|>Yes.<|return|>`,
    [text("I look it up."), thought("Hm."), text("\nYes.")],
  ],
  [
    "a delimiter within another one",
    `<|channel|>final<|message|>Yes.<|ca<|channel|>ll|>No.`,
    [text("Yes.<|caNo.")],
  ],
  [
    "no message behind a header",
    `<|channel|>commentary?commentary?<|end|>${START}<|channel|>final<|message|>Yes.<|return|>`,
    [text("Yes.")],
  ],
  [
    "a message that is not JSON",
    `<|channel|>${TO}print(1)<|call|>${START}<|channel|>final<|message|>Yes.`,
    [malformed("a", "", `<|channel|>${TO}print(1)<|call|>`), text("Yes.")],
  ],
  [
    "cut off in the arguments",
    `<|channel|>${TO}{"x": "y`,
    [cutOff("a", '{"x": "y', `<|channel|>${TO}{"x": "y`)],
  ],
  ["cut off before them", `<|channel|>${TO}`, [cutOff("a", "", `<|channel|>${TO}`)]],
  ["cut off in the header", "<|channel|>commentary to=functions.a <|cons", []],
];

const mistral: readonly Slip[] = [
  ["no arguments", "[TOOL_CALLS]add[ARGS]", [call("add", "{}")]],
  [
    "no arguments, and another call",
    "[TOOL_CALLS]add[ARGS][TOOL_CALLS]add[ARGS]{}",
    [call("add", "{}"), call("add", "{}")],
  ],
  [
    "no delimiter of the arguments, and another call",
    "[TOOL_CALLS]add[TOOL_CALLS]add{}",
    [call("add", "{}"), call("add", "{}")],
  ],
  ["spaces and line breaks", '[TOOL_CALLS] add [ARGS]\r\n{"a": 1}\n', [call("add", '{"a": 1}')]],
  ["the delimiters twice", '[TOOL_CALLS][TOOL_CALLS]add[ARGS][ARGS]{"a": 1}', [call("add", '{"a": 1}')]],
  [
    "a list that is not closed",
    '[TOOL_CALLS][{"name": "add", "arguments": {"a": 1}}',
    [call("add", '{"a": 1}')],
  ],
  ["a brace too many", '[TOOL_CALLS]add[ARGS]{"a": 1}}', [call("add", '{"a": 1}')]],
  [
    "a brace too few, and another call",
    '[TOOL_CALLS]add[ARGS]{"a": 1[TOOL_CALLS]add[ARGS]{}',
    [call("add", '{"a": 1}'), call("add", "{}")],
  ],
  ["arguments in a string", String.raw`[TOOL_CALLS]add[ARGS]"{\"a\": 1}"`, [call("add", '{"a": 1}')]],
  ["a raw line break", '[TOOL_CALLS]add[ARGS]{"a": "x\ny"}', [call("add", String.raw`{"a": "x\ny"}`)]],
  ["orphans", "a[ARGS]b[CALL_ID]c", [text("abc")]],
  [
    "malformed",
    "[TOOL_CALLS]add[ARGS](1)[TOOL_CALLS]add[ARGS]{}",
    [malformed("", "", "[TOOL_CALLS]add[ARGS](1)"), call("add", "{}")],
  ],
  ["cut off", '[TOOL_CALLS]add[ARGS]{"a": [1', [cutOff("add", '{"a": [1', '[TOOL_CALLS]add[ARGS]{"a": [1')]],
  ["cut off in the name", "[TOOL_CALLS]ad", [cutOff("", "", "[TOOL_CALLS]ad")]],
];

const llama3Json: readonly Slip[] = [
  ["a brace too many", `{"name": "w", "parameters": ${PARIS}}}`, [call("w", PARIS)]],
  ["a brace too few", `{"name": "w", "parameters": ${PARIS}`, [call("w", PARIS)]],
  [
    "the name as the function",
    `{"type": "function", "function": "w", "parameters": ${PARIS}}`,
    [call("w", PARIS)],
  ],
  [
    "a list",
    `[{"name": "w", "parameters": {}}, {"name": "w", "parameters": {}}]`,
    [call("w", "{}"), call("w", "{}")],
  ],
  [
    "arguments in a string",
    String.raw`{"name": "w", "parameters": "{\"city\": \"Paris\"}"}`,
    [call("w", PARIS)],
  ],
  ["the delimiter twice", `<|python_tag|><|python_tag|>{"name": "w", "parameters": {}}`, [call("w", "{}")]],
  [
    "Llama 4's delimiters around text",
    `<|python_start|>I look.<|python_end|>{"name": "w", "parameters": {}}`,
    [text("I look."), call("w", "{}")],
  ],
  [
    "Llama 4's delimiters around nothing",
    `<|python_start|><|python_end|>{"name": "w", "parameters": {}}{"name": "w", "parameters": {}}`,
    [call("w", "{}"), call("w", "{}")],
  ],
  ["Llama 4's delimiters and no call", "<|python_start|>Yes.<|python_end|>", [text("Yes.")]],
  ["Python's list without a delimiter", `[w(city="Paris")]`, [call("w", '{"city":"Paris"}')]],
  ["the tag of custom tools", `<function=w>${PARIS}</function>`, [call("w", PARIS)]],
  [
    "Llama 4's delimiters around the call",
    `<|python_start|>{"name": "w", "parameters": {}}<|python_end|>`,
    [call("w", "{}")],
  ],
  ["a raw line break", `{"name": "w", "parameters": {"s": "a\nb"}}`, [call("w", String.raw`{"s": "a\nb"}`)]],
  [
    "malformed",
    `{"name": "w", "parameters": {"s": today}} Done`,
    [malformed("w", '{"s": ', `{"name": "w", "parameters": {"s": today}} Done`)],
  ],
  [
    "cut off",
    `{"name": "w", "parameters": {"s": "a`,
    [cutOff("w", '{"s": "a', `{"name": "w", "parameters": {"s": "a`)],
  ],
  ["cut off behind the delimiter", `<|python_tag|>{"na`, [cutOff("", "", `<|python_tag|>{"na`)]],
];

const llamaPythonic: readonly Slip[] = [
  ["a list that is not closed", `[w(city="Paris")`, [call("w", '{"city":"Paris"}')]],
  ["a parenthesis too few", `[w(city="Paris"]`, [call("w", '{"city":"Paris"}')]],
  [
    "no list behind the delimiter",
    `<|python_start|>w(city="Paris")<|python_end|>`,
    [call("w", '{"city":"Paris"}')],
  ],
  [
    "quotes that are not escaped",
    `[w(city='Land's End', note="a "b" c")]`,
    [call("w", String.raw`{"city":"Land's End","note":"a \"b\" c"}`)],
  ],
  [
    "a raw line break, CRLF and strange spaces",
    `[w(\r\n\u00a0city = "a\nb" ,\n)\u202f]`,
    [call("w", String.raw`{"city":"a\nb"}`)],
  ],
  [
    "JSON behind the delimiter",
    `<|python_start|>[{"name": "w", "parameters": {}}]<|python_end|>`,
    [call("w", "{}")],
  ],
  ["an end delimiter alone", "a<|python_end|>b", [text("ab")]],
  ["cut off", `[w(city="Par`, [cutOff("w", '{"city":"Par', `[w(city="Par`)]],
  ["cut off behind a value", `[w(city="Paris", `, [cutOff("w", '{"city":"Paris"', `[w(city="Paris", `)]],
];

const phi4: readonly Slip[] = [
  ["a list that is not closed", `<|tool_call|>[${WEATHER}<|/tool_call|>`, [call("w", PARIS)]],
  ["no end delimiter", `<|tool_call|>[${WEATHER}]`, [call("w", PARIS)]],
  ["a bracket too many", `<|tool_call|>[${WEATHER}]]<|/tool_call|>`, [call("w", PARIS)]],
  ["functools without its end", `functools[${WEATHER}`, [call("w", PARIS)]],
  ["an end delimiter alone", "a<|/tool_call|>b", [text("ab")]],
  [
    "malformed",
    `functools[{"name": "w", "arguments": {"a": b}}]`,
    [malformed("w", '{"a": ', `functools[{"name": "w", "arguments": {"a": b}}]`)],
  ],
  ["cut off", `<|tool_call|>[{"name": "w", "argum`, [cutOff("w", "", `<|tool_call|>[{"name": "w", "argum`)]],
];

const FENCE = "```";

const deepseekV3: readonly Slip[] = [
  [
    "no end delimiters",
    `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>w\n${FENCE}json\n${PARIS}`,
    [call("w", PARIS)],
  ],
  [
    "no fence",
    `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>w\n${PARIS}<｜tool▁call▁end｜>`,
    [call("w", PARIS)],
  ],
  [
    "a fence in V3.1's way",
    `<｜tool▁call▁begin｜>w<｜tool▁sep｜>${FENCE}json\n${PARIS}\n${FENCE}<｜tool▁call▁end｜>`,
    [call("w", PARIS)],
  ],
  [
    "no delimiter of the call",
    `<｜tool▁calls▁begin｜>w<｜tool▁sep｜>${PARIS}<｜tool▁calls▁end｜>`,
    [call("w", PARIS)],
  ],
  [
    "other characters in the delimiters",
    `<｜tool_calls_begin｜><｜tool_call_begin｜>w<｜tool_sep｜>${PARIS}<｜tool_call_end｜><｜tool_calls_end｜>`,
    [call("w", PARIS)],
  ],
  [
    "backslashes in the delimiters",
    String.raw`<｜tool\_calls\_begin｜><｜tool\_call\_begin｜>w<｜tool\_sep｜>{}<｜tool\_call\_end｜>`,
    [call("w", "{}")],
  ],
  [
    "CRLF and spaces",
    `<｜tool▁calls▁begin｜>\r\n<｜tool▁call▁begin｜> w <｜tool▁sep｜> ${PARIS} <｜tool▁call▁end｜>\r\n<｜tool▁calls▁end｜>`,
    [call("w", PARIS)],
  ],
  [
    "a brace too many",
    `<｜tool▁call▁begin｜>w<｜tool▁sep｜>${PARIS}}<｜tool▁call▁end｜>`,
    [call("w", PARIS)],
  ],
  [
    "a brace too few",
    `<｜tool▁call▁begin｜>w<｜tool▁sep｜>{"city": "Paris"<｜tool▁call▁end｜>`,
    [call("w", PARIS)],
  ],
  [
    "a raw line break",
    `<｜tool▁call▁begin｜>w<｜tool▁sep｜>{"s": "a\nb"}<｜tool▁call▁end｜>`,
    [call("w", String.raw`{"s": "a\nb"}`)],
  ],
  ["nothing but the name", "<｜tool▁call▁begin｜>w<｜tool▁call▁end｜>", [call("w", "{}")]],
  ["orphans", "a<｜tool▁sep｜>b<｜tool▁calls▁end｜>c", [text("abc")]],
  [
    "malformed",
    "<｜tool▁call▁begin｜>w<｜tool▁sep｜>Paris<｜tool▁call▁end｜>",
    [malformed("", "", "<｜tool▁call▁begin｜>w<｜tool▁sep｜>Paris<｜tool▁call▁end｜>")],
  ],
  [
    "cut off",
    '<｜tool▁call▁begin｜>w<｜tool▁sep｜>{"city": "Pa',
    [cutOff("w", '{"city": "Pa', '<｜tool▁call▁begin｜>w<｜tool▁sep｜>{"city": "Pa')],
  ],
  [
    "cut off in the name",
    "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>func",
    [cutOff("", "", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>func")],
  ],
];

const kimi = (id: string, json: string) =>
  `<|tool_call_begin|>${id}<|tool_call_argument_begin|>${json}<|tool_call_end|>`;

const kimiK2: readonly Slip[] = [
  ["no delimiters around all calls", kimi("functions.w:0", PARIS), [call("w", PARIS)]],
  [
    "no end delimiters",
    `<|tool_calls_section_begin|><|tool_call_begin|>functions.w:0<|tool_call_argument_begin|>${PARIS}`,
    [call("w", PARIS)],
  ],
  [
    "the delimiters in the singular",
    `<|tool_call_section_begin|>${kimi("functions.w:0", PARIS)}<|tool_call_section_end|>`,
    [call("w", PARIS)],
  ],
  ["an id with underscores", kimi("functions_w_1", "{}"), [call("w", "{}")]],
  [
    "an id without a namespace, and one without a number",
    kimi("w:3", "{}") + kimi("functions.w", "{}"),
    [call("w", "{}"), call("w", "{}")],
  ],
  ["arguments in a string", kimi("functions.w:0", String.raw`"{\"city\": \"Paris\"}"`), [call("w", PARIS)]],
  ["no arguments", kimi("functions.w:0", ""), [call("w", "{}")]],
  ["CRLF and spaces", kimi(" functions.w:0\r\n", `\r\n${PARIS}\u00a0`), [call("w", PARIS)]],
  [
    "the delimiter of the arguments twice",
    kimi("functions.w:0<|tool_call_argument_begin|>", "{}"),
    [call("w", "{}")],
  ],
  [
    "a brace too many, and too few",
    kimi("w:0", `${PARIS}}`) + kimi("w:1", '{"a": [1'),
    [call("w", PARIS), call("w", '{"a": [1]}')],
  ],
  ["a raw line break", kimi("w:0", '{"s": "a\nb"}'), [call("w", String.raw`{"s": "a\nb"}`)]],
  ["orphans", "a<|tool_calls_section_end|>b<|tool_call_argument_begin|>c", [text("abc")]],
  ["malformed", kimi("w:0", "Paris"), [malformed("", "", kimi("w:0", "Paris"))]],
  [
    "cut off",
    '<|tool_call_begin|>w:0<|tool_call_argument_begin|>{"a',
    [cutOff("w", '{"a', '<|tool_call_begin|>w:0<|tool_call_argument_begin|>{"a')],
  ],
];

const glm4: readonly Slip[] = [
  [
    "no end delimiter of a value",
    "<tool_call>w\n<arg_key>city</arg_key>\n<arg_value>Paris<arg_key>days</arg_key><arg_value>3</tool_call>",
    [call("w", '{"city":"Paris","days":3}')],
  ],
  [
    "no first delimiter of a value",
    "<tool_call>w<arg_key>city</arg_key>Paris</arg_value></tool_call>",
    [call("w", '{"city":"Paris"}')],
  ],
  [
    "no first delimiter of a key",
    "<tool_call>wcity</arg_key><arg_value>Paris</arg_value></tool_call>",
    [call("w", '{"city":"Paris"}')],
  ],
  [
    "the call's delimiter for that of the first key",
    "<tool_call>w<tool_call>city</arg_key><arg_value>Paris</arg_value></tool_call>",
    [call("w", '{"city":"Paris"}')],
  ],
  [
    "delimiters twice",
    "<tool_call>w<arg_key><arg_key>city</arg_key></arg_key><arg_value><arg_value>Paris</arg_value></arg_value></tool_call></tool_call>",
    [call("w", '{"city":"Paris"}')],
  ],
  [
    "a delimiter in a value",
    "<tool_call>w<arg_key>city</arg_key><arg_value>a </arg_value> b</arg_value></tool_call>",
    [call("w", '{"city":"a </arg_value> b"}')],
  ],
  [
    "no end delimiter, and another call",
    "<tool_call>w<arg_key>city</arg_key><arg_value>a</arg_value><tool_call>w</tool_call>",
    [call("w", '{"city":"a"}'), call("w", "{}")],
  ],
  ["JSON for the arguments", `<tool_call>w\n${PARIS}\n</tool_call>`, [call("w", PARIS)]],
  ["Hermes' call", `<tool_call>\n${WEATHER}\n</tool_call>`, [call("w", PARIS)]],
  [
    "CRLF and spaces",
    "<tool_call> w \r\n<arg_key> city </arg_key>\r\n<arg_value>Paris</arg_value>\r\n</tool_call>",
    [call("w", '{"city":"Paris"}')],
  ],
  [
    "Python's list",
    "<tool_call>w<arg_key>tags</arg_key><arg_value>['a', True]</arg_value></tool_call>",
    [call("w", `{"tags":["a", true]}`)],
  ],
  ["orphans", "a</arg_value>b</tool_call>c<arg_key>d", [text("abcd")]],
  [
    "a call in words",
    "<tool_call>I call w.</tool_call>",
    [malformed("", "", "<tool_call>I call w.</tool_call>")],
  ],
  [
    "cut off in a value",
    "<tool_call>w<arg_key>city</arg_key><arg_value>Par",
    [cutOff("w", '{"city":"Par', "<tool_call>w<arg_key>city</arg_key><arg_value>Par")],
  ],
  [
    "cut off behind a value",
    "<tool_call>w<arg_key>city</arg_key><arg_value>a</arg_value>",
    [cutOff("w", '{"city":"a"', "<tool_call>w<arg_key>city</arg_key><arg_value>a</arg_value>")],
  ],
  ["cut off in the name", "<tool_call>w", [cutOff("", "", "<tool_call>w")]],
];

const lfm2: readonly Slip[] = [
  [
    "quotes that are not escaped, as its template has them",
    "<|tool_call_start|>[w(city='Land's End')]<|tool_call_end|>",
    [call("w", `{"city":"Land's End"}`)],
  ],
  ["no list", `<|tool_call_start|>w(city="Paris")<|tool_call_end|>`, [call("w", '{"city":"Paris"}')]],
  ["no end delimiters", `<|tool_call_start|>[w(city="Paris")`, [call("w", '{"city":"Paris"}')]],
  [
    "a parenthesis too few",
    `<|tool_call_start|>[w(city="Paris"]<|tool_call_end|>`,
    [call("w", '{"city":"Paris"}')],
  ],
  [
    "a bracket too many",
    `<|tool_call_start|>[w(city="Paris")]]<|tool_call_end|>`,
    [call("w", '{"city":"Paris"}')],
  ],
  ["no delimiters", `[w(city="Paris")]`, [call("w", '{"city":"Paris"}')]],
  [
    "strange spaces, CRLF and a raw line break",
    `<|tool_call_start|>\r\n[w(\u202fcity="a\nb")]\r\n<|tool_call_end|>`,
    [call("w", String.raw`{"city":"a\nb"}`)],
  ],
  ["an orphan", "a<|tool_call_end|>b", [text("ab")]],
  [
    "malformed",
    "<|tool_call_start|>[w(Paris)]<|tool_call_end|>",
    [malformed("", "", "<|tool_call_start|>[w(Paris)]<|tool_call_end|>")],
  ],
  [
    "cut off",
    `<|tool_call_start|>[w(city="Par`,
    [cutOff("w", '{"city":"Par', `<|tool_call_start|>[w(city="Par`)],
  ],
];

const gemmaSlips = (open: string, close: string, quote: string): readonly Slip[] => [
  ["no end delimiter", `${open}call:w{city:${quote}Paris${quote}}`, [call("w", '{"city":"Paris"}')]],
  ["a brace too few", `${open}call:w{city:${quote}Paris${quote}${close}`, [call("w", '{"city":"Paris"}')]],
  ["a brace too many", `${open}call:w{city:${quote}Paris${quote}}}${close}`, [call("w", '{"city":"Paris"}')]],
  [
    "parentheses and =",
    `${open}call:w(city=${quote}Paris${quote}, days = 3)${close}`,
    [call("w", '{"city":"Paris","days":3}')],
  ],
  [
    "common quotes",
    `${open}call:w{"city":"Paris",tags:['a',"b"]}${close}`,
    [call("w", '{"city":"Paris","tags":["a","b"]}')],
  ],
  [
    "no first delimiter of a text",
    `${open}call:w{city:Paris${quote},days:3}${close}`,
    [call("w", '{"city":"Paris","days":3}')],
  ],
  [
    "a bracket too few, and one of another kind",
    `${open}call:w{tags:[1,2}${close}${open}call:w{tags:[{a:1]]${close}`,
    [call("w", '{"tags":[1,2]}'), call("w", '{"tags":[{"a":1}]}')],
  ],
  [
    "values of other types than the schema has, which are written out",
    `${open}call:v{city:12345,days:${quote}3${quote}}${close}`,
    [call("v", '{"city":"12345","days":3}')],
  ],
  [
    "a bare word",
    `${open}call:w{city:Land's End,days:3}${close}`,
    [call("w", `{"city":"Land's End","days":3}`)],
  ],
  [
    "no comma",
    `${open}call:w{city:${quote}Paris${quote}days:3}${close}`,
    [call("w", '{"city":"Paris","days":3}')],
  ],
  [
    "a key with spaces",
    `${open}call:w{a b:1,${quote}c d${quote}:2}${close}`,
    [call("w", '{"a b":1,"c d":2}')],
  ],
  ["no prefix", `${open}w{}${close}`, [call("w", "{}")]],
  ["a namespace", `${open}call:google:mcp:w{}${close}`, [call("w", "{}")]],
  ["nothing but the name", `${open}call:w${close}`, [call("w", "{}")]],
  [
    "two calls behind one delimiter",
    `${open}call:w{}call:w{a:1}${close}`,
    [call("w", "{}"), call("w", '{"a":1}')],
  ],
  [
    "CRLF, spaces and a raw line break",
    `${open}\r\ncall:w {\u00a0city : ${quote}a\nb${quote} ,\r\n}\r\n${close}`,
    [call("w", String.raw`{"city":"a\nb"}`)],
  ],
  ["orphans", `a${close}b${quote}c`, [text("abc")]],
  ["malformed", `${open}call:w{city}${close}`, [malformed("w", "", `${open}call:w{city}${close}`)]],
  [
    "a text that is not closed, then a right call",
    `${open}call:w{city:${quote}Paris}${close}${open}call:w{}${close}`,
    [malformed("w", '{"city":"Paris}', `${open}call:w{city:${quote}Paris}${close}`), call("w", "{}")],
  ],
  [
    "cut off",
    `${open}call:w{city:${quote}Par`,
    [cutOff("w", '{"city":"Par', `${open}call:w{city:${quote}Par`)],
  ],
  ["cut off in a number", `${open}call:w{days:1`, [cutOff("w", '{"days":', `${open}call:w{days:1`)]],
];

const minicpm5: readonly Slip[] = [
  [
    "no closing tag before the next parameter",
    `<function name="write"><param name="path">a.txt<param name="content">Hi</param></function>`,
    [call("write", '{"path":"a.txt","content":"Hi"}')],
  ],
  [
    "no closing tag before the function's",
    `<function name="write"><param name="path">a.txt</function>\n<function name="write"></function>`,
    [call("write", '{"path":"a.txt"}'), call("write", "{}")],
  ],
  [
    "other quotes, and none",
    `<function name='write'><param name=path>a.txt</param></function>`,
    [call("write", '{"path":"a.txt"}')],
  ],
  [
    "Qwen3-Coder's tags",
    "<function=write>\n<parameter=path>\na.txt\n</parameter>\n</function>",
    [call("write", '{"path":"a.txt"}')],
  ],
  [
    "CRLF",
    `<function name="write">\r\n<param name="path">\r\na.txt\r\n</param>\r\n</function>\r\n`,
    [call("write", '{"path":"a.txt"}')],
  ],
  [
    "CDATA without a closing tag",
    `<function name="write"><param name="path"><![CDATA[a]]></function>`,
    [call("write", '{"path":"a"}')],
  ],
  ["an orphan", "a</function>b", [text("ab")]],
  [
    "malformed",
    `<function name="write">a.txt</function>`,
    [malformed("write", "", `<function name="write">a.txt</function>`)],
  ],
  [
    "cut off",
    `<function name="write"><param name="path">a.t`,
    [cutOff("write", '{"path":"a.t', `<function name="write"><param name="path">a.t`)],
  ],
];

const w = {
  name: "w",
  parameters: {
    properties: { city: { type: "string" }, days: { type: "integer" }, tags: { type: "array" } },
  },
};

const write = {
  name: "write",
  parameters: { properties: { path: { type: "string" }, content: { type: "string" } } },
};

/** By format. */
export const SLIPS: Readonly<Record<string, SlipsOfFormat>> = {
  hermes: { options: { tools: "hermes", knownTools: ["w", { ...w, name: "v" }] }, slips: hermes },
  "qwen3-coder": { options: { tools: "qwen3-coder", knownTools: [write] }, slips: qwen3Coder },
  "gpt-oss": { options: { tools: "gpt-oss", reasoning: "gpt-oss" }, slips: gptOss },
  mistral: { options: { tools: "mistral", knownTools: ["add"] }, slips: mistral },
  "llama3-json": { options: { tools: "llama3-json", knownTools: ["w"] }, slips: llama3Json },
  "llama-pythonic": { options: { tools: "llama-pythonic", knownTools: ["w"] }, slips: llamaPythonic },
  phi4: { options: { tools: "phi4" }, slips: phi4 },
  "deepseek-v3": { options: { tools: "deepseek-v3", knownTools: ["w"] }, slips: deepseekV3 },
  "kimi-k2": { options: { tools: "kimi-k2", knownTools: ["w"] }, slips: kimiK2 },
  glm4: { options: { tools: "glm4", knownTools: [w] }, slips: glm4 },
  lfm2: { options: { tools: "lfm2", knownTools: ["w"] }, slips: lfm2 },
  gemma4: {
    options: { tools: "gemma4", knownTools: ["w", { ...w, name: "v" }] },
    slips: gemmaSlips("<|tool_call>", "<tool_call|>", '<|"|>'),
  },
  functiongemma: {
    options: { tools: "functiongemma", knownTools: ["w", { ...w, name: "v" }] },
    slips: gemmaSlips("<start_function_call>", "<end_function_call>", "<escape>"),
  },
  minicpm5: { options: { tools: "minicpm5", knownTools: [write] }, slips: minicpm5 },
};
