// Writes calls in every format, spoils them by seed and reads them by the format's parser, for as long as one likes. Prints
// for each format how many inputs were tried and what came of them, and every input that breaks a rule; exit code 1 when
// there was one. The rules: nothing throws, cutting the text in pieces changes nothing, no delimiter of calls is in the
// text, arguments are JSON, a call that was not spoiled is read as it was written.
//   node scripts/parser-inputs.mjs [--seconds 60] [--seed 1] [--format hermes]
// Needs dist/.
import { parseArgs } from "node:util";
import { createOutputParser, delimitersOf, OUTPUT_PARSERS } from "../dist/index.js";
import { below, randomNumbers } from "./random-numbers.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    format: { type: "string" },
  },
});
const [seconds, seed] = [values.seconds, values.seed].map(Number);
if (![seconds, seed].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  process.stderr.write("usage: node scripts/parser-inputs.mjs [--seconds N] [--seed S] [--format NAME]\n");
  process.exit(2);
}

const PARAMETERS = {
  type: "object",
  properties: {
    path: { type: "string" },
    count: { type: "integer" },
    deep: { type: "boolean" },
    tags: { type: "array" },
    options: { type: "object" },
    note: { anyOf: [{ type: "string" }, { type: "null" }] },
  },
};
const TOOLS = ["search", "write_file", "get.weather-now"].map((name) => ({ name, parameters: PARAMETERS }));
const TEXTS = [
  "a.txt",
  "",
  "it's",
  'say "hi"',
  "12",
  "null",
  "a\nb",
  "C:\\new",
  "{x}",
  "[1]",
  "字😀",
  "a, b) ]",
];

/** What is drawn by a seed. */
function randomFrom(seed) {
  const random = randomNumbers(seed);
  const upTo = (end) => below(random, end);
  return { below: upTo, of: (list) => list[upTo(list.length)], isSo: (chance) => random() < chance };
}

function callBy({ of, isSo, below }) {
  const makers = {
    path: () => of(TEXTS),
    count: () => below(2000) - 1000,
    deep: () => isSo(0.5),
    tags: () => Array.from({ length: below(3) }, () => of(["x", "y z"])),
    options: () => (isSo(0.5) ? {} : { a: { b: [1, null, "c"] } }),
    note: () => (isSo(0.3) ? null : of(["so", "a note"])),
  };
  const given = Object.entries(makers).filter(() => isSo(0.5));
  return { name: of(TOOLS).name, arguments: Object.fromEntries(given.map(([key, make]) => [key, make()])) };
}

const json = JSON.stringify;
const objectOf =
  (key) =>
  ({ name, arguments: given }) =>
    json({ name, [key]: given });
const untyped = (value) => (typeof value === "string" ? value : json(value));
const python = ({ name, arguments: given }) =>
  `${name}(${Object.entries(given)
    .map(([key, value]) => `${key}=${json(value)}`)
    .join(", ")})`;
const gemma = (quote) => {
  const write = (value) => {
    if (typeof value === "string") return quote + value + quote;
    if (Array.isArray(value)) return `[${value.map((item) => write(item)).join(",")}]`;
    if (typeof value !== "object" || value === null) return json(value);
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}:${write(item)}`)
      .join(",")}}`;
  };
  return write;
};
const tagged = (begin, end) => (calls) =>
  calls
    .map(({ name, arguments: given }) => {
      const inside = Object.entries(given).map(
        ([key, value]) => begin.value(key) + untyped(value) + end.value,
      );
      return begin.call(name) + inside.join("") + end.call;
    })
    .join("\n");

