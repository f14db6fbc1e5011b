import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locateRuntime } from "../../../../lib/runtime/locate.js";
import { ALPHABET, chainModel, temporaryFolder } from "../../../../test/helpers/chain.js";
import { runNode } from "../../../../test/helpers/run-node.js";
import { ServeCommand } from "../helpers/serve-command.js";
import { eventsOf, post, read, stream, until } from "../helpers/served.js";

// What befalls a server's process while it answers. One process for most of it: the one that took the place of the killed one.

const COMPLETIONS = "/v1/completions";
const endless = { model: "chain", prompt: "a", max_tokens: 90_000 };

let args: string[];
let server: ServeCommand;
let url: string;
beforeAll(async () => {
  const model = await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 });
  const config = join(temporaryFolder(), "server.json");
  const small = { name: "small", model, load: { scheduler: { numKvBlocks: 4 } } };
  const models = [{ name: "chain", model }, small];
  await writeFile(config, JSON.stringify({ models, hangSeconds: 1, drainDelayMs: 0 }));
  args = ["--config", config];
  server = new ServeCommand([...args, "--port", "0"]);
  url = await server.url();
});
afterAll(() => server[Symbol.asyncDispose]());

/** The status of /health. */
const health = async (): Promise<number> => (await fetch(`${url}/health`)).status;

