import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { AnswerReader } from "../../../lib/http/answer-reader.js";
import { HttpClient } from "../../../lib/http/client.js";
import type { RequestShape } from "../../../lib/http/request-body.js";
import { HttpTarget } from "../../../lib/http/http-target.js";
import { requestLatencies } from "../../../lib/measure/metrics.js";
import type { BenchRequest, RequestOutcome } from "../../../lib/measure/target.js";
import {
  clockMs,
  event,
  startMockServer,
  steady,
  textChunk,
  usageChunk,
  type MockOptions,
  type MockScript,
  type MockServer,
} from "../../helpers/mock-openai-server.mjs";

const REQUEST: BenchRequest = { prompt: { input: { tokenIds: [5, 6, 7] }, length: 3 }, outputLength: 4 };
const QUESTION: BenchRequest = { prompt: { input: "hello there", length: null }, outputLength: 4 };
const DONE = event("[DONE]");
const COMPLETIONS = { path: "/v1/completions" };
const CHAT = { path: "/v1/chat/completions" };

const opened: Array<{ close(): unknown }> = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function start(
  options: MockOptions = {},
  shape: Partial<RequestShape> = {},
  headers: Record<string, string> = {},
): Promise<{ server: MockServer; target: HttpTarget }> {
  const server = await startMockServer(options);
  const client = new HttpClient({ headers });
  opened.push(client, server);
  const target = new HttpTarget(client, `${server.url}/v1`, {
    model: "mock",
    endpoint: "completions",
    leftOut: [],
    ...shape,
  });
  return { server, target };
}

const send = (target: HttpTarget, request = REQUEST) => target.send(request, new AbortController().signal);

/** What comes of an answer in these pieces. */
async function outcomeOf(script: MockScript, shape: Partial<RequestShape> = {}): Promise<RequestOutcome> {
  const { target } = await start({ answer: () => script }, shape);
  return send(target, shape.endpoint === "chat" ? QUESTION : REQUEST);
}

const inPieces = (...pieces: ReadonlyArray<string | Uint8Array>): MockScript => ({
  parts: pieces.map((bytes) => ({ bytes })),
});

describe("a request to a server", () => {
  it("asks for completions of token ids as vLLM's benchmark does: greedy, streamed, to the last token", async () => {
    const { server, target } = await start();
    await send(target);
    const [{ path, headers, body } = { path: "", headers: {}, body: {} }] = server.requests;
    expect(path).toBe("/v1/completions");
    expect(body).toEqual({
      model: "mock",
      prompt: [5, 6, 7],
      max_tokens: 4,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
      ignore_eos: true,
      repetition_penalty: 1,
    });
    expect(headers).toMatchObject({ "content-type": "application/json", "accept-encoding": "identity" });
  });

  it("asks a chat with a message, and with both names of the limit", async () => {
    const { server, target } = await start({}, { endpoint: "chat" });
    await send(target, QUESTION);
    expect(server.requests[0]).toMatchObject({
      path: "/v1/chat/completions",
      body: {
        messages: [{ role: "user", content: "hello there" }],
        max_tokens: 4,
        max_completion_tokens: 4,
      },
    });
  });

  it("leaves out what it is asked to, and sends headers with it", async () => {
    const { server, target } = await start(
      {},
      { leftOut: ["ignore_eos", "stream_options"] },
      { "X-Key": "secret-secret" },
    );
    await send(target);
    expect(server.requests[0]?.body).not.toHaveProperty("ignore_eos");
    expect(server.requests[0]?.body).not.toHaveProperty("stream_options");
    expect(server.requests[0]?.headers["x-key"]).toBe("secret-secret");
  });

  it("uses a connection again, and as many as there are requests at once", async () => {
    const { server, target } = await start();
    for (let time = 0; time < 3; time++) await send(target);
    expect(server.state.connections).toBe(1);
    await Promise.all(Array.from({ length: 20 }, () => send(target)));
    expect(server.state.connections).toBe(20);
  });
});

