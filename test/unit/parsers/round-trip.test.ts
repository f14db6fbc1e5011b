/** Calls written down in a format, and read again. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OutputParserOptions } from "../../../lib/parsers/output-parser.js";
import { cuts, joined, parse, split } from "./helpers.js";

interface Call {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

interface Writer {
  readonly write: (calls: readonly Call[], indent: number) => string;
}

const objectsOf = (calls: readonly Call[], indent: number, key = "arguments") =>
  calls.map(({ name, arguments: given }) => JSON.stringify({ name, [key]: given }, null, indent));

/** A value as Gemma's templates write it. */
function gemma(value: unknown, quote: string): string {
  if (typeof value === "string") return quote + value + quote;
  if (Array.isArray(value)) return `[${value.map((item) => gemma(item, quote)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${gemma(key, quote)}:${gemma(item, quote)}`)
    .join(",")}}`;
}

const WRITERS: Readonly<Record<string, Writer>> = {
  "gpt-oss": {
    write: (calls, indent) =>
      calls
        .map(
          ({ name, arguments: given }) =>
            `<|start|>assistant<|channel|>commentary to=functions.${name} <|constrain|>json<|message|>${JSON.stringify(given, null, indent)}<|call|>`,
        )
        .join(""),
  },
  hermes: {
    write: (calls, indent) =>
      objectsOf(calls, indent)
        .map((object) => `<tool_call>\n${object}\n</tool_call>`)
        .join("\n"),
  },
  "llama3-json": {
    write: (calls, indent) => `<|python_tag|>${objectsOf(calls, indent, "parameters").join("; ")}`,
  },
  "llama-pythonic": {
    write: (calls, indent) => {
      const written = calls.map(({ name, arguments: given }) => {
        const named = Object.entries(given).map(
          ([key, value]) => `${key}=${JSON.stringify(value, null, indent)}`,
        );
        return `${name}(${named.join(", ")})`;
      });
      return `<|python_start|>[${written.join(", ")}]<|python_end|>`;
    },
  },
  "deepseek-v3": {
    write: (calls, indent) => {
      const written = calls.map(
        ({ name, arguments: given }) =>
          `<｜tool▁call▁begin｜>function<｜tool▁sep｜>${name}\n\`\`\`json\n${JSON.stringify(given, null, indent)}\n\`\`\`<｜tool▁call▁end｜>`,
      );
      return `<｜tool▁calls▁begin｜>${written.join("\n")}<｜tool▁calls▁end｜>`;
    },
  },
  "deepseek-v3.1": {
    write: (calls, indent) => {
      const written = calls.map(
        ({ name, arguments: given }) =>
          `<｜tool▁call▁begin｜>${name}<｜tool▁sep｜>${JSON.stringify(given, null, indent)}<｜tool▁call▁end｜>`,
      );
      return `<｜tool▁calls▁begin｜>${written.join("")}<｜tool▁calls▁end｜>`;
    },
  },
  "kimi-k2": {
    write: (calls, indent) => {
      const written = calls.map(
        ({ name, arguments: given }, index) =>
          `<|tool_call_begin|>functions.${name}:${index}<|tool_call_argument_begin|>${JSON.stringify(given, null, indent)}<|tool_call_end|>`,
      );
      return `<|tool_calls_section_begin|>${written.join("")}<|tool_calls_section_end|>`;
    },
  },
  glm4: {
    write: (calls, indent) =>
      calls
        .map(({ name, arguments: given }) => {
          const values = Object.entries(given).map(([key, value]) => {
            const text = typeof value === "string" ? value : JSON.stringify(value, null, indent);
            return `<arg_key>${key}</arg_key>\n<arg_value>${text}</arg_value>\n`;
          });
          return `<tool_call>${name}\n${values.join("")}</tool_call>`;
        })
        .join("\n"),
  },
  lfm2: {
    write: (calls, indent) => {
      const written = calls.map(({ name, arguments: given }) => {
        const named = Object.entries(given).map(
          ([key, value]) => `${key}=${JSON.stringify(value, null, indent)}`,
        );
        return `${name}(${named.join(", ")})`;
      });
      return `<|tool_call_start|>[${written.join(", ")}]<|tool_call_end|>`;
    },
  },
  gemma4: {
    write: (calls) =>
      calls
        .map(({ name, arguments: given }) => `<|tool_call>call:${name}${gemma(given, '<|"|>')}<tool_call|>`)
        .join(""),
  },
  functiongemma: {
    write: (calls) =>
      calls
        .map(
          ({ name, arguments: given }) =>
            `<start_function_call>call:${name}${gemma(given, "<escape>")}<end_function_call>`,
        )
        .join(""),
  },
  minicpm5: {
    write: (calls, indent) =>
      calls
        .map(({ name, arguments: given }) => {
          const parameters = Object.entries(given).map(([key, value]) => {
            const text = typeof value === "string" ? value : JSON.stringify(value, null, indent);
            return `<param name="${key}">\n${text}\n</param>`;
          });
          return `<function name="${name}">${parameters.join("")}</function>`;
        })
        .join("\n"),
  },
  phi4: { write: (calls, indent) => `functools[${objectsOf(calls, indent).join(", ")}]` },
  mistral: {
    write: (calls, indent) =>
      calls
        .map(
          ({ name, arguments: given }) => `[TOOL_CALLS]${name}[ARGS]${JSON.stringify(given, null, indent)}`,
        )
        .join(""),
  },
  "qwen3-coder": {
    write: (calls, indent) =>
      calls
        .map(({ name, arguments: given }) => {
          const parameters = Object.entries(given).map(([key, value]) => {
            const text = typeof value === "string" ? value : JSON.stringify(value, null, indent);
            return `<parameter=${key}>\n${text}\n</parameter>\n`;
          });
          return `<tool_call>\n<function=${name}>\n${parameters.join("")}</function>\n</tool_call>`;
        })
        .join("\n"),
  },
};

