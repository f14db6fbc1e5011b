import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { defineTool, LLMPipeline, runTools } from "../../lib/index.js";

const getWeather = defineTool({
  name: "get_weather",
  description: "The weather in a city",
  parameters: z.object({ city: z.enum(["Paris", "Oslo"]), unit: z.enum(["celsius", "fahrenheit"]) }),
  execute: ({ city }) => `It is sunny in ${city}.`,
});

let llm: LLMPipeline;
beforeAll(async () => {
  llm = await LLMPipeline.load("smollm2-135m-instruct");
});
afterAll(() => llm.close());

it("a model whose template knows no tools gets them in its prompt, and makes an enforced call", async () => {
  const ask = [{ role: "user", content: "What is the weather in Paris?" }];
  const options = { tools: [getWeather], temperature: 0, maxNewTokens: 64 };
  const { toolCalls, finishReason, usage, text } = await llm.generate(ask, {
    ...options,
    toolChoice: { name: "get_weather" },
  });
  expect({ finishReason, text }).toEqual({ finishReason: "tool_calls", text: "" });
  expect(toolCalls).toMatchObject([{ name: "get_weather", arguments: { city: "Paris" } }]);
  const withoutTools = await llm.countPromptTokens(ask);
  expect(usage.promptTokens).toBeGreaterThan(withoutTools + 50);
});

it("a run goes from the call to what the tool gives to an answer", async () => {
  const run = runTools(llm, [{ role: "user", content: "What is the weather in Oslo?" }], {
    tools: [getWeather],
    toolChoice: "required",
    temperature: 0,
    maxNewTokens: 64,
    maxSteps: 2,
  });
  const { steps, messages } = await run.result;
  expect(steps).toHaveLength(2);
  expect(messages.map(({ role }) => role).slice(0, 3)).toEqual(["assistant", "tool", "assistant"]);
  expect(messages[1]?.content).toMatch(/^It is sunny in (Paris|Oslo)\.$/);
});
