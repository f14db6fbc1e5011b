// What Anthropic's own client makes of a server. Prints it as JSON.
//   node anthropic.mjs URL
import Anthropic from "@anthropic-ai/sdk";

const baseURL = process.argv[2];
const client = new Anthropic({ baseURL, apiKey: "key", maxRetries: 0 });
const ask = { model: "chain", max_tokens: 100, messages: [{ role: "user", content: "hello" }] };
const input_schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tools = [{ name: "get_weather", input_schema }];
const found = {};

const whole = await client.messages.create(ask);
found.whole = [whole.content[0].text, whole.stop_reason, whole.usage.output_tokens];

const streamed = await client.messages.stream(ask).finalMessage();
found.streamed = [streamed.content[0].text, streamed.stop_reason, streamed.usage.output_tokens];
found.inputTokens = streamed.usage.input_tokens === whole.usage.input_tokens;

const calling = await client.messages.stream({ ...ask, model: "caller", tools }).finalMessage();
found.calling = calling.content.map(({ type, thinking, text, input }) => [type, thinking ?? text ?? input]);
found.callingReason = calling.stop_reason;
const called = await client.messages.create({ ...ask, model: "caller", tools });
found.called = called.content
  .filter(({ type }) => type === "tool_use")
  .map(({ name, input }) => [name, input]);

const kind = {
  type: "object",
  properties: { kind: { enum: ["x"] } },
  required: ["kind"],
  additionalProperties: false,
};
const forced = {
  ...ask,
  tools: [{ name: "get_weather", input_schema: kind }],
  tool_choice: { type: "tool", name: "get_weather" },
};
found.forced = (await client.messages.create(forced)).content.map(({ input }) => input);
found.forcing = (await client.messages.stream(forced).finalMessage()).content.map(({ input }) => input);

found.count =
  (await client.messages.countTokens({ model: "chain", messages: ask.messages })).input_tokens > 0;

const endless = client.messages.stream({ ...ask, model: "endless", max_tokens: 90_000 });
let count = 0;
try {
  for await (const { type } of endless) {
    if (type === "content_block_delta") count++;
    if (count === 3) endless.abort();
  }
} catch (error) {
  found.abortError = error.constructor.name;
}

// It may have read on before the abort.
found.aborted = count >= 3 && count < 1000;

const failure = async (promise) =>
  promise.then(
    () => null,
    (error) => [error.constructor.name, error.status],
  );
found.notFound = await failure(client.messages.create({ ...ask, model: "other" }));
found.noKey = await failure(new Anthropic({ baseURL, apiKey: "other", maxRetries: 0 }).messages.create(ask));
process.stdout.write(JSON.stringify(found));
