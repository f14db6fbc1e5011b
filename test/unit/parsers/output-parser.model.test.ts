/** What holds for every text in every format, and for every way to cut it into pieces. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonScanner } from "../../../lib/parsers/json-scanner.js";
import type { OutputPart } from "../../../lib/parsers/output-part.js";
import {
  createOutputParser,
  createStage,
  delimitersOf,
  type OutputParserOptions,
} from "../../../lib/parsers/output-parser.js";
import {
  cuts,
  hostileText,
  joined,
  parse,
  record,
  Recorder,
  SETTINGS,
  split,
  type Stretch,
} from "./helpers.js";
import { SLIPS } from "./slips.js";
import { TRANSCRIPTS } from "./transcripts.js";

const NUM_RUNS = 100;

/** Transcripts cut short and run together, in whatever format: what is right for one parser is hostile to the others. */
const brokenTranscript = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        ...Object.values(TRANSCRIPTS).flatMap((all) => all.map(({ output }) => output)),
        ...Object.values(SLIPS).flatMap(({ slips }) => slips.map(([, output]) => output)),
      ),
      fc.nat({ max: 300 }),
      fc.nat({ max: 20 }),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => all.map(([output, end, start]) => output.slice(start === 20 ? 3 : 0, end)).join(""));

const anyText = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 2, arbitrary: brokenTranscript },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
);

