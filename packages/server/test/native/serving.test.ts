import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline } from "openvino-llm";
import { ALPHABET, chainModel } from "../../../../test/helpers/chain.js";
import { createHandler, LlmServer, type ServiceLog } from "../../lib/index.js";
import { answerTo, begin, eventsOf, post, serve, until } from "../helpers/served.js";

const COMPLETIONS = "/v1/completions";
/** Runs until somebody ends it. */
const endless = { prompt: "a", max_tokens: 90_000 };
const short = { prompt: "a", max_tokens: 3 };

let llm: ContinuousBatchingPipeline;
beforeAll(async () => {
  llm = await ContinuousBatchingPipeline.load(
    await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 }),
    { scheduler: { maxNumSeqs: 2 } },
  );
});
afterAll(() => llm.close());

const isIdle = (): boolean => llm.metrics().running + llm.metrics().waiting === 0;

/** Nothing runs or waits any more, and the cache is empty. */
async function expectIdle(): Promise<void> {
  await until(isIdle);
  expect(llm.metrics()).toMatchObject({ running: 0, waiting: 0, cacheUsagePercent: 0 });
}

/** Keeps what is logged. */
class RecordedLog implements ServiceLog {
  readonly lines: {
    readonly level: string;
    readonly message: string;
    readonly fields: Record<string, unknown>;
  }[] = [];
  readonly info = this.#at("info");
  readonly warn = this.#at("warn");
  readonly error = this.#at("error");

  #at(level: string) {
    return (fields: object, message: string): void => {
      this.lines.push({ level, message, fields: { ...fields } });
    };
  }
}

