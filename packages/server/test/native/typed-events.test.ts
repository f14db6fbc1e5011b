import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline, type ChatInputMessage } from "openvino-llm";
import { CHAIN_TEXT } from "../../../../lib/models/gguf/chain-model.js";
import { CALLER_PIECES, chainModel } from "../../../../test/helpers/chain.js";
import { LlmServer } from "../../lib/index.js";
import { post, stream } from "../helpers/served.js";

// /v1/messages and /v1/responses: protocols of typed events.

/** Shows the model's prompt, as JSON in the text. */
const TEMPLATE =
  "{# <tool_call> <think> </think> #}{{ tools | tojson }}{{ enable_thinking }}{{ reasoning_effort }}" +
  "{% for message in messages %}<|im_start|>{{ message.role }}<|im_sep|>{{ message.reasoning_content }}{{ message.content }}" +
  "{% if message.tool_calls %}{{ message.tool_calls | tojson }}{% endif %}<|im_end|>{% endfor %}<|im_start|>";
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tokens = Buffer.from(CHAIN_TEXT).length + 1;

let chain: ContinuousBatchingPipeline;
let caller: ContinuousBatchingPipeline;
let server: LlmServer;
beforeAll(async () => {
  chain = await ContinuousBatchingPipeline.load(await chainModel());
  caller = await ContinuousBatchingPipeline.load(await chainModel({ pieces: CALLER_PIECES }), {
    chatTemplate: TEMPLATE,
  });
  const models = [
    { name: "chain", llm: chain },
    { name: "caller", llm: caller },
  ];
  server = await LlmServer.start({ models, port: 0 });
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await Promise.all([chain.close(), caller.close()]);
});

interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

const typesOf = (events: readonly unknown[]) =>
  (events as Event[]).map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);

describe("/v1/messages", () => {
  const PATH = "/v1/messages";
  const ask = { model: "chain", max_tokens: 100, messages: [{ role: "user", content: "hello" }] };
  const tools = [{ name: "get_weather", input_schema: parameters }];

  it("answers whole", async () => {
    expect((await post(server, PATH, ask)).body).toEqual({
      id: expect.stringMatching(/^msg_/),
      type: "message",
      role: "assistant",
      model: "chain",
      content: [{ type: "text", text: CHAIN_TEXT }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: expect.any(Number), output_tokens: tokens },
    });
    const called = await post(server, PATH, { ...ask, model: "caller", tools });
    expect(called.body).toMatchObject({
      content: [
        { type: "thinking", thinking: "Which city?" },
        { type: "text", text: "I will ask." },
        {
          type: "tool_use",
          id: expect.stringMatching(/^\w{9}$/),
          name: "get_weather",
          input: { city: "Paris" },
        },
      ],
      stop_reason: "tool_use",
    });
  });

  it("streams its events, block by block", async () => {
    const events = (await stream<Event>(server, PATH, { ...ask, model: "caller", tools })) as Event[];
    const block = ["content_block_start", "content_block_delta", "content_block_stop"];
    expect(typesOf(events)).toEqual([
      "message_start",
      ...block,
      ...block,
      ...block,
      "message_delta",
      "message_stop",
    ]);
    const deltas = events
      .filter(({ type }) => type === "content_block_delta")
      .map(({ delta }) => delta as Event);
    const joined = (field: string) => deltas.map((delta) => (delta[field] ?? "") as string).join("");
    expect([joined("thinking"), joined("text")]).toEqual(["Which city?", "I will ask."]);
    expect(JSON.parse(joined("partial_json"))).toEqual({ city: "Paris" });
    const [delta] = events.filter(({ type }) => type === "message_delta");
    expect(delta).toMatchObject({
      delta: { stop_reason: "tool_use" },
      usage: { output_tokens: expect.any(Number) },
    });
  });

  it("reports why it stopped", async () => {
    const reason = async (more: object) => (await post(server, PATH, { ...ask, ...more })).body;
    expect(await reason({ max_tokens: 2 })).toMatchObject({ stop_reason: "max_tokens" });
    expect(await reason({ stop_sequences: [": "] })).toMatchObject({
      stop_reason: "stop_sequence",
      stop_sequence: ": ",
      content: [{ text: "Zürich" }],
    });
  });

  it("takes a history with thoughts, calls and their results, and counts it as it runs it", async () => {
    const history = {
      model: "caller",
      system: [{ type: "text", text: "Be brief." }],
      messages: [
        { role: "user", content: "Is it sunny?" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Which city?", signature: "" },
            { type: "text", text: "I will ask." },
            { type: "tool_use", id: "1", name: "get_weather", input: { city: "Paris" } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "1", content: [{ type: "text", text: "sunny" }] },
            { type: "text", text: "Well?" },
          ],
        },
      ],
      tools,
      thinking: { type: "disabled" },
    };
    const count = await post<{ input_tokens: number }>(server, `${PATH}/count_tokens`, history);
    const { body } = await post<{ usage: { input_tokens: number } }>(server, PATH, {
      ...history,
      max_tokens: 5,
    });
    expect(count.body.input_tokens).toBe(body.usage.input_tokens);
    const expectedChat: ChatInputMessage[] = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Is it sunny?" },
      {
        role: "assistant",
        content: "I will ask.",
        reasoning_content: "Which city?",
        tool_calls: [
          { id: "1", type: "function", function: { name: "get_weather", arguments: { city: "Paris" } } },
        ],
      },
      { role: "tool", tool_call_id: "1", content: "sunny" },
      { role: "user", content: "Well?" },
    ];
    const options = {
      tools: [{ name: "get_weather", parameters }],
      extraContext: { enable_thinking: false },
    };
    expect(body.usage.input_tokens).toBe(await caller.countPromptTokens(expectedChat, options));
  });

  it("refuses in Anthropic's words", async () => {
    const refused = async (body: object) => post<Event>(server, PATH, body);
    expect(await refused({ ...ask, max_tokens: undefined })).toMatchObject({
      status: 400,
      body: { type: "error", error: { type: "invalid_request_error" } },
    });
    expect(await refused({ ...ask, model: "other" })).toMatchObject({
      status: 404,
      body: { error: { type: "not_found_error" } },
    });
    const image = [{ role: "user", content: [{ type: "image", source: {} }] }];
    expect(await refused({ ...ask, messages: image })).toMatchObject({ status: 400 });
  });
});

