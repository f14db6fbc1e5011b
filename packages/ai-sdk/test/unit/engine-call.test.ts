import { InvalidArgumentError } from "@ai-sdk/provider";
import { describe, expect, it } from "vitest";
import { engineCallOf } from "../../lib/call/engine-call.js";
import type { FunctionTool, LanguageCallOptions } from "../../lib/spec/language.js";

const PROMPT: LanguageCallOptions["prompt"] = [{ role: "user", content: [{ type: "text", text: "q" }] }];

function asked(call: Partial<LanguageCallOptions>, template: string | null = "") {
  const { input, options, warnings } = engineCallOf({ prompt: PROMPT, ...call }, template);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { input, options: given, features: warnings.map((one) => `${one.type} ${one.feature}`) };
}

const schema = { type: "object", properties: { a: { type: "string" } } };
const tool: FunctionTool = { type: "function", name: "f", description: "d", inputSchema: schema };
const tools = [tool];
const known = [{ name: "f", description: "d", parameters: schema }];
const json = { type: "json", schema } as const;

describe("settings", () => {
  it("become the library's options", () => {
    const { options, features } = asked({
      maxOutputTokens: 5,
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      presencePenalty: 1,
      frequencyPenalty: -1,
      seed: -7,
      stopSequences: ["a", ""],
      providerOptions: { openvino: { minP: 0.1, priority: 2 }, openai: { anything: 1 } },
    });
    expect(options).toEqual({
      maxNewTokens: 5,
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      presencePenalty: 1,
      frequencyPenalty: -1,
      rngSeed: 7,
      stopStrings: ["a"],
      minP: 0.1,
      priority: 2,
    });
    expect(features).toEqual([]);
  });

  it("leave everything to the model where there are none", () => {
    expect(asked({ stopSequences: [], responseFormat: { type: "text" }, tools: [] }).options).toEqual({});
  });

  it.each([[{ topP: 0.5 }], [{ topK: 2 }]])("sample where they narrow what is sampled from: %j", (narrow) => {
    expect(asked(narrow).options).toEqual({ ...narrow, doSample: true });
    expect(asked({ ...narrow, temperature: 0 }).options).toEqual({ ...narrow, temperature: 0 });
  });

  it("of the provider are refused where they are none, or the AI SDK's own", () => {
    for (const name of ["minp", "tools", "maxNewTokens"]) {
      const call = { providerOptions: { openvino: { [name]: 1 } } };
      expect(() => asked(call)).toThrow(InvalidArgumentError);
      expect(() => asked(call)).toThrow(`no providerOptions.openvino.${name}`);
    }
  });

  it("that cannot be are reported", () => {
    expect(asked({ includeRawChunks: true }).features).toEqual(["unsupported includeRawChunks"]);
  });
});

describe("reasoning", () => {
  const both = "{{ enable_thinking }} {{ reasoning_effort }}";
  it.each([
    ["none", both, { enable_thinking: false, reasoning_effort: "low" }, ["compatibility reasoning"]],
    ["high", both, { enable_thinking: true, reasoning_effort: "high" }, []],
    ["max", "{{ reasoning_effort }}", { reasoning_effort: "high" }, ["compatibility reasoning"]],
    ["minimal", "{{ enable_thinking }}", { enable_thinking: true }, []],
    ["low", "", undefined, ["unsupported reasoning"]],
    ["low", null, undefined, ["unsupported reasoning"]],
    ["provider-default", both, undefined, []],
  ] as const)("%s with %j", (reasoning, template, extraContext, features) => {
    const found = asked({ reasoning }, template);
    expect(found.options["extraContext"]).toEqual(extraContext);
    expect(found.features).toEqual(features);
  });

  it("is overruled by the caller's own variables", () => {
    const providerOptions = { openvino: { extraContext: { enable_thinking: true, more: 1 } } };
    const { options } = asked({ reasoning: "none", providerOptions }, both);
    expect(options["extraContext"]).toEqual({ enable_thinking: true, reasoning_effort: "low", more: 1 });
  });
});

describe("tools", () => {
  it.each([
    [undefined, "auto"],
    [{ type: "auto" }, "auto"],
    [{ type: "none" }, "none"],
    [{ type: "required" }, "required"],
    [{ type: "tool", toolName: "f" }, { name: "f" }],
  ] as const)("with choice %j", (toolChoice, expected) => {
    expect(asked({ tools, toolChoice }).options).toEqual({ tools: known, toolChoice: expected });
  });

  it("are reported with what does not reach the model", () => {
    const more = { ...tool, strict: true, inputExamples: [{ input: {} }] };
    const other = { type: "provider", id: "openai.search", name: "search" } as const;
    const found = asked({ tools: [more, other] });
    expect(found.options["tools"]).toEqual(known);
    expect(found.features).toEqual([
      "unsupported inputExamples of tool f",
      "unsupported strict of tool f",
      "unsupported provider-defined tool openai.search",
    ]);
    expect(asked({ tools: [{ ...tool, strict: true }], toolChoice: { type: "required" } }).features).toEqual(
      [],
    );
  });
});

describe("JSON", () => {
  it("is a grammar, with a schema and without", () => {
    expect(asked({ responseFormat: json }).options).toEqual({ responseFormat: json });
    expect(asked({ responseFormat: { type: "json" } }).options).toEqual({ responseFormat: { type: "json" } });
    const silent = { responseFormat: json, tools, toolChoice: { type: "none" } } as const;
    expect(asked(silent).options).toMatchObject({ responseFormat: json });
    expect(asked(silent).input).toEqual([{ role: "user", content: "q" }]);
  });

  it("beside tools is asked for in words, but where a call is all of the answer", () => {
    const { input, options, features } = asked({ responseFormat: json, tools });
    expect(options).not.toHaveProperty("responseFormat");
    expect(features).toEqual(["compatibility responseFormat beside tools"]);
    expect(input).toEqual([
      { role: "system", content: expect.stringContaining(JSON.stringify(schema)) },
      { role: "user", content: "q" },
    ]);
    const system = [{ role: "system", content: "s" } as const, ...PROMPT];
    expect(asked({ prompt: system, responseFormat: { type: "json" }, tools }).input).toEqual([
      { role: "system", content: expect.stringMatching(/^s\n\n.* JSON$/) },
      { role: "user", content: "q" },
    ]);
    const required = asked({ responseFormat: json, tools, toolChoice: { type: "required" } });
    expect(required).toMatchObject({ input: [{ role: "user" }], features: [] });
    expect(required.options).not.toHaveProperty("responseFormat");
  });
});