describe("a client that goes", () => {
  it("ends its request within the stream, before its first token and when it waits for the whole", async () => {
    const log = new RecordedLog();
    await using server = await serve(llm, { log });
    const streamed = begin(server, COMPLETIONS);
    streamed.end(JSON.stringify({ ...endless, stream: true }));
    await once(await answerTo(streamed), "data");
    streamed.destroy();
    await expectIdle();

    const whole = begin(server, COMPLETIONS);
    whole.end(JSON.stringify(endless));
    await until(() => llm.metrics().running === 1);
    whole.destroy();
    await expectIdle();
    await until(() => log.lines.length === 2);
    expect(log.lines.map(({ message, fields }) => [message, fields["status"]])).toEqual([
      ["client gone", 499],
      ["client gone", 499],
    ]);
    expect(await post(server, COMPLETIONS, short)).toMatchObject({ status: 200 });
  });

  it("ends all of its n answers", async () => {
    await using server = await serve(llm);
    const several = begin(server, COMPLETIONS);
    several.end(JSON.stringify({ ...endless, n: 2, stream: true }));
    await once(await answerTo(several), "data");
    several.destroy();
    await expectIdle();
  });

  it("is one too where it reads nothing, beyond a bound", async () => {
    const log = new RecordedLog();
    // A long name makes large events, which soon fill what the system keeps of a connection.
    const models = [{ name: "m".repeat(20_000), llm }];
    await using server = await LlmServer.start({ models, port: 0, log, maxUnreadBytes: 100_000 });
    await server.ready;
    const deaf = begin(server, COMPLETIONS);
    deaf.end(JSON.stringify({ ...endless, stream: true }));
    (await answerTo(deaf)).pause();
    await until(() => llm.metrics().running === 1);
    await expectIdle();
    expect(log.lines.map(({ message }) => message)).toContain(
      "the client reads too slowly; its request ends",
    );
    deaf.destroy();
  });

  it("is given up too where it never takes a whole answer", async () => {
    const log = new RecordedLog();
    const models = [{ name: "m".repeat(20_000_000), llm }];
    await using server = await LlmServer.start({ models, port: 0, log, idleTimeoutMs: 50 });
    await server.ready;
    const deaf = connect(Number(new URL(server.url).port), "127.0.0.1");
    deaf.pause();
    deaf.write("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await until(() => log.lines.length === 2);
    expect(log.lines[1]).toEqual({
      level: "warn",
      message: "the client does not take its answer",
      fields: { requestId: expect.any(String), unreadBytes: expect.any(Number) },
    });
    deaf.destroy();
  });
});

describe("limits", () => {
  it("refuse what would not find room, before it costs anything, with when to try again", async () => {
    await using server = await serve(llm, { maxQueue: 1 });
    const running = [1, 2, 3].map(() => begin(server, COMPLETIONS));
    for (const request of running) request.end(JSON.stringify(endless));
    await until(() => llm.metrics().running + llm.metrics().waiting === 3);
    const before = llm.metrics().totals;
    const refused = await post(server, COMPLETIONS, short);
    expect(refused).toMatchObject({
      status: 429,
      body: { error: { code: "queue_full", type: "rate_limit_error" } },
    });
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(llm.metrics().totals.finished).toBe(before.finished);
    for (const request of running) request.destroy();
    await expectIdle();
    expect(await post(server, COMPLETIONS, short)).toMatchObject({ status: 200 });
    expect(await post(server, COMPLETIONS, { ...short, n: 4 })).toMatchObject({ status: 429 });
  });

  it("end requests whose head or body does not come", async () => {
    await using server = await serve(llm, { headersTimeoutMs: 1, requestTimeoutMs: 2 });
    const { port, hostname } = new URL(server.url);
    for (const part of [
      "POST /v1/completions HTTP/1.1\r\nHost: x",
      "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
    ]) {
      const socket = connect(Number(port), hostname);
      socket.write(part);
      const [data] = (await once(socket, "data")) as [Buffer];
      expect(data.toString()).toMatch(/^HTTP\/1.1 408/);
      socket.destroy();
    }
  });

  it("close a connection whose body is too large to be read", async () => {
    await using server = await serve(llm, { maxBodyBytes: 1000 });
    for (const headers of [{ "content-length": 5000 }, { "transfer-encoding": "chunked" }]) {
      const large = begin(server, COMPLETIONS, headers);
      large.write("x".repeat(2000));
      const answer = await answerTo(large);
      expect([answer.statusCode, answer.headers.connection]).toEqual([413, "close"]);
      large.destroy();
    }
  });
});

describe("access", () => {
  it("is by one of the keys, in either header, and health and pages need none", async () => {
    await using server = await serve(llm, { apiKeys: ["first", "second"] });
    expect(await post(server, COMPLETIONS, short)).toMatchObject({
      status: 401,
      body: { error: { code: "invalid_api_key" } },
    });
    for (const headers of [{ authorization: "Bearer second" }, { "x-api-key": "first" }]) {
      expect(await post(server, COMPLETIONS, short, headers)).toMatchObject({ status: 200 });
    }
    for (const headers of [
      { authorization: "Bearer third" },
      { "x-api-key": "" },
      { authorization: "Basic second" },
    ]) {
      expect(await post(server, COMPLETIONS, short, headers)).toMatchObject({ status: 401 });
    }
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect((await fetch(`${server.url}/v1/models`)).status).toBe(401);
  });

  it("is not for pages of other origins, nor by names that are not this machine's", async () => {
    await using server = await serve(llm, { allowedOrigins: ["https://chat.example"] });
    const { host } = new URL(server.url);
    const asked = (headers: Record<string, string>) => post(server, COMPLETIONS, short, headers);
    expect(await asked({ origin: "https://evil.example" })).toMatchObject({ status: 403 });
    expect(await asked({ origin: "null" })).toMatchObject({ status: 403 });
    expect(await asked({ origin: `http://${host}` })).toMatchObject({ status: 200 });
    const allowed = await asked({ origin: "https://chat.example" });
    expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([
      200,
      "https://chat.example",
    ]);
    const preflight = await fetch(`${server.url}${COMPLETIONS}`, {
      method: "OPTIONS",
      headers: { origin: "https://chat.example" },
    });
    expect(preflight.status).toBe(204);
    // The name that a page's own address resolves to this machine by.
    const rebound = begin(server, COMPLETIONS, { host: "evil.example" });
    rebound.end(JSON.stringify(short));
    expect((await answerTo(rebound)).statusCode).toBe(403);
  });
});

describe("the chat page", () => {
  const POLICY = [
    ["default-src", "'none'"],
    ...["script-src", "style-src", "connect-src", "img-src"].map((name) => [name, "'self'"]),
    ...["base-uri", "form-action", "frame-ancestors"].map((name) => [name, "'none'"]),
    ["require-trusted-types-for", "'script'"],
    ["trusted-types", "'none'"],
  ];

  /** The addresses that it names, from its own on. */
  const addressesIn = (html: string, own: string): string[] =>
    [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = ""]) => new URL(address, own).href);

  it("needs no key, as what it asks does, and brings nothing but its own files, under a strict policy", async () => {
    await using server = await serve(llm, { apiKeys: ["key"] });
    const page = await fetch(server.url);
    const html = await page.text();
    expect([page.status, html]).toEqual([200, expect.stringContaining("<title>")]);
    expect(html).not.toMatch(/<style|<script(?! type="module" src=)|\son\w+=|\sstyle=/);
    const types: string[] = [];
    for (const address of [`${server.url}/`, ...addressesIn(html, server.url)]) {
      const file = await fetch(address);
      expect(file.status, address).toBe(200);
      const policy = file.headers.get("content-security-policy") ?? "";
      expect(policy.split("; ").map((rule) => rule.split(" "))).toEqual(POLICY);
      expect(Object.fromEntries(file.headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-cache",
      });
      types.push(file.headers.get("content-type") ?? "");
    }
    expect(new Set(types)).toEqual(
      new Set([
        "text/html; charset=utf-8",
        "image/svg+xml",
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
      ]),
    );
    const head = await fetch(server.url, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await fetch(`${server.url}/server_info`)).status).toBe(401);
    expect((await fetch(`${server.url}/ui/..%2fpackage.json`)).status).toBe(401);
  });

  it("is there while the models are loaded, and not by other names, nor where nobody wants it", async () => {
    await using loading = await LlmServer.start({ models: [{ model: await chainModel() }], port: 0 });
    expect([loading.state, (await fetch(loading.url)).status]).toEqual(["loading", 200]);
    const rebound = await answerTo(get(loading.url, { headers: { host: "evil.example" }, agent: false }));
    expect(rebound.statusCode).toBe(403);
    rebound.destroy();
    await using server = await serve(llm, { ui: false });
    for (const path of ["/", "/ui/main.js"]) expect((await fetch(server.url + path)).status).toBe(404);
    await expect(serve(llm, { ui: "no" as never })).rejects.toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  });

  it("is a handler's only where it is asked for, and knows the path where that is mounted", async () => {
    const models = [{ name: "chain", llm }];
    const own = "https://app.example/api/llm";
    const without = createHandler(models, { basePath: "/api/llm" });
    expect((await without(new Request(own))).status).toBe(404);
    const handler = createHandler(models, { basePath: "/api/llm", ui: true });
    for (const address of [own, `${own}/`]) {
      const page = await handler(new Request(address));
      const files = addressesIn(await page.text(), address);
      expect(files).toContain(`${own}/ui/main.js`);
      for (const file of files) expect((await handler(new Request(file))).status, file).toBe(200);
    }
  });
});