const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,12}$/);
const callOf = (keys: fc.Arbitrary<string>): fc.Arbitrary<Call> =>
  fc.record({
    name,
    arguments: fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4, noNullPrototype: true }),
  });

/** What the schema says of the values that there are. */
function toolsFor(calls: readonly Call[]) {
  return calls.map(({ name, arguments: given }) => ({
    name,
    parameters: {
      properties: Object.fromEntries(
        Object.entries(given).map(([key, value]) => [
          key,
          { type: typeof value === "string" ? "string" : "object" },
        ]),
      ),
    },
  }));
}

describe.each(Object.entries(WRITERS))("calls in the format of %s", (tools, { write }) => {
  const isJson =
    ["gpt-oss", "hermes", "llama3-json", "phi4", "mistral", "kimi-k2"].includes(tools) ||
    tools.startsWith("deepseek");
  const call = callOf(isJson ? fc.string({ unit: "binary", maxLength: 6 }) : name);
  const calls = fc.uniqueArray(call, { minLength: 1, maxLength: 3, selector: ({ name }) => name });

  it("are read as they were written, with the text before and behind them", () => {
    fc.assert(
      fc.property(calls, fc.constantFrom(0, 2), cuts, (calls, indent, cuts) => {
        const text = `I look.${write(calls, indent)} So.`;
        const options = { tools, knownTools: toolsFor(calls) } as OutputParserOptions;
        const parts = joined(parse(options, split(text, cuts)));
        expect(parts.filter(({ type }) => type === "text")).toEqual([
          { type: "text", text: "I look." },
          { type: "text", text: " So." },
        ]);
        const read = parts.filter((part) => part.type === "tool-call");
        expect(read.map(({ name, arguments: given }) => JSON.stringify({ name, given }))).toEqual(
          calls.map(({ name, arguments: given }) => JSON.stringify({ name, given })),
        );
        expect(read.map(({ index }) => index)).toEqual(calls.map((_, index) => index));
      }),
      { numRuns: 150 },
    );
  });
});