/** A figure of /metrics. */
async function figure(name: string, model: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name}\\{model_name="${model}"\\} (.*)$`, "m").exec(text)?.[1]);
}

/** Streams of so many tokens each, of which each has begun. */
async function begunStreams(tokens: number) {
  const body = { ...endless, max_tokens: tokens, stream: true };
  const streams = [1, 2, 3, 4].map(() => read({ url }, COMPLETIONS, body));
  await Promise.all(streams.map(({ begun }) => begun));
  return streams;
}

/** Sees that each stream comes to its end and has each token in its place. */
async function expectWhole(streams: readonly { readonly text: Promise<string> }[], tokens: number) {
  const after = ALPHABET.repeat(Math.ceil(tokens / ALPHABET.length) + 1).slice(1, tokens + 1);
  for (const { text } of streams) {
    const events = eventsOf<{ choices: { text: string }[] }>(await text);
    expect(events.at(-1)).toBe("[DONE]");
    expect(events.map((event) => (event === "[DONE]" ? "" : event.choices[0]?.text)).join("")).toBe(after);
  }
}

it("breaks every answer where it is killed, and the next one takes its port at once", async () => {
  const streams = await begunStreams(90_000);
  const whole = read({ url }, COMPLETIONS, endless);
  while ((await figure("vllm:num_requests_running", "chain")) < 5);
  server.child.kill("SIGKILL");
  for (const { text } of [...streams, whole])
    await expect(text).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(await server.ended()).toEqual([null, "SIGKILL"]);
  await expect(health()).rejects.toThrow("fetch failed");

  server = new ServeCommand([...args, "--port", new URL(url).port]);
  expect(await server.url()).toBe(url);
  await expectWhole([read({ url }, COMPLETIONS, { ...endless, max_tokens: 30, stream: true })], 30);
});

it("loses no stream where it is stopped for longer than an engine may hang, and is healthy at once", async () => {
  const streams = await begunStreams(1500);
  const { pid } = server.child;
  server.child.kill("SIGSTOP");
  await until(() => /\) T /.test(readFileSync(`/proc/${pid}/stat`, "utf8")));
  const probe = fetch(`${url}/health`, { signal: AbortSignal.timeout(2500) });
  await expect(probe).rejects.toThrow("due to timeout");
  server.child.kill("SIGCONT");
  const statuses = new Set<number>();
  do statuses.add(await health());
  while ((await figure("vllm:num_requests_running", "chain")) > 0);
  expect([...statuses]).toEqual([200]);
  await expectWhole(streams, 1500);
});

describe("what fails in the middle of a stream", () => {
  const failure = {
    message: expect.stringContaining("key-value cache is full"),
    type: "invalid_request_error",
    param: null,
    code: "context_length_exceeded",
  };
  const messages = [{ role: "user", content: "a" }];

  it.each([
    [COMPLETIONS, { prompt: "a" }],
    ["/v1/chat/completions", { messages }],
  ])("is sent as an event before the last one in %s", async (path, body) => {
    const events = await stream({ url }, path, { model: "small", ...body });
    expect(events.length).toBeGreaterThan(10);
    expect(events.slice(-2)).toEqual([{ error: failure }, "[DONE]"]);
  });

  it("is sent as an event of its name in /v1/messages", async () => {
    const body = { model: "small", max_tokens: 9000, messages, stream: true };
    const text = await read({ url }, "/v1/messages", body).text;
    const events = eventsOf(text);
    expect(events.at(-2)).toMatchObject({ type: "content_block_delta" });
    const { message, type } = failure;
    expect(events.at(-1)).toEqual({ type: "error", error: { type, message } });
    expect(text.split("\n\n").at(-2)).toMatch(/^event: error\n/);
  });

  it("is sent as an error and a failed response in /v1/responses", async () => {
    const events = await stream<{ sequence_number: number }>({ url }, "/v1/responses", {
      model: "small",
      input: "a",
    });
    const { message, code, param } = failure;
    expect(events.slice(-2)).toEqual([
      { type: "error", sequence_number: events.length - 2, message, code, param, error: failure },
      {
        type: "response.failed",
        sequence_number: events.length - 1,
        response: expect.objectContaining({ status: "failed", error: { code, message }, usage: null }),
      },
    ]);
  });

  it("leaves nothing behind", async () => {
    expect(await figure("vllm:kv_cache_usage_perc", "small")).toBe(0);
    expect(await figure("openvino_llm_requests_failed_total", "small")).toBe(4);
    expect(await post({ url }, COMPLETIONS, { model: "small", prompt: "a", max_tokens: 3 })).toMatchObject({
      status: 200,
      body: { choices: [{ text: "bcd" }] },
    });
    expect(await health()).toBe(200);
  });
});

it("gives each client its own answer, whole, among those who leave, read slowly and send half a request", async () => {
  const load = fileURLToPath(new URL("../../../../benchmarks/server/load.mjs", import.meta.url));
  const env = { OPENVINO_LLM_RUNTIME: locateRuntime().dir, OPENVINO_LLM_CACHE: temporaryFolder() };
  const flags = ["--chain", "--clients", "16", "--seconds", "2", "--warm-up-seconds", "0"];
  const { code, stdout, stderr } = await runNode([load, ...flags], { env });
  expect(code, stdout + stderr).toBe(0);
  for (const what of ["streamed", "answered", "left", "half sent"]) {
    expect(stdout).toMatch(new RegExp(`^${what}: [1-9]`, "m"));
  }
});

describe("a signal", () => {
  it("has it end what has begun, answer a probe on its way, and take nothing new", async () => {
    const probe = connect(Number(new URL(url).port), new URL(url).hostname).setEncoding("utf8");
    const head = "GET /health HTTP/1.1\r\nHost: localhost\r\n";
    probe.write(`${head}\r\n${head}`);
    expect((await once(probe, "data"))[0]).toMatch(/^HTTP\/1.1 200/);
    const streams = await begunStreams(1500);
    server.child.kill("SIGTERM");
    await until(() => server.stderr.includes("stopping when what runs is done"));
    await expect(health()).rejects.toThrow("fetch failed");
    probe.write("\r\n");
    expect((await once(probe, "data"))[0]).toMatch(/^HTTP\/1.1 503 .*"status":"draining"/s);
    await expectWhole(streams, 1500);
    expect(await server.ended()).toEqual([0, null]);
  });

  it("the second time has it leave at once", async () => {
    await using other = new ServeCommand([...args, "--port", "0", "--drain-delay", "3600"]);
    url = await other.url();
    const streams = await begunStreams(90_000);
    other.child.kill("SIGTERM");
    while ((await health()) !== 503);
    other.child.kill("SIGTERM");
    expect(await other.ended()).toEqual([143, null]);
    for (const { text } of streams) await expect(text).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});