describe("/v1/responses", () => {
  const PATH = "/v1/responses";
  const tools = [{ type: "function", name: "get_weather", parameters }, { type: "web_search" }];

  it("answers whole", async () => {
    const { body } = await post(server, PATH, { model: "chain", input: "hello" });
    expect(body).toMatchObject({
      id: expect.stringMatching(/^resp_/),
      object: "response",
      status: "completed",
      output: [
        {
          type: "message",
          role: "assistant",
          content: [{ type: "output_text", text: CHAIN_TEXT, annotations: [] }],
        },
      ],
      usage: { output_tokens: tokens },
    });
    const cut = await post(server, PATH, { model: "chain", input: "hello", max_output_tokens: 2 });
    expect(cut.body).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
    });
  });

  it("streams its events in order, numbered, and ends with the whole", async () => {
    const events = (await stream<Event>(server, PATH, { model: "caller", input: "hello", tools })) as Event[];
    expect(events.map((event) => event["sequence_number"])).toEqual(events.map((_, index) => index));
    const item = (deltas: string, done: string) => [
      "response.output_item.added",
      "response.content_part.added",
      deltas,
      done,
      "response.content_part.done",
      "response.output_item.done",
    ];
    expect(typesOf(events)).toEqual([
      "response.created",
      "response.in_progress",
      ...item("response.reasoning_text.delta", "response.reasoning_text.done"),
      ...item("response.output_text.delta", "response.output_text.done"),
      "response.output_item.added",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.done",
      "response.output_item.done",
      "response.completed",
    ]);
    const { response } = events.at(-1) as unknown as { response: { output: Event[] } };
    expect(response.output).toMatchObject([
      { type: "reasoning", content: [{ text: "Which city?" }] },
      { type: "message", content: [{ text: "I will ask." }] },
      {
        type: "function_call",
        call_id: expect.stringMatching(/^\w{9}$/),
        name: "get_weather",
        arguments: '{"city": "Paris"}',
      },
    ]);
  });

  it("takes instructions and a history of items as one chat", async () => {
    const input = [
      { role: "user", content: [{ type: "input_text", text: "Is it sunny?" }] },
      { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "Which city?" }] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "I will ask." }] },
      { type: "function_call", call_id: "1", name: "get_weather", arguments: '{"city": "Paris"}' },
      { type: "function_call_output", call_id: "1", output: "sunny" },
    ];
    const asked = {
      model: "caller",
      instructions: "Be brief.",
      input,
      tools,
      max_output_tokens: 5,
      reasoning: { effort: "low" },
    };
    const { body } = await post<{ usage: { input_tokens: number } }>(server, PATH, asked);
    const expectedChat: ChatInputMessage[] = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Is it sunny?" },
      {
        role: "assistant",
        content: "I will ask.",
        reasoning_content: "Which city?",
        tool_calls: [
          {
            id: "1",
            type: "function",
            function: { name: "get_weather", arguments: '{"city": "Paris"}' },
          },
        ],
      },
      { role: "tool", tool_call_id: "1", content: "sunny" },
    ];
    const options = {
      tools: [{ name: "get_weather", parameters }],
      extraContext: { reasoning_effort: "low" },
    };
    expect(body.usage.input_tokens, JSON.stringify(body)).toBe(
      await caller.countPromptTokens(expectedChat, options),
    );
  });

  it.each([
    ["an earlier response", { input: "x", previous_response_id: "resp_1" }, "previous_response_id"],
    ["a file", { input: [{ role: "user", content: [{ type: "input_file" }] }] }, "input[0].content"],
    ["an item of another type", { input: [{ type: "item_reference" }] }, "input[0].type"],
    [
      "a format without its schema",
      { input: "x", text: { format: { type: "json_schema" } } },
      "text.format.schema",
    ],
  ])("refuses %s", async (_, body, param) => {
    expect(await post(server, PATH, { model: "chain", ...body })).toMatchObject({
      status: 400,
      body: { error: { param } },
    });
  });
});
