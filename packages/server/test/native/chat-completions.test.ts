import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline } from "openvino-llm";
import { CHAIN_TEXT } from "../../../../lib/models/gguf/chain-model.js";
import { ALPHABET, CALLER_PIECES, chainModel } from "../../../../test/helpers/chain.js";
import type { LlmServer } from "../../lib/index.js";
import { post, serve, stream } from "../helpers/served.js";

const PATH = "/v1/chat/completions";
const ask = { messages: [{ role: "user", content: "hello" }] };

interface Delta {
  readonly role?: string;
  readonly content?: string;
  readonly reasoning?: string;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly {
    readonly index: number;
    readonly id?: string;
    readonly function: { readonly name?: string; readonly arguments: string };
  }[];
}

interface Chunk {
  readonly id: string;
  readonly object: string;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: Delta;
    readonly logprobs: { readonly content: readonly { readonly token: string }[] } | null;
    readonly finish_reason: string | null;
  }[];
  readonly usage?: unknown;
  readonly timings?: unknown;
}

interface Completion {
  readonly choices: readonly {
    readonly message: Delta & { readonly content: string | null };
    readonly finish_reason: string;
  }[];
  readonly usage: { readonly completion_tokens: number };
}

interface Failure {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

const bytes = Buffer.from(CHAIN_TEXT).length;

describe("a model that says one text", () => {
  let llm: ContinuousBatchingPipeline;
  let server: LlmServer;
  beforeAll(async () => {
    llm = await ContinuousBatchingPipeline.load(await chainModel());
    server = await serve(llm);
  });
  afterAll(async () => {
    await server.close();
    await llm.close();
  });

  it("is answered whole, in OpenAI's shape with vLLM's and llama-server's times", async () => {
    const { status, headers, body } = await post(server, PATH, ask);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json");
    const usage = {
      prompt_tokens: expect.any(Number),
      completion_tokens: bytes + 1,
      total_tokens: expect.any(Number),
      metrics: { queue_time_ms: expect.any(Number), time_to_first_token_ms: expect.any(Number) },
    };
    expect(body).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
      object: "chat.completion",
      created: expect.any(Number),
      model: "chain",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: CHAIN_TEXT, refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage,
      system_fingerprint: expect.stringMatching(/^fp_[0-9a-f]{10}$/),
      timings: expect.objectContaining({ prompt_n: expect.any(Number), predicted_n: bytes + 1 }),
    });
  });

