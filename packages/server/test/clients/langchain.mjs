// What LangChain makes of a server. Prints it as JSON.
//   node langchain.mjs URL
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";

const configuration = { baseURL: `${process.argv[2]}/v1` };
const chat = (model, more) => new ChatOpenAI({ model, apiKey: "key", configuration, maxRetries: 0, ...more });
const weather = { name: "get_weather", description: "the weather", schema: z.object({ city: z.string() }) };
const found = {};

const whole = await chat("chain").invoke("hello");
found.whole = [whole.content, whole.usage_metadata.output_tokens];

let text = "";
let last;
for await (const chunk of await chat("chain", { streamUsage: true }).stream("hello")) {
  text += chunk.content;
  last = last === undefined ? chunk : last.concat(chunk);
}
found.streamed = [text, last.usage_metadata.output_tokens];

const caller = chat("caller").bindTools([weather]);
found.called = (await caller.invoke("hello")).tool_calls.map(({ name, args }) => [name, args]);
let calls;
for await (const chunk of await caller.stream("hello"))
  calls = calls === undefined ? chunk : calls.concat(chunk);
found.calling = calls.tool_calls.map(({ name, args }) => [name, args]);

const kind = z.object({ kind: z.literal("x") });
found.parsed = await chat("chain", { maxTokens: 100 })
  .withStructuredOutput(kind, { method: "jsonSchema" })
  .invoke("hello");

const only = { ...weather, schema: kind };
const forced = chat("chain", { maxTokens: 100 }).bindTools([only], { tool_choice: "get_weather" });
found.forced = (await forced.invoke("hello")).tool_calls.map(({ name, args }) => [name, args]);

const controller = new AbortController();
found.aborted = 0;
try {
  const chunks = await chat("endless", { maxTokens: 90_000 }).stream("hello", { signal: controller.signal });
  for await (const _ of chunks) {
    if (!controller.signal.aborted) found.aborted++;
    if (found.aborted === 3) controller.abort();
  }
} catch (error) {
  found.abortReported = controller.signal.aborted && error instanceof Error;
}

found.failed = await chat("other")
  .invoke("hello")
  .then(
    () => null,
    (error) => error.status,
  );
process.stdout.write(JSON.stringify(found));
