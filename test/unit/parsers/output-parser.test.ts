import { describe, expect, it } from "vitest";
import { createOutputParser } from "../../../lib/parsers/output-parser.js";
import { joined, parse } from "./helpers.js";
import { partsOf, TRANSCRIPTS } from "./transcripts.js";

describe.each(Object.entries(TRANSCRIPTS))("the parser of %s", (_format, transcripts) => {
  it.each(transcripts)("reads $name", ({ options, output, said }) => {
    expect(joined(parse(options, [output]))).toEqual(partsOf(said));
  });

  it.each(transcripts)("reads the same character by character: $name", ({ options, output, said }) => {
    expect(joined(parse(options, output.split("")))).toEqual(partsOf(said));
  });
});

describe("an output parser", () => {
  it("gives a call's name as soon as it is known, and its arguments as they come", () => {
    const parser = createOutputParser({ tools: "hermes", reasoning: "qwen3" });
    const pieces = [
      "<thi",
      "nk>Hm",
      ".</think>",
      "\n\nI ",
      "look",
      ".<tool",
      '_call>{"name": "f',
      '", ',
      '"arguments": {"a"',
    ];
    expect(pieces.map((piece) => parser.push(piece))).toEqual([
      [],
      [{ type: "reasoning", text: "Hm" }],
      [{ type: "reasoning", text: "." }],
      [{ type: "text", text: "I " }],
      [{ type: "text", text: "look" }],
      [{ type: "text", text: "." }],
      [],
      [{ type: "tool-call-begin", index: 0, name: "f" }],
      [{ type: "tool-call-delta", index: 0, argumentsText: '{"a"' }],
    ]);
    expect(parser.push(": 1}")).toEqual([{ type: "tool-call-delta", index: 0, argumentsText: ": 1}" }]);
    expect(parser.push("}</tool_call>")).toEqual([
      { type: "tool-call", index: 0, name: "f", argumentsText: '{"a": 1}', arguments: { a: 1 } },
    ]);
    expect(parser.finish()).toEqual([]);
  });

  it("holds an answer in JSON back only until it shows that it is no call", () => {
    const parser = createOutputParser({ tools: "llama3-json" });
    expect(parser.push('{"cit')).toEqual([]);
    expect(parser.push('y"')).toEqual([{ type: "text", text: '{"city"' }]);
    expect(parser.push(': "Par')).toEqual([{ type: "text", text: ': "Par' }]);
  });
});