/** How each format writes calls. */
const WRITERS = {
  "deepseek-v3": (calls) =>
    `<｜tool▁calls▁begin｜>${calls.map(({ name, arguments: given }) => `<｜tool▁call▁begin｜>function<｜tool▁sep｜>${name}\n\`\`\`json\n${json(given)}\n\`\`\`<｜tool▁call▁end｜>`).join("\n")}<｜tool▁calls▁end｜>`,
  "deepseek-v3.1": (calls) =>
    `<｜tool▁calls▁begin｜>${calls.map(({ name, arguments: given }) => `<｜tool▁call▁begin｜>${name}<｜tool▁sep｜>${json(given)}<｜tool▁call▁end｜>`).join("")}<｜tool▁calls▁end｜>`,
  functiongemma: (calls) =>
    calls
      .map(
        ({ name, arguments: given }) =>
          `<start_function_call>call:${name}${gemma("<escape>")(given)}<end_function_call>`,
      )
      .join(""),
  gemma4: (calls) =>
    calls
      .map(({ name, arguments: given }) => `<|tool_call>call:${name}${gemma('<|"|>')(given)}<tool_call|>`)
      .join(""),
  glm4: tagged(
    { call: (name) => `<tool_call>${name}\n`, value: (key) => `<arg_key>${key}</arg_key>\n<arg_value>` },
    { call: "</tool_call>", value: "</arg_value>\n" },
  ),
  "gpt-oss": (calls) =>
    calls
      .map(
        ({ name, arguments: given }) =>
          `<|start|>assistant<|channel|>commentary to=functions.${name} <|constrain|>json<|message|>${json(given)}<|call|>`,
      )
      .join(""),
  hermes: (calls) =>
    calls.map((call) => `<tool_call>\n${objectOf("arguments")(call)}\n</tool_call>`).join("\n"),
  "kimi-k2": (calls) =>
    `<|tool_calls_section_begin|>${calls.map(({ name, arguments: given }, index) => `<|tool_call_begin|>functions.${name}:${index}<|tool_call_argument_begin|>${json(given)}<|tool_call_end|>`).join("")}<|tool_calls_section_end|>`,
  lfm2: (calls) => `<|tool_call_start|>[${calls.map((call) => python(call)).join(", ")}]<|tool_call_end|>`,
  "llama-pythonic": (calls) =>
    `<|python_start|>[${calls.map((call) => python(call)).join(", ")}]<|python_end|>`,
  "llama3-json": (calls) => `<|python_tag|>${calls.map((call) => objectOf("parameters")(call)).join("; ")}`,
  minicpm5: tagged(
    { call: (name) => `<function name="${name}">`, value: (key) => `<param name="${key}">\n` },
    { call: "</function>", value: "\n</param>" },
  ),
  mistral: (calls) =>
    calls.map(({ name, arguments: given }) => `[TOOL_CALLS]${name}[ARGS]${json(given)}`).join(""),
  phi4: (calls) => `functools[${calls.map((call) => objectOf("arguments")(call)).join(", ")}]`,
  "qwen3-coder": tagged(
    { call: (name) => `<tool_call>\n<function=${name}>\n`, value: (key) => `<parameter=${key}>\n` },
    { call: "</function>\n</tool_call>", value: "\n</parameter>\n" },
  ),
};

const SPOILS = [
  "{",
  "}",
  "]",
  '"',
  "'",
  ",",
  ":",
  "\n",
  "\r\n",
  "\u00a0",
  "\u202f",
  "\\",
  "<",
  "```",
  "x",
  " ",
];

/** A text with one to three places spoiled: cut off, left out, said twice, something put in. */
function spoiled(text, delimiters, { below, of }) {
  let result = text;
  for (let left = 1 + below(3); left > 0; left--) {
    const at = below(result.length + 1);
    const length = 1 + below(below(4) === 0 ? 40 : 3);
    const delimiter = of(delimiters);
    const found = result.indexOf(delimiter);
    const ways = [
      () => result.slice(0, at),
      () => result.slice(0, at) + result.slice(at + length),
      () => result.slice(0, at) + result.slice(at, at + length) + result.slice(at),
      () => result.slice(0, at) + of(SPOILS) + result.slice(at),
      () => result.slice(0, at) + delimiter + result.slice(at),
      () => (found < 0 ? result : result.slice(0, found) + result.slice(found + delimiter.length)),
      () => (found < 0 ? result : result.slice(0, found) + delimiter + result.slice(found)),
    ];
    result = of(ways)();
  }
  return result;
}

