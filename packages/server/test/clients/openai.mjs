// What OpenAI's own client makes of a server. Prints it as JSON.
//   node openai.mjs URL
import OpenAI from "openai";

const baseURL = `${process.argv[2]}/v1`;
const client = new OpenAI({ baseURL, apiKey: "key", maxRetries: 0 });
const ask = { model: "chain", messages: [{ role: "user", content: "hello" }] };
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tools = [{ type: "function", function: { name: "get_weather", parameters } }];
const found = {};

found.models = (await client.models.list()).data.map(({ id }) => id);
found.model = (await client.models.retrieve("chain")).id;

const whole = await client.chat.completions.create(ask);
found.whole = [
  whole.choices[0].message.content,
  whole.choices[0].finish_reason,
  whole.usage.completion_tokens,
];

const streamed = client.chat.completions.stream({ ...ask, stream_options: { include_usage: true } });
const final = await streamed.finalChatCompletion();
found.streamed = [
  final.choices[0].message.content,
  final.choices[0].finish_reason,
  final.usage.completion_tokens,
];

const called = await client.chat.completions.create({ ...ask, model: "caller", tools });
found.called = called.choices[0].message.tool_calls.map((call) => call.function);
const calling = client.chat.completions.stream({ ...ask, model: "caller", tools });
const callingEnd = await calling.finalChatCompletion();
found.calling = callingEnd.choices[0].message.tool_calls.map((call) => call.function.arguments);
found.callingReason = callingEnd.choices[0].finish_reason;

const tool_choice = { type: "function", function: { name: "get_weather" } };
const kind = {
  type: "object",
  properties: { kind: { enum: ["x"] } },
  required: ["kind"],
  additionalProperties: false,
};
const only = [{ type: "function", function: { name: "get_weather", parameters: kind } }];
const forced = await client.chat.completions.create({ ...ask, tools: only, tool_choice, max_tokens: 100 });
found.forced = forced.choices[0].message.tool_calls.map((call) => call.function);

const forcing = client.chat.completions.stream({ ...ask, tools: only, tool_choice, max_tokens: 100 });
found.forcing = (await forcing.finalChatCompletion()).choices[0].message.tool_calls.map((call) =>
  JSON.parse(call.function.arguments),
);

const response_format = { type: "json_schema", json_schema: { name: "kind", strict: true, schema: kind } };
const parsed = await client.chat.completions.parse({ ...ask, response_format, max_tokens: 100 });
found.parsed = JSON.parse(parsed.choices[0].message.content);
const parsing = client.chat.completions.stream({ ...ask, response_format, max_tokens: 100 });
found.parsing = JSON.parse((await parsing.finalChatCompletion()).choices[0].message.content);

const text = await client.completions.create({ model: "chain", prompt: "Z", max_tokens: 4 });
found.text = text.choices[0].text;
found.texts = "";
for await (const part of await client.completions.create({
  model: "chain",
  prompt: "Z",
  max_tokens: 4,
  stream: true,
})) {
  found.texts += part.choices[0].text;
}

const aborted = await client.chat.completions.create({
  ...ask,
  model: "endless",
  max_tokens: 90_000,
  stream: true,
});
let count = 0;
for await (const _ of aborted) {
  // What had come already when it was aborted may still be given.
  if (!aborted.controller.signal.aborted) count++;
  if (count === 3) aborted.controller.abort();
}
found.aborted = count;

const response = await client.responses.create({ model: "chain", input: "hello" });
found.response = [response.output_text, response.status];
const responding = client.responses.stream({ model: "chain", input: "hello" });
found.responding = (await responding.finalResponse()).output_text;
const asking = {
  model: "caller",
  input: "hello",
  tools: [{ type: "function", name: "get_weather", parameters }],
};
const callsOf = ({ output }) =>
  output.filter(({ type }) => type === "function_call").map((call) => [call.name, call.arguments]);
found.responseCalls = callsOf(await client.responses.create(asking));
found.respondingCalls = callsOf(await client.responses.stream(asking).finalResponse());
const format = { type: "json_schema", name: "kind", strict: true, schema: kind };
const responseParsed = { model: "chain", input: "hello", text: { format }, max_output_tokens: 100 };
found.responseParsed = JSON.parse((await client.responses.create(responseParsed)).output_text);
found.respondingParsed = JSON.parse(
  (await client.responses.stream(responseParsed).finalResponse()).output_text,
);

const input = ["a", "two programs agree"];
const packed = await client.embeddings.create({ model: "vectors", input });
const plain = await client.embeddings.create({ model: "vectors", input, encoding_format: "float" });
found.vectors = packed.data.map(({ embedding }, index) => {
  const differences = embedding.map((value, at) => Math.abs(value - plain.data[index].embedding[at]));
  return embedding.length > 0 && Math.max(...differences) < 1e-6;
});

const failure = async (promise) =>
  promise.then(
    () => null,
    (error) => [error.constructor.name, error.status, error.param, error.code],
  );
found.notFound = await failure(client.chat.completions.create({ ...ask, model: "other" }));
found.refused = await failure(client.chat.completions.create({ ...ask, top_p: 0, stream: true }));
found.tooLong = await failure(client.chat.completions.create({ ...ask, max_tokens: 5000 }));
found.noKey = await failure(
  new OpenAI({ baseURL, apiKey: "other", maxRetries: 0 }).chat.completions.create(ask),
);

process.stdout.write(JSON.stringify(found));