describe("an answer", () => {
  it("has a stamp for each token, none before the server wrote it, and the server's counts", async () => {
    const { server, target } = await start({
      answer: (request) => steady(request, { ttftMs: 20, tpotMs: 5 }),
    });
    const beforeMs = clockMs();
    const sending = send(target);
    const calledMs = clockMs();
    const outcome = await sending;
    const afterMs = clockMs();
    expect(outcome).toMatchObject({
      promptTokens: 3,
      error: null,
      text: " t0 t1 t2 t3",
      queueMs: null,
      cachedTokens: null,
    });
    expect(outcome.producedMs).toHaveLength(4);
    expect(outcome.deliveredMs).toEqual(outcome.producedMs);
    const written = server.requests[0]?.writtenMs ?? [];
    for (const [index, ms] of outcome.producedMs.entries()) {
      expect(beforeMs + ms).toBeLessThanOrEqual(afterMs);
      // The clock began between `beforeMs` and `calledMs`; stamps are rounded to microseconds.
      expect(calledMs + ms + 0.001).toBeGreaterThanOrEqual(written[index] ?? Infinity);
    }
    expect(target.producedTokens).toBe(4);
  });

  it("is the same however its bytes are cut, within a character or a line", async () => {
    const text = "Grüße, 世界 🌍";
    const bytes = Buffer.from(
      `${textChunk(COMPLETIONS, text)}${textChunk(COMPLETIONS, "!", "length")}${usageChunk(3, 2)}${DONE}`,
    );
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    for (const pieces of [[bytes], single]) {
      expect(await outcomeOf(inPieces(...pieces))).toMatchObject({
        text: `${text}!`,
        error: null,
        promptTokens: 3,
      });
    }
  });

  it("may have CRLF, comments, pings, other fields and data of several lines", async () => {
    const [first, second] = [textChunk(COMPLETIONS, "a"), textChunk(COMPLETIONS, "b", "stop")];
    const outcome = await outcomeOf(
      inPieces(
        ": ping\n\n",
        "event: message\r\nid: 1\r\nretry: 10\r\n",
        first.replaceAll("\n", "\r\n"),
        ":\n\n:\n\n",
        second.replace('{"id"', '{\ndata:"id"'),
        DONE.replace("data: ", "data:"),
      ),
    );
    expect(outcome).toMatchObject({ text: "ab", error: null });
    expect(outcome.producedMs).toHaveLength(2);
  });

  it("has one stamp for events that come in one piece", async () => {
    const { producedMs } = await outcomeOf(
      inPieces(
        textChunk(COMPLETIONS, "a") + textChunk(COMPLETIONS, "b"),
        textChunk(COMPLETIONS, "c", "length"),
        DONE,
      ),
    );
    expect(producedMs).toHaveLength(3);
    expect(producedMs[1]).toBe(producedMs[0]);
    expect(producedMs[2]).toBeGreaterThan(producedMs[1] ?? Infinity);
  });

  it("counts as many tokens as the server does where chunks bring several; gaps are those between chunks", async () => {
    const outcome = await outcomeOf(
      inPieces(
        textChunk(COMPLETIONS, "a b c"),
        textChunk(COMPLETIONS, "d e"),
        textChunk(COMPLETIONS, "f", "length"),
        usageChunk(3, 7),
      ),
    );
    expect(outcome.producedMs).toHaveLength(7);
    expect(new Set(outcome.producedMs).size).toBe(3);
    const { ttftMs, tpotMs, itlsMs, e2elMs } = requestLatencies(outcome);
    expect(itlsMs).toHaveLength(2);
    expect([ttftMs, e2elMs]).toEqual([outcome.producedMs[0], outcome.producedMs[6]]);
    expect(tpotMs).toBeCloseTo((e2elMs - ttftMs) / 6, 9);
  });

  it("counts chunks where the server does not count, and the prompt as it was made", async () => {
    const outcome = await outcomeOf(
      inPieces(textChunk(COMPLETIONS, "a"), textChunk(COMPLETIONS, "b", "length")),
    );
    expect(outcome).toMatchObject({ promptTokens: 3, cachedTokens: null, error: null });
    expect(outcome.producedMs).toHaveLength(2);
  });

  it("counts tokens of the prompt that came out of a cache", async () => {
    const usage = usageChunk(3, 1, { prompt_tokens_details: { cached_tokens: 2 } });
    expect(await outcomeOf(inPieces(textChunk(COMPLETIONS, "a", "length"), usage, DONE))).toMatchObject({
      cachedTokens: 2,
    });
  });

  it("of a chat begins with its first token, not with its role; reasoning and tool calls are tokens", async () => {
    const delta = (fields: object, finish: string | null = null) =>
      event({ choices: [{ delta: fields, finish_reason: finish }] });
    const outcome = await outcomeOf(
      inPieces(
        delta({ role: "assistant", content: "" }),
        delta({ reasoning: "hm", reasoning_content: "hm" }),
        delta({ reasoning_content: "so" }),
        delta({ content: "" }),
        textChunk(CHAT, "Hi"),
        delta({ tool_calls: [{ index: 0, function: { arguments: "{" } }] }),
        delta({}, "tool_calls"),
        DONE,
      ),
      { endpoint: "chat" },
    );
    expect(outcome).toMatchObject({ text: "hmsoHi", error: null });
    expect(outcome.producedMs).toHaveLength(5);
  });

  it("of completions has a token in a chunk without text, but in the last one", async () => {
    const outcome = await outcomeOf(
      inPieces(
        textChunk(COMPLETIONS, ""),
        textChunk(COMPLETIONS, "é"),
        textChunk(COMPLETIONS, "", "length"),
        DONE,
      ),
    );
    expect(outcome.producedMs).toHaveLength(2);
  });
});