  it("is streamed in one event for each token, the role beside the first token's text, then the reason and [DONE]", async () => {
    const events = await stream<Chunk>(server, PATH, ask);
    expect(events.at(-1)).toBe("[DONE]");
    const chunks = events.slice(0, -1) as Chunk[];
    expect(chunks).toHaveLength(bytes + 2);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "Z" });
    expect(
      chunks.slice(1, -1).every(({ choices }) => Object.keys(choices[0]?.delta ?? {}).join() === "content"),
    ).toBe(true);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(CHAIN_TEXT);
    expect(chunks.at(-1)?.choices[0]).toMatchObject({ delta: {}, finish_reason: "stop" });
    expect(chunks.at(-1)).toHaveProperty("timings");
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.every((chunk) => chunk.object === "chat.completion.chunk" && !("usage" in chunk))).toBe(
      true,
    );
  });

  it("sends the usage in a last event where it is asked for", async () => {
    const events = await stream<Chunk>(server, PATH, { ...ask, stream_options: { include_usage: true } });
    const [usage] = events.slice(-2) as [Chunk];
    expect(usage.choices).toEqual([]);
    expect(usage.usage).toMatchObject({ completion_tokens: bytes + 1 });
    expect((events.slice(0, -2) as Chunk[]).every((chunk) => chunk.usage === null)).toBe(true);
  });

  it("sends the log-probability of each chosen token", async () => {
    const events = await stream<Chunk>(server, PATH, { ...ask, logprobs: true, max_tokens: 2 });
    const logprobs = (events.slice(0, 2) as Chunk[]).flatMap(
      ({ choices }) => choices[0]?.logprobs?.content ?? [],
    );
    expect(logprobs).toEqual([
      { token: "Z", logprob: expect.any(Number), bytes: [0x5a], top_logprobs: [] },
      { token: "<0xC3>", logprob: expect.any(Number), bytes: [0xc3], top_logprobs: [] },
    ]);
  });

  it("gives n answers, streamed and whole", async () => {
    const { body } = await post<Completion>(server, PATH, { ...ask, n: 3, temperature: 1e-3, seed: -7 });
    expect(body.choices.map(({ message }) => message.content)).toEqual(Array(3).fill(CHAIN_TEXT));
    expect(body.usage).toMatchObject({ completion_tokens: 3 * (bytes + 1) });
    const events = await stream<Chunk>(server, PATH, { ...ask, n: 3 });
    const texts = ["", "", ""];
    for (const { choices } of events.slice(0, -1) as Chunk[]) {
      for (const { index, delta } of choices) texts[index] += delta.content ?? "";
    }
    expect(texts).toEqual(Array(3).fill(CHAIN_TEXT));
  });

  it("ends at max_tokens, by either name, and at a stop text, which is not in the answer", async () => {
    for (const limit of [{ max_tokens: 2 }, { max_completion_tokens: 2, max_tokens: 9 }]) {
      const { body } = await post<Completion>(server, PATH, { ...ask, ...limit });
      expect(body.choices[0]?.finish_reason).toBe("length");
      expect(body.usage.completion_tokens).toBe(2);
    }
    for (const stop of [": ", ["no", ": "], [": ", ""]]) {
      const { body } = await post<Completion>(server, PATH, { ...ask, stop });
      expect(body.choices[0]).toMatchObject({ message: { content: "Zürich" }, finish_reason: "stop" });
    }
  });

  it("takes null and neutral values, and ignores fields that it does not know", async () => {
    const neutral = {
      top_k: -1,
      min_p: 0,
      top_logprobs: 0,
      priority: 0,
      stop_token_ids: [],
      ignore_eos: false,
    };
    const penalties = { repetition_penalty: 1, frequency_penalty: 0, presence_penalty: 0, logit_bias: {} };
    const unknown = {
      user: "u",
      metadata: {},
      store: false,
      parallel_tool_calls: true,
      service_tier: "auto",
    };
    const absent =
      "temperature top_p seed stop n tools tool_choice response_format logprobs max_tokens stream";
    const more = "stream_options reasoning_effort chat_template_kwargs model max_completion_tokens";
    const nulls = Object.fromEntries(`${absent} ${more}`.split(" ").map((name) => [name, null]));
    const nothing = { ...neutral, ...penalties, ...unknown, ...nulls };
    const { status, body } = await post<Completion>(server, PATH, { ...ask, ...nothing });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.choices[0]?.message.content).toBe(CHAIN_TEXT);
  });

  it("takes parts of text, an assistant that said nothing, and reasoning by both names", async () => {
    const messages = [
      { role: "system", content: null, name: null },
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      { role: "assistant", content: null, reasoning: "thought", tool_calls: null },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "1", content: "sunny" },
    ].slice(1);
    expect(await post(server, PATH, { messages })).toMatchObject({ status: 200 });
  });

  it.each([
    ["no messages", {}, 400, null],
    ["messages of another kind", { messages: "x" }, 400, "messages"],
    ["an unknown role", { messages: [{ role: "usr", content: "x" }] }, 400, "messages[0].role"],
    [
      "an image",
      { messages: [{ role: "user", content: [{ type: "image_url" }] }] },
      400,
      "messages[0].content[0].type",
    ],
    ["a top_p of 0", { ...ask, top_p: 0 }, 400, "top_p"],
    ["a temperature below 0", { ...ask, temperature: -1 }, 400, "temperature"],
    ["half a token", { ...ask, max_tokens: 1.5 }, 400, "max_tokens"],
    ["likeliest tokens", { ...ask, logprobs: true, top_logprobs: 2 }, 400, "top_logprobs"],
    ["a bias", { ...ask, logit_bias: { 5: 1 } }, 400, "logit_bias"],
    [
      "a schema that nothing fits",
      {
        ...ask,
        response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "nothing" } } },
      },
      400,
      "response_format.json_schema.schema",
    ],
    [
      "a format without its schema",
      { ...ask, response_format: { type: "json_schema" } },
      400,
      "response_format",
    ],
    [
      "a tool that is not there",
      {
        ...ask,
        tools: [{ type: "function", function: { name: "f" } }],
        tool_choice: { type: "function", function: { name: "g" } },
      },
      400,
      "tool_choice.function.name",
    ],
    ["more tokens than the context holds", { ...ask, max_tokens: 2048 }, 400, "max_tokens"],
    ["a longer prompt than it holds", { messages: [{ role: "user", content: "x".repeat(3000) }] }, 400, null],
    ["another model", { ...ask, model: "gpt" }, 404, "model"],
  ])("refuses %s", async (_, body, status, param) => {
    const refused = await post<Failure>(server, PATH, body);
    expect(refused).toMatchObject({ status, body: { error: { param } } });
    expect(refused.body.error.message).toMatch(/./);
    // The same in a stream: nothing of it has begun.
    expect(await post(server, PATH, { ...body, stream: true })).toMatchObject({
      status,
      body: { error: { param } },
    });
    expect(llm.metrics()).toMatchObject({ running: 0, waiting: 0 });
  });

  it("refuses what is no JSON, no UTF-8 or too much", async () => {
    expect(await post(server, PATH, "{")).toMatchObject({ status: 400 });
    expect(await post(server, PATH, "[]")).toMatchObject({ status: 400 });
    const answer = await fetch(`${server.url}${PATH}`, {
      method: "POST",
      body: new Uint8Array([0x22, 0xff, 0x22]),
    });
    expect(answer.status).toBe(400);
    expect(await post(server, PATH, { ...ask, user: "x".repeat(17 * 2 ** 20) })).toMatchObject({
      status: 413,
      body: { error: { code: "request_too_large" } },
    });
  });

  it("lists its models, with what routers read", async () => {
    const model = {
      id: "chain",
      object: "model",
      created: expect.any(Number),
      owned_by: "openvino-llm",
      root: llm.model.path,
      parent: null,
      max_model_len: 2048,
    };
    for (const version of ["/v1", "/v3"]) {
      const list = await fetch(`${server.url}${version}/models`);
      expect(await list.json()).toEqual({ object: "list", data: [model] });
      expect(await (await fetch(`${server.url}${version}/models/chain`)).json()).toEqual(model);
      expect((await fetch(`${server.url}${version}/models/a%2Fb`)).status).toBe(404);
    }
    expect((await fetch(`${server.url}/v1/nothing`)).status).toBe(404);
    expect((await fetch(`${server.url}${PATH}`)).status).toBe(405);
  });

  it("publishes the schemas that check", async () => {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<
        string,
        { post?: { requestBody: { content: Record<string, { schema: { required: string[] } }> } } }
      >;
    };
    expect(document.openapi).toBe("3.1.0");
    expect(document.paths[PATH]?.post?.requestBody.content["application/json"]?.schema.required).toEqual([
      "messages",
    ]);
  });
});