it("hands on the client's request id, and logs neither prompt nor answer unless it is to log what is asked", async () => {
  const log = new RecordedLog();
  await using server = await serve(llm, { log });
  const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const { headers } = await post(
    server,
    COMPLETIONS,
    { ...short, prompt: "xyz" },
    { "x-request-id": "my-1", traceparent: trace },
  );
  expect(headers.get("x-request-id")).toBe("my-1");
  expect(log.lines).toEqual([
    {
      level: "info",
      message: "answered",
      fields: {
        requestId: "my-1",
        traceparent: trace,
        method: "POST",
        path: COMPLETIONS,
        status: 200,
        durationMs: expect.any(Number),
      },
    },
  ]);
  await using logging = await serve(llm, { log, logRequests: true });
  await post(logging, COMPLETIONS, { ...short, prompt: "xyz" }, { "x-request-id": "my-2" });
  expect(log.lines[1]).toEqual({
    level: "info",
    message: "asked",
    fields: { requestId: "my-2", path: COMPLETIONS, body: { ...short, prompt: "xyz" } },
  });
  const odd = await post(server, COMPLETIONS, short, { "x-request-id": "a b<script>" });
  expect(odd.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

describe("its life", () => {
  const health = async (server: LlmServer) => {
    const answer = await fetch(`${server.url}/health`);
    return { status: answer.status, body: await answer.json() };
  };

  it("begins with loading: it listens, says so, and then it is ready", async () => {
    const path = await chainModel();
    await using server = await LlmServer.start({ models: [{ model: path, name: "late" }], port: 0 });
    expect(await health(server)).toEqual({ status: 503, body: { status: "loading" } });
    expect(await post(server, COMPLETIONS, short)).toMatchObject({
      status: 503,
      body: { error: { code: "loading" } },
    });
    await server.ready;
    expect(await health(server)).toEqual({ status: 200, body: { status: "ready" } });
    expect(await post(server, COMPLETIONS, short)).toMatchObject({ status: 200 });
    expect(server.models.map(({ name }) => name)).toEqual(["late"]);
  });

  it("ends at once where a model cannot be loaded", async () => {
    const server = await LlmServer.start({ models: [{ model: "/no/such/model" }], port: 0 });
    await expect(server.ready).rejects.toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow("fetch failed");
  });

  it("ends by draining: health says it first, what comes is answered, what runs is waited for", async () => {
    const server = await serve(llm, { drainDelayMs: 3_600_000, drainTimeoutMs: 3_600_000 });
    const running = begin(server, COMPLETIONS);
    running.end(JSON.stringify({ prompt: "a", max_tokens: 400, stream: true }));
    const answer = await answerTo(running);
    const drained = server.drain();
    expect(await health(server)).toEqual({ status: 503, body: { status: "draining" } });
    expect(await post(server, COMPLETIONS, short)).toMatchObject({ status: 200 });
    let text = "";
    for await (const part of answer) text += String(part);
    expect(eventsOf(text).at(-1)).toBe("[DONE]");
    await server.close();
    await drained;
    expect(isIdle()).toBe(true);
  });

  it("waits for what runs when nothing new is taken any more, and not for idle connections", async () => {
    const server = await serve(llm, { drainDelayMs: 0, drainTimeoutMs: 3_600_000 });
    const running = begin(server, COMPLETIONS);
    running.end(JSON.stringify({ prompt: "a", max_tokens: 400, stream: true }));
    const answer = await answerTo(running);
    const drained = server.drain();
    let text = "";
    for await (const part of answer) text += String(part);
    expect(eventsOf(text).at(-1)).toBe("[DONE]");
    await drained;
  });

  it("ends what runs where it is closed", async () => {
    const server = await serve(llm);
    const running = begin(server, COMPLETIONS);
    running.end(JSON.stringify({ ...endless, stream: true }));
    await once(await answerTo(running), "data");
    await server.close();
    await expectIdle();
  });
});

describe("as a web-standard handler", () => {
  const ask = (body: object, signal?: AbortSignal) =>
    new Request("https://app.example/api/llm/v1/completions", {
      method: "POST",
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });

  it("answers whole and streamed, below a path of the app", async () => {
    const handler = createHandler([{ name: "chain", llm }], { basePath: "/api/llm" });
    const whole = await handler(ask(short));
    expect([
      whole.status,
      ((await whole.json()) as { choices: { text: string }[] }).choices[0]?.text,
    ]).toEqual([200, "bcd"]);
    const streamed = await handler(ask({ ...short, stream: true }));
    expect(streamed.headers.get("content-type")).toMatch("text/event-stream");
    expect(eventsOf(await streamed.text()).at(-1)).toBe("[DONE]");
    expect((await handler(new Request("https://app.example/api/llm/health"))).status).toBe(200);
    expect((await handler(ask({ prompt: 1 }))).status).toBe(400);
    expect(
      (await createHandler([{ name: "chain", llm }], { basePath: "/api/llm", maxBodyBytes: 5 })(ask(short)))
        .status,
    ).toBe(413);
  });

  it("ends the request where the reader or the app's request ends", async () => {
    const handler = createHandler([{ name: "chain", llm }], { basePath: "/api/llm" });
    const reader = (await handler(ask({ ...endless, stream: true }))).body!.getReader();
    await reader.read();
    await reader.cancel();
    await expectIdle();
    const controller = new AbortController();
    const answer = handler(ask(endless, controller.signal));
    await until(() => llm.metrics().running === 1);
    controller.abort();
    await answer;
    await expectIdle();
  });
});