/** Parts, neighbours of one kind joined. */
function parse(format, pieces) {
  const parser = createOutputParser({ tools: format, knownTools: TOOLS });
  const parts = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.finish()];
  return parts.reduce((all, part) => {
    const last = all.at(-1);
    const key = part.type === "text" ? "text" : part.type === "tool-call-delta" ? "argumentsText" : null;
    if (key !== null && last?.type === part.type)
      all[all.length - 1] = { ...part, [key]: last[key] + part[key] };
    else all.push(part);
    return all;
  }, []);
}

/** What is wrong with what came of a text; null: nothing. */
function faultOf(format, text, written, delimiters, random) {
  const parts = parse(format, [text]);
  const cuts = [...new Set(Array.from({ length: 4 }, () => random.below(text.length + 1)))].sort(
    (a, b) => a - b,
  );
  const pieces = [0, ...cuts].map((from, index) => text.slice(from, cuts[index]));
  for (const other of [pieces, text.split("")]) {
    if (json(parse(format, other)) !== json(parts)) return `other parts in the pieces ${json(other)}`;
  }
  const said = parts.filter(({ type }) => type === "text").map((part) => part.text);
  const delimiter = delimiters.find((one) => said.some((piece) => piece.includes(one)));
  if (delimiter !== undefined) return `${delimiter} is in the text`;
  const calls = parts.filter(({ type }) => type === "tool-call");
  if (calls.some((call) => json(JSON.parse(call.argumentsText)) !== json(call.arguments)))
    return "arguments are no JSON";
  if (written === null) return null;
  const read = calls.map(({ name, arguments: given }) => ({ name, arguments: given }));
  return json(read) === json(written) && said.length === 0 ? null : `read as ${json(parts)}`;
}

const formats = OUTPUT_PARSERS.filter(({ kind }) => kind === "tools").map(({ name }) => name);
const chosen = formats.filter((name) => values.format === undefined || values.format === name);
const counts = Object.fromEntries(
  chosen.map((name) => [name, { inputs: 0, calls: 0, malformed: 0, "cut-off": 0 }]),
);
const until = performance.now() + seconds * 1000;
let faulty = 0;
for (let number = seed; performance.now() < until; number++) {
  for (const format of chosen) {
    const random = randomFrom(number);
    const calls = Array.from({ length: 1 + random.below(3) }, () => callBy(random));
    const text = WRITERS[format](calls);
    const delimiters = delimitersOf({ tools: format }).filter((delimiter) => delimiter !== "functools[");
    const inputs = [
      [text, calls],
      ...Array.from({ length: 20 }, () => [spoiled(text, delimiters, random), null]),
    ];
    for (const [input, written] of inputs) {
      let fault;
      try {
        fault = faultOf(format, input, written, delimiters, random);
        for (const { type, reason } of parse(format, [input])) {
          if (type === "tool-call") counts[format].calls++;
          else if (type === "tool-call-invalid") counts[format][reason]++;
        }
      } catch (error) {
        fault = String(error);
      }
      counts[format].inputs++;
      if (fault === null) continue;
      faulty++;
      process.stdout.write(`${format}, seed ${number}: ${fault}\n${json(input)}\n`);
    }
  }
}
for (const [format, { inputs, calls, malformed, "cut-off": cutOff }] of Object.entries(counts)) {
  process.stdout.write(
    `${format}: ${inputs} inputs, ${calls} calls, ${malformed} malformed, ${cutOff} cut off\n`,
  );
}
const total = Object.values(counts).reduce((sum, { inputs }) => sum + inputs, 0);
process.stdout.write(`${faulty} of ${total} inputs break a rule\n`);
process.exitCode = faulty === 0 ? 0 : 1;