describe("a model that thinks and calls a tool", () => {
  const TEMPLATE =
    "{# <tool_call> <think> </think> #}{{ tools | tojson }}{{ enable_thinking }}" +
    "{% for message in messages %}<|im_start|>{{ message.role }}<|im_sep|>{{ message.content }}<|im_end|>{% endfor %}<|im_start|>";
  const tools = [
    {
      type: "function",
      function: {
        name: "get_weather",
        parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
      },
    },
  ];
  let llm: ContinuousBatchingPipeline;
  let server: LlmServer;
  beforeAll(async () => {
    llm = await ContinuousBatchingPipeline.load(await chainModel({ pieces: CALLER_PIECES }), {
      chatTemplate: TEMPLATE,
    });
    server = await serve(llm);
  });
  afterAll(async () => {
    await server.close();
    await llm.close();
  });

  it("gives both whole", async () => {
    const { body } = await post<Completion>(server, PATH, { ...ask, tools });
    expect(body.choices[0]).toEqual({
      index: 0,
      message: {
        role: "assistant",
        content: "I will ask.",
        refusal: null,
        reasoning: "Which city?",
        reasoning_content: "Which city?",
        tool_calls: [
          {
            id: expect.stringMatching(/^\w{9}$/),
            type: "function",
            function: { name: "get_weather", arguments: '{"city": "Paris"}' },
          },
        ],
      },
      logprobs: null,
      finish_reason: "tool_calls",
    });
  });

  it("streams both in deltas: id and name in the first of a call only", async () => {
    const events = (await stream<Chunk>(server, PATH, { ...ask, tools })).slice(0, -1) as Chunk[];
    const deltas = events.map(({ choices }) => choices[0]?.delta ?? {});
    expect(deltas[0]?.role).toBe("assistant");
    const join = (key: "content" | "reasoning" | "reasoning_content") =>
      deltas.map((delta) => delta[key] ?? "").join("");
    expect([join("reasoning"), join("reasoning_content"), join("content")]).toEqual([
      "Which city?",
      "Which city?",
      "I will ask.",
    ]);
    const calls = deltas.flatMap(({ tool_calls: parts = [] }) => parts);
    expect(calls[0]).toMatchObject({
      index: 0,
      id: expect.any(String),
      function: { name: "get_weather", arguments: "" },
    });
    expect(calls.slice(1).every((call) => !("id" in call) && !("name" in call.function))).toBe(true);
    expect(calls.map((call) => call.function.arguments).join("")).toBe('{"city": "Paris"}');
    expect(events.at(-1)?.choices[0]?.finish_reason).toBe("tool_calls");
  });

  it("gives a call that was cut off no finish reason of calls", async () => {
    const { body } = await post<Completion>(server, PATH, { ...ask, tools, max_tokens: 6 });
    expect(body.choices[0]).toMatchObject({ message: { content: "I will ask." }, finish_reason: "length" });
  });
});

