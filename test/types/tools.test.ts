import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import {
  defineTool,
  runTools,
  type ChatMessage,
  type InvalidToolCall,
  type TextGenerator,
  type ToolCall,
} from "../../lib/index.js";

// Checked by `tsc -p test/tsconfig.json`, which lint runs; at run time these calls do nothing.
declare const llm: TextGenerator;
declare const messages: ChatMessage[];
const never = (): boolean => false;

const weather = defineTool({
  name: "get_weather",
  parameters: z.object({ city: z.string(), days: z.number().optional() }),
  execute: ({ city, days }) => `${city} ${days ?? 1}`,
});
const time = defineTool({
  name: "get_time",
  parameters: { type: "object", properties: { zone: { type: "string" } }, required: ["zone"] },
});
const plain = defineTool({ name: "now" });

describe("the types of tools", () => {
  it("give execute its arguments", () => {
    expectTypeOf(weather.name).toEqualTypeOf<"get_weather">();
    defineTool({
      name: "x",
      parameters: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] },
      execute: (args, { id }) => {
        expectTypeOf(args).toEqualTypeOf<{ n: number }>();
        expectTypeOf(id).toEqualTypeOf<string>();
      },
    });
    // @ts-expect-error: there is no such argument
    defineTool({ name: "x", parameters: z.object({ a: z.string() }), execute: ({ b }) => b });
  });

  it("give results a union of calls", async () => {
    if (!never()) return;
    const { toolCalls, invalidToolCalls } = await llm.generate("x", { tools: [weather, time, plain] });
    expectTypeOf(invalidToolCalls).toEqualTypeOf<readonly InvalidToolCall[] | undefined>();
    for (const call of toolCalls ?? []) {
      if (call.name === "get_weather") {
        expectTypeOf(call.arguments).toEqualTypeOf<{ city: string; days?: number | undefined }>();
      } else if (call.name === "get_time") expectTypeOf(call.arguments).toEqualTypeOf<{ zone: string }>();
      else expectTypeOf(call).toEqualTypeOf<ToolCall<"now">>();
    }
    const { toolCalls: any } = await llm.generate("x");
    expectTypeOf(any).toEqualTypeOf<readonly ToolCall[] | undefined>();
    const { result } = await runTools(llm, messages, { tools: [weather] }).result;
    expectTypeOf(result.toolCalls?.[0]?.name).toEqualTypeOf<"get_weather" | undefined>();
  });

  it("know the names of tools", () => {
    if (!never()) return;
    const { result } = llm.stream("x", { tools: [weather, time], toolChoice: { name: "get_time" } });
    expectTypeOf(result).resolves.toHaveProperty("toolCalls");
    llm.stream("x", { tools: [weather], toolChoice: "required" });
    // @ts-expect-error: no tool has that name
    llm.stream("x", { tools: [weather], toolChoice: { name: "get_time" } });
    // @ts-expect-error: no such choice
    llm.stream("x", { tools: [weather], toolChoice: "any" });
    // @ts-expect-error: a run has tools
    runTools(llm, messages, {});
  });
});