describe("a usage that grows along with the answer", () => {
  /** A chunk of a chat with what the server has counted so far. */
  const counted = (delta: object, completion_tokens: number, finish_reason: string | null = null) =>
    event({ choices: [{ delta, finish_reason }], usage: { prompt_tokens: 3, completion_tokens } });

  /** The positions of the chunks that bring tokens, and the tokens of the answer. */
  function tokensIn(chunks: readonly string[]): { bringing: number[]; count: number } {
    const bringing: number[] = [];
    let position = -1;
    const reader = new AnswerReader(0, () => bringing.push(position));
    const head = { statusCode: 200, headers: { "content-type": "text/event-stream" } };
    reader.head(head as unknown as IncomingMessage);
    for (const chunk of [...chunks, DONE]) {
      position += 1;
      reader.data(Buffer.from(chunk));
    }
    return { bringing, count: reader.outcome(null).producedMs.length };
  }

  it("makes tokens of chunks without a text that a parser holds back, and of no others", () => {
    const chunks = [
      counted({ role: "assistant", content: "" }, 0),
      counted({}, 1),
      counted({ content: "" }, 1),
      counted({ content: "" }, 2),
      counted({ content: "<x> y" }, 4),
      counted({}, 4, "stop"),
    ];
    expect(tokensIn(chunks)).toEqual({ bringing: [1, 3, 4], count: 4 });
  });

  it("makes a token of the last chunk where it has grown there, and none where only that one has a usage", () => {
    const [first, second] = [textChunk(CHAT, "a"), textChunk(CHAT, "b")];
    expect(tokensIn([first, second, counted({}, 2, "stop")])).toEqual({ bringing: [0, 1], count: 2 });
    const grown = [counted({ content: "a" }, 1), counted({}, 2, "stop")];
    expect(tokensIn(grown)).toEqual({ bringing: [0, 1], count: 2 });
  });
});