describe("what a schema or a choice enforces", () => {
  let llm: ContinuousBatchingPipeline;
  let server: LlmServer;
  beforeAll(async () => {
    llm = await ContinuousBatchingPipeline.load(await chainModel({ text: ALPHABET, loop: true }));
    server = await serve(llm);
  });
  afterAll(async () => {
    await server.close();
    await llm.close();
  });
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    properties: { kind: { enum: ["x"] } },
    required: ["kind"],
    additionalProperties: false,
  };

  it("is the answer", async () => {
    const format = { type: "json_schema", json_schema: { name: "kind", strict: true, schema } };
    const { body } = await post<Completion>(server, PATH, {
      ...ask,
      response_format: format,
      max_tokens: 60,
    });
    expect(JSON.parse(body.choices[0]?.message.content ?? "")).toEqual({ kind: "x" });
    const events = (
      await stream<Chunk>(server, PATH, { ...ask, response_format: format, max_tokens: 60 })
    ).slice(0, -1);
    const text = (events as Chunk[]).map(({ choices }) => choices[0]?.delta.content ?? "").join("");
    expect(JSON.parse(text)).toEqual({ kind: "x" });
  });

  it("is the call", async () => {
    const tools = [{ type: "function", function: { name: "f", parameters: schema } }];
    for (const choice of ["required", { type: "function", function: { name: "f" } }]) {
      const { body } = await post<Completion>(server, PATH, {
        ...ask,
        tools,
        tool_choice: choice,
        max_tokens: 100,
      });
      expect(body.choices[0], JSON.stringify(body)).toMatchObject({
        finish_reason: "tool_calls",
        message: { content: null },
      });
      const [call] = body.choices[0]?.message.tool_calls ?? [];
      expect(JSON.parse(call?.function.arguments ?? "")).toEqual({ kind: "x" });
    }
  });
});