describe.each(Object.entries(TRANSCRIPTS))("the transcripts of %s", (_format, transcripts) => {
  it("mean the same however they are cut", () => {
    fc.assert(
      fc.property(fc.constantFrom(...transcripts), cuts, ({ options, output }, cuts) => {
        expect(joined(parse(options, split(output, cuts)))).toEqual(joined(parse(options, [output])));
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe.each(SETTINGS)("the parser of %s", (_name, options) => {
  it("makes the same of any text however it is cut", () => {
    fc.assert(
      fc.property(anyText, cuts, (text, cuts) => {
        expect(joined(parse(options, split(text, cuts)))).toEqual(joined(parse(options, [text])));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("never tears a character of two halves", () => {
    const wellFormed = anyText.map((text) => `${text.replace(/[\ud800-\udfff]/g, "")}😀字😀`);
    fc.assert(
      fc.property(wellFormed, (text) => {
        const parser = createOutputParser(options);
        const given = (parts: readonly OutputPart[]) =>
          parts.map((part) =>
            "text" in part ? part.text : "argumentsText" in part ? part.argumentsText : "",
          );
        for (let at = 0; at < text.length; at++) {
          for (const piece of given(parser.push(text.charAt(at))))
            expect(piece).not.toMatch(/[\ud800-\udbff]$/);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("loses nothing: all stretches together are the text, and what is hidden is syntax", () => {
    fc.assert(
      fc.property(anyText, cuts, (text, cuts) => {
        const recorder = record(options, split(text, cuts));
        expect(recorder.settled).toBe(text);
        for (const stretch of recorder.stretches) expectSound(stretch, options);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("leaves no delimiter of calls in the text", () => {
    if (options.tools === undefined) return;
    const delimiters = delimitersOf({ tools: options.tools }).filter(
      (delimiter) => delimiter !== "functools[",
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const said = record(options, [text]).stretches.filter(({ kind }) => kind === "text");
        const joint = said.map(({ source }) => source).join("");
        expect(delimiters.filter((delimiter) => joint.includes(delimiter))).toEqual([]);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("passes on the text and the reasoning as they stand", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const said = (type: "text" | "reasoning", all: ReadonlyArray<{ type?: string; kind?: string }>) =>
          all
            .filter((one) => (one.type ?? one.kind) === type)
            .map((one) => ("text" in one ? one.text : "source" in one ? one.source : ""))
            .join("");
        const parts = parse(options, [text]);
        const { stretches } = record(options, [text]);
        // Only messages of harmony are separated by a line break of ours.
        const plain = (text: string) => (options.reasoning === "gpt-oss" ? text.replaceAll("\n", "") : text);
        expect(plain(said("text", parts))).toBe(plain(said("text", stretches)));
        expect(plain(said("reasoning", parts))).toBe(plain(said("reasoning", stretches)));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("holds back only what may begin a delimiter or is inside a call", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const recorder = new Recorder();
        const stage = createStage(options, recorder);
        for (let end = 1; end <= text.length; end++) {
          stage.push(text.slice(end - 1, end));
          const held = text.slice(recorder.settled.length, end);
          expect({ held, is: mayBeHeld(held, recorder.stretches, options) }).toEqual({ held, is: true });
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it("gives letters at once", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z][A-Z ,.:!?0-9é字]{0,30}$/), (text) => {
        const recorder = new Recorder();
        const stage = createStage(options, recorder);
        stage.push(text.slice(0, 1));
        for (let end = 1; end <= text.length; end++) {
          expect(recorder.settled).toBe(text.slice(0, end));
          stage.push(text.slice(end, end + 1));
        }
      }),
    );
  });
});

/** What of a text may be missing from the output: the syntax of the format, and of a call its own text. */
function expectSound({ kind, source, name, argumentsText }: Stretch, options: OutputParserOptions): void {
  if (kind === "delimiter") {
    // A header of harmony has words.
    const isHarmony = options.tools === "gpt-oss" || options.reasoning === "gpt-oss";
    const words = isHarmony ? "[^]" : "[;,\\]}`\\s]";
    const delimiters = [...delimitersOf(options), ...(options.ignoredTokens ?? [])].map((delimiter) =>
      delimiter.replace(/[[\]|()\\]/g, "\\$&"),
    );
    const isEnd = delimitersOf(options).some(
      (delimiter) => delimiter.length > source.length && delimiter.endsWith(source),
    );
    if (!isEnd) expect(source).toMatch(new RegExp(`^(?:${[...delimiters, words].join("|")})*$`));
  }
  if (kind !== "call" && kind !== "invalid") return;
  // Of a call that is none the name may not be known.
  if (kind === "call") expect(name).not.toBe("");
  if (argumentsText === "") return;
  const scanner = new JsonScanner();
  const end = scanner.scan(argumentsText!, 0);
  expect({ end, status: scanner.status }).toEqual({
    end: argumentsText!.length,
    status: kind === "call" ? "done" : scanner.status === "done" ? "done" : "more",
  });
  if (kind === "call" && ["hermes", "phi4", "llama3-json"].includes(options.tools ?? "none")) {
    const object = strictJson(source.slice(source.indexOf("{")));
    if (object === null || source.startsWith("<function=")) return;
    const { function: inner } = object;
    const { name: said, arguments: args, parameters } = typeof inner === "object" ? inner : object;
    expect(said ?? inner).toBe(name);
    const given = args ?? parameters ?? {};
    expect(JSON.parse(argumentsText!)).toEqual(typeof given === "string" ? JSON.parse(given) : given);
  }
}

interface Call {
  name?: unknown;
  arguments?: unknown;
  parameters?: unknown;
}

/** What JSON itself makes of a call; null where it needs repair. */
function strictJson(text: string): (Call & { function?: Call | string }) | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function mayBeHeld(tail: string, before: readonly Stretch[], options: OutputParserOptions): boolean {
  const held = tail.replace(/[\ud800-\udbff]+$/, "");
  if (held === "") return true;
  const delimiters = [...delimitersOf(options), ...(options.ignoredTokens ?? [])];
  const beginsDelimiter = (text: string) =>
    delimiters.some((delimiter) => delimiter.startsWith(text) && delimiter !== text);
  if (beginsDelimiter(held)) return true;
  // Where something was left out, what follows may make a delimiter of the text before it.
  const endsDelimiter = (delimiter: string) =>
    delimiter.split("").some((_, at) => at > 0 && delimiter.slice(at).startsWith(held));
  if (
    before.length > 0 &&
    before.at(-1)?.kind !== "text" &&
    delimiters.some((delimiter) => endsDelimiter(delimiter))
  )
    return true;
  // Behind an opening delimiter there is a call, or a header; behind any delimiter there may be line breaks of the
  // delimiter's.
  if (delimiters.some((delimiter) => held.startsWith(delimiter) && isOpening(delimiter))) return true;
  if (
    delimiters.some(
      (delimiter) => held.startsWith(delimiter) && /^[\r\n]*$/.test(held.slice(delimiter.length)),
    )
  )
    return true;
  const rest = held.replace(/^[\s\x85\u200b-\u200d\u2060]+/, "");
  const isBare = ["hermes", "lfm2", "llama3-json", "llama-pythonic"].includes(options.tools ?? "none");
  const last = before.at(-1);
  const isBeginning = before.every(({ kind, source }) => kind !== "text" && source !== "");
  if (isBeginning || last?.kind === "delimiter") {
    if (rest === "" || beginsDelimiter(rest) || isOpening(rest)) return true;
    if (options.tools === "gpt-oss" || options.reasoning === "gpt-oss") {
      if ("to=".startsWith(rest) || rest.startsWith("to=")) return true;
      if (delimiters.some((delimiter) => rest.startsWith(delimiter))) return true;
    }
    if (isBare && /^[[{]/.test(rest)) return true;
    if (
      delimiters.some(
        (delimiter) => rest.startsWith(delimiter) && /^[\r\n]*$/.test(rest.slice(delimiter.length)),
      )
    )
      return true;
  }
  // Another call of Gemma's may stand behind one delimiter.
  if (last?.kind === "call" && options.tools?.includes("gemma") === true) {
    if ("call:".startsWith(rest) || rest.startsWith("call:")) return true;
  }
  // Behind a call there may be another, with what separates them, or what closes it.
  return (
    (last?.kind === "call" || last?.kind === "delimiter" || last?.kind === "invalid") &&
    /^[\s;,\]}{<]/.test(held)
  );
}

/** What opens calls, headers and reasoning in any format. */
const OPENING = [
  [
    "<tool_call>",
    "<function=",
    "<function name=",
    "<|python_",
    "<|tool_call|>",
    "functools[",
    "[TOOL_CALLS]",
  ],
  ["<|start|>", "<|channel|>", "<think>", "[THINK]", "<|channel>thought"],
  ["▁", "_", " ", "\\_"].flatMap((between) =>
    ["tool calls begin", "tool call begin"].map((words) => `<｜${words.replaceAll(" ", between)}｜>`),
  ),
  ["<|tool_calls_section_begin|>", "<|tool_call_section_begin|>", "<|tool_call_begin|>"],
  ["<|tool_call_start|>", "<|tool_call>", "<start_function_call>"],
].flat();

function isOpening(text: string): boolean {
  return OPENING.some((delimiter) => text.startsWith(delimiter));
}