describe("a failure", () => {
  const tokens = textChunk(COMPLETIONS, "a") + textChunk(COMPLETIONS, "b");
  const failures: ReadonlyArray<[what: string, script: MockScript, message: RegExp]> = [
    [
      "an error inside the stream",
      inPieces(tokens, event({ error: { message: "out of cache", code: 500 } }), DONE),
      /^The server reported inside the stream: out of cache$/,
    ],
    ["an error of a bare text", inPieces(event({ error: "no" })), /inside the stream: no$/],
    [
      "an OpenAI error",
      {
        status: 400,
        headers: { "content-type": "application/json" },
        parts: [{ bytes: '{"error":{"message":"bad model"}}' }],
      },
      /^HTTP 400 Bad Request: bad model$/,
    ],
    [
      "a full queue",
      {
        status: 429,
        headers: { "content-type": "text/plain", "retry-after": "7" },
        parts: [{ bytes: "later" }],
      },
      /^HTTP 429 Too Many Requests: retry after 7: later$/,
    ],
    [
      "another body",
      {
        status: 502,
        headers: { "content-type": "text/html" },
        parts: [{ bytes: `<html>${"x".repeat(5000)}` }],
      },
      /^HTTP 502 Bad Gateway: <html>x{291}\.\.\.$/,
    ],
    [
      "a redirect",
      { status: 307, headers: { location: "http://elsewhere/v1" } },
      /^HTTP 307 Temporary Redirect: the server redirects to http:\/\/elsewhere\/v1; give that URL$/,
    ],
    [
      "a plain answer",
      { headers: { "content-type": "application/json" }, parts: [{ bytes: '{"choices":[{"text":"a"}]}' }] },
      /^The server answered with application\/json instead of a stream/,
    ],
    [
      "a packed answer",
      { headers: { "content-encoding": "gzip" }, parts: [{ bytes: gzipSync(tokens) }] },
      /^The server packs its answer \(gzip\)/,
    ],
    [
      "a stream that just ends",
      inPieces(tokens),
      /^The stream ended without a finish_reason or \[DONE\], after 2 chunks/,
    ],
    ["an empty stream", {}, /^The stream ended without .* after 0 chunks/],
    [
      "a stream without tokens",
      inPieces(usageChunk(3, 4), DONE),
      /^No chunk brought a token, though the server counts 4/,
    ],
    [
      "invalid JSON",
      inPieces(tokens, "data: {]\n\n", DONE),
      /^The server sent an event that is not a JSON object: \{\]$/,
    ],
    ["no object", inPieces(event("5")), /not a JSON object: 5$/],
    [
      "a count beyond reason",
      inPieces(textChunk(COMPLETIONS, "a", "stop"), usageChunk(1, 2 ** 40)),
      /counts 1099511627776 tokens/,
    ],
    [
      "a connection that is cut",
      { ...inPieces(tokens), end: "destroy" },
      /^The connection was closed before the answer had ended/,
    ],
    [
      "a connection that is cut at once",
      { end: "destroy" },
      /^The connection was closed before the answer had ended/,
    ],
  ];

  it.each(failures)("is %s, with a message; the next request is answered", async (_what, script, message) => {
    let first = true;
    const { target } = await start({
      answer: (request) => {
        if (!first) return steady(request);
        first = false;
        return script;
      },
    });
    const failed = await send(target);
    expect(failed.error).toMatch(message);
    expect(failed).toMatchObject({ producedMs: [], deliveredMs: [], promptTokens: 0, text: "" });
    expect(await send(target)).toMatchObject({ error: null });
  });

  it("is a server that is not there", async () => {
    const { server, target } = await start();
    await server.close();
    opened.length = 1;
    expect((await send(target)).error).toMatch(/^Nothing listens there \(.*ECONNREFUSED/);
  });

  it("does not repeat a key that the server repeats", async () => {
    const { target } = await start(
      {
        answer: () => ({
          status: 401,
          parts: [{ bytes: '{"error":{"message":"wrong key sk-0123456789"}}' }],
        }),
      },
      {},
      { authorization: "Bearer sk-0123456789" },
    );
    expect((await send(target)).error).toBe("HTTP 401 Unauthorized: wrong key …");
  });

  it("is none where the server closes an idle connection just as it is used again: the request is sent once more", async () => {
    let requests = 0;
    const raw = createServer((socket) => {
      let isFirst = true;
      socket.on("error", () => undefined);
      socket.on("data", () => {
        requests += 1;
        if (!isFirst) return void socket.resetAndDestroy();
        isFirst = false;
        const body = textChunk(COMPLETIONS, "a", "length") + DONE;
        const head = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${body.length}\r\n\r\n`;
        return void socket.write(head + body);
      });
    });
    raw.listen(0, "127.0.0.1");
    await once(raw, "listening");
    const client = new HttpClient({});
    opened.push(client, raw);
    const { port } = raw.address() as AddressInfo;
    const target = new HttpTarget(client, `http://127.0.0.1:${port}/v1`, {
      model: "mock",
      endpoint: "completions",
      leftOut: [],
    });
    expect(await send(target)).toMatchObject({ error: null, text: "a" });
    expect(await send(target)).toMatchObject({ error: null, text: "a" });
    expect(requests).toBe(3);
  });

  it("waits for headers as long as they take, and stamps by the tokens", async () => {
    const { server, target } = await start({
      answer: (request) => ({ ...steady(request), headersAtMs: 30 }),
    });
    const { producedMs, error } = await send(target);
    expect(error).toBeNull();
    const { receivedMs = 0, writtenMs = [] } = server.requests[0] ?? {};
    expect(writtenMs[0]).toBeGreaterThanOrEqual(receivedMs + 30);
    expect(producedMs[0]).toBeGreaterThanOrEqual(30);
  });
});

describe("an abort", () => {
  it("rejects, and the server sees the connection close", async () => {
    const controller = new AbortController();
    const { server, target } = await start({
      answer: (request) => ({ parts: [{ bytes: textChunk(request, "a") }], end: "open" }),
    });
    const sent = target.send(REQUEST, controller.signal);
    while (target.producedTokens === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await expect(sent).rejects.toMatchObject({ name: "AbortError", code: "ERR_ABORTED" });
    while (server.state.open > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(server.requests[0]?.isCut).toBe(true);
  });

  it("that was before the call sends nothing", async () => {
    const { server, target } = await start();
    await expect(target.send(REQUEST, AbortSignal.abort())).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect(await send(target)).toMatchObject({ error: null });
    expect(server.requests).toHaveLength(1);
  });
});
