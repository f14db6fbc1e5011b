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

found.failed = await chat("other")
  .invoke("hello")
  .then(
    () => null,
    (error) => error.status,
  );
process.stdout.write(JSON.stringify(found));
