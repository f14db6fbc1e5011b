import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline, TextEmbeddingPipeline } from "openvino-llm";
import { cacheDir, makeEntry } from "../../../../lib/cache/cache.js";
import { CHAIN_TEXT } from "../../../../lib/models/gguf/chain-model.js";
import { ALPHABET, CALLER_PIECES, chainModel } from "../../../../test/helpers/chain.js";
import { nodeBinary } from "../../../../test/helpers/node-versions.js";
import { npmCli } from "../../../../test/helpers/npm.js";
import { demand, need } from "../../../../test/helpers/needs.js";
import { runProgram } from "../../../../test/helpers/run-node.js";
import { pythonPackages } from "../../../../scripts/python-packages.mjs";
import { createHandler, LlmServer } from "../../lib/index.js";
import { answerTo, begin, post, stream, until } from "../helpers/served.js";

// The clients that people have, each in a process of its own, by what it prints.

const FILES = fileURLToPath(new URL("../clients", import.meta.url));
const BERT = fileURLToPath(new URL("../../../../test/fixtures/tiny-bert", import.meta.url));
const TEMPLATE =
  "{# <tool_call> <think> </think> #}{{ tools | tojson }}" +
  "{% for message in messages %}<|im_start|>{{ message.role }}<|im_sep|>{{ message.content }}<|im_end|>{% endfor %}<|im_start|>";
const tokens = Buffer.from(CHAIN_TEXT).length + 1;

let clients: string;
let pipelines: ContinuousBatchingPipeline[];
let embedder: TextEmbeddingPipeline;
let server: LlmServer;
beforeAll(async () => {
  clients = await clientsFolder();
  const template = { chatTemplate: TEMPLATE };
  const endless = { text: ALPHABET, loop: true, contextLength: 100_000 };
  pipelines = [
    await ContinuousBatchingPipeline.load(await chainModel()),
    await ContinuousBatchingPipeline.load(await chainModel({ pieces: CALLER_PIECES }), template),
    await ContinuousBatchingPipeline.load(await chainModel(endless)),
  ];
  embedder = await TextEmbeddingPipeline.load(BERT);
  const models = pipelines.map((llm, index) => ({ name: ["chain", "caller", "endless"][index] ?? "", llm }));
  server = await LlmServer.start({
    models: [...models, { name: "vectors", pipeline: embedder }],
    port: 0,
    apiKeys: ["key"],
  });
  await server.ready;
}, 300_000);
afterAll(async () => {
  await server.close();
  await Promise.all([...pipelines, embedder].map((one) => one.close()));
});

/** The folder with the clients and all that they need, and these programs; fetched once, and compared with its hashes. */
async function clientsFolder(): Promise<string> {
  const names = (await readdir(FILES)).toSorted();
  const hash = createHash("sha256");
  for (const name of names) hash.update(await readFile(join(FILES, name)));
  const folder = join(cacheDir(), "tools", `clients-${hash.digest("hex").slice(0, 16)}`);
  await makeEntry(folder, async (tmp) => {
    for (const name of names) await copyFile(join(FILES, name), join(tmp, name));
    const install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--workspaces=false"];
    await promisify(execFile)(process.execPath, [await npmCli(), ...install], { cwd: tmp });
  });
  return folder;
}

/** What a client's program says, and that the engine has nothing to do afterwards. */
async function said(
  program: string,
  command = process.execPath,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: Record<string, string> } = {},
): Promise<unknown> {
  const { code, stdout, stderr } = await runProgram(command, [join(clients, program), server.url, ...args], {
    env,
  });
  expect(code, stderr).toBe(0);
  await until(() => pipelines.every((llm) => llm.metrics().running + llm.metrics().waiting === 0));
  return JSON.parse(stdout);
}

/** What is used of fastify. */
interface FastifyApp {
  get(path: string, answer: () => string): void;
  register(plugin: unknown, options: object): void;
  listen(options: object): Promise<string>;
  close(): Promise<void>;
}

const args = '{"city": "Paris"}';

describe.each([["this Node"], ["Node 22"]])("on %s", (version) => {
  const node = () => (version === "Node 22" ? nodeBinary(22) : process.execPath);

  it("openai lists, chats, streams, calls, is forced to, parses, completes, aborts and is refused", async () => {
    expect(await said("openai.mjs", await node())).toEqual({
      models: ["chain", "caller", "endless", "vectors"],
      model: "chain",
      whole: [CHAIN_TEXT, "stop", tokens],
      streamed: [CHAIN_TEXT, "stop", tokens],
      called: [{ name: "get_weather", arguments: args }],
      calling: [args],
      callingReason: "tool_calls",
      forced: [{ name: "get_weather", arguments: expect.stringMatching(/^\{\s*"kind":\s*"x"\s*\}$/) }],
      forcing: [{ kind: "x" }],
      parsed: { kind: "x" },
      parsing: { kind: "x" },
      text: expect.stringMatching(/^ür/),
      texts: expect.stringMatching(/^ür/),
      response: [CHAIN_TEXT, "completed"],
      responding: CHAIN_TEXT,
      responseCalls: [["get_weather", args]],
      respondingCalls: [["get_weather", args]],
      responseParsed: { kind: "x" },
      respondingParsed: { kind: "x" },
      vectors: [true, true],
      aborted: 3,
      notFound: ["NotFoundError", 404, "model", "model_not_found"],
      refused: ["BadRequestError", 400, "top_p", null],
      tooLong: ["BadRequestError", 400, "max_tokens", "context_length_exceeded"],
      noKey: ["AuthenticationError", 401, null, "invalid_api_key"],
    });
  });

  it.each(["7", "6"])(
    "the AI SDK %s generates, streams, thinks, calls, parses, aborts and is refused",
    async (major) => {
      expect(await said("ai.mjs", await node(), { args: [major] })).toEqual({
        whole: [CHAIN_TEXT, "stop", tokens],
        pieces: expect.any(Number),
        text: CHAIN_TEXT,
        streamed: ["stop", tokens],
        called: [["get_weather", { city: "Paris" }]],
        reasoning: "Which city?",
        calling: [["get_weather", { city: "Paris" }]],
        callingReasoning: "Which city?",
        parsed: { kind: "x" },
        parsing: { kind: "x" },
        forced: [["get_weather", { kind: "x" }]],
        forcing: [["get_weather", { kind: "x" }]],
        aborted: 3,
        abortReported: true,
        failed: ["AI_APICallError", 404],
      });
    },
  );

  it("Anthropic's client answers, streams, thinks, calls, counts, aborts and is refused", async () => {
    expect(await said("anthropic.mjs", await node())).toEqual({
      whole: [CHAIN_TEXT, "end_turn", tokens],
      streamed: [CHAIN_TEXT, "end_turn", tokens],
      inputTokens: true,
      calling: [
        ["thinking", "Which city?"],
        ["text", "I will ask."],
        ["tool_use", { city: "Paris" }],
      ],
      callingReason: "tool_use",
      called: [["get_weather", { city: "Paris" }]],
      forced: [{ kind: "x" }],
      forcing: [{ kind: "x" }],
      count: true,
      aborted: true,
      abortError: "APIUserAbortError",
      notFound: ["NotFoundError", 404],
      noKey: ["AuthenticationError", 401],
    });
  });

  it("LangChain generates, streams, calls, parses and is refused", async () => {
    expect(await said("langchain.mjs", await node())).toEqual({
      whole: [CHAIN_TEXT, tokens],
      streamed: [CHAIN_TEXT, tokens],
      called: [["get_weather", { city: "Paris" }]],
      calling: [["get_weather", { city: "Paris" }]],
      parsed: { kind: "x" },
      forced: [["get_weather", { kind: "x" }]],
      aborted: 3,
      abortReported: true,
      failed: 404,
    });
  });
});

it("fastify has the handler among its own routes, streams by it, and it sees who has gone", async () => {
  const path = createRequire(join(clients, "package.json")).resolve("fastify");
  const { default: fastify } = (await import(pathToFileURL(path).href)) as { default: () => FastifyApp };
  const example = new URL("../../examples/fastify.mjs", import.meta.url).href;
  const { llmRoutes } = (await import(example)) as { llmRoutes: unknown };
  const [chain, , endless] = pipelines as [ContinuousBatchingPipeline, unknown, ContinuousBatchingPipeline];
  const models = [
    { name: "chain", llm: chain },
    { name: "endless", llm: endless },
  ];
  const app = fastify();
  app.get("/own", () => "mine");
  app.register(llmRoutes, { prefix: "/llm", handler: createHandler(models, { basePath: "/llm" }) });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  try {
    expect(await (await fetch(`${url}/own`)).text()).toBe("mine");
    const ask = { model: "chain", messages: [{ role: "user", content: "hello" }] };
    const mounted = { url: `${url}/llm` };
    expect(await post(mounted, "/v1/chat/completions", ask)).toMatchObject({
      status: 200,
      body: { choices: [{ message: { content: CHAIN_TEXT } }] },
    });
    expect(await stream(mounted, "/v1/chat/completions", ask)).toHaveLength(tokens + 2);
    expect(await post(mounted, "/v1/chat/completions", "{")).toMatchObject({ status: 400 });
    expect((await fetch(`${url}/llm/health`)).status).toBe(200);
    const left = begin(mounted, "/v1/completions");
    left.end(JSON.stringify({ model: "endless", prompt: "a", stream: true }));
    await answerTo(left);
    left.destroy();
    await until(() => endless.metrics().running === 0);
  } finally {
    await app.close();
  }
});

it("Python's openai lists, chats, streams, calls, is forced to, parses, completes, aborts and is refused", async (context) => {
  const found = await pythonPackages(join(FILES, "requirements.txt")).catch(() => null);
  demand(context, need("Python 3.11 to 3.13 with pip's openai", found !== null));
  if (found === null) return;
  expect(await said("pip-openai.py", found.python, { env: found.env })).toEqual({
    models: ["chain", "caller", "endless", "vectors"],
    whole: [CHAIN_TEXT, "stop", tokens],
    streamed: [CHAIN_TEXT, "stop", tokens],
    called: [["get_weather", args]],
    calling: [["get_weather", args]],
    forced: [{ kind: "x" }],
    forcing: [{ kind: "x" }],
    parsed: "x",
    parsing: "x",
    text: expect.stringMatching(/^ür/),
    texts: expect.stringMatching(/^ür/),
    response: [CHAIN_TEXT, "completed"],
    responding: CHAIN_TEXT,
    vectors: [true, true],
    aborted: 3,
    notFound: ["NotFoundError", 404, "model", "model_not_found"],
    refused: ["BadRequestError", 400, "top_p", null],
    noKey: ["AuthenticationError", 401, null, "invalid_api_key"],
  });
});

describe("curl", () => {
  const curl = async (body: object, more: readonly string[] = []) => {
    const url = `${server.url}/v1/chat/completions`;
    const key = ["-H", "authorization: Bearer key"];
    const messages = [{ role: "user", content: "hello" }];
    const data = JSON.stringify({ model: "chain", messages, ...body });
    const { code, stdout } = await runProgram("curl", ["-sN", ...more, url, ...key, "-d", data]);
    return { code, stdout };
  };
  const wholeOf = async (body: object) => {
    const { choices, error } = JSON.parse((await curl(body)).stdout) as {
      readonly choices?: readonly [{ readonly message: object }];
      readonly error?: object;
    };
    return choices?.[0].message ?? error;
  };
  const kind = { type: "object", properties: { kind: { enum: ["x"] } }, required: ["kind"] };
  const named = (parameters: object) => [{ type: "function", function: { name: "get_weather", parameters } }];

  it("streams", async () => {
    const { code, stdout } = await curl({ stream: true });
    expect(code).toBe(0);
    expect(stdout.match(/^data: \{/gm)).toHaveLength(tokens + 1);
    expect(stdout).toMatch(/data: \[DONE\]\n\n$/);
  });

  it("is answered, calls, is forced to, gets JSON by a schema, and is refused", async () => {
    expect(await wholeOf({})).toMatchObject({ content: CHAIN_TEXT });
    const called = { tool_calls: [{ function: { name: "get_weather", arguments: args } }] };
    expect(await wholeOf({ model: "caller", tools: named({ type: "object" }) })).toMatchObject(called);
    const format = { type: "json_schema", json_schema: { schema: kind } };
    const content: unknown = expect.stringMatching(/^\{\s*"kind":\s*"x"\s*\}$/);
    expect(await wholeOf({ response_format: format, max_tokens: 100 })).toMatchObject({ content });
    const tool_choice = { type: "function", function: { name: "get_weather" } };
    expect(await wholeOf({ tools: named(kind), tool_choice, max_tokens: 100 })).toMatchObject({
      tool_calls: [{ function: { name: "get_weather", arguments: content } }],
    });
    expect(await wholeOf({ model: "other" })).toMatchObject({ code: "model_not_found" });
  });

  it("leaves, and the engine has nothing to do afterwards", async () => {
    const url = `${server.url}/v1/completions`;
    const data = JSON.stringify({ model: "endless", prompt: "a", max_tokens: 90_000, stream: true });
    const key = ["-H", "authorization: Bearer key"];
    // Its reader leaves after three lines, and so curl does.
    const pipe = ["-o", "pipefail", "-c", 'curl -sN "$@" | head -n 3', "curl", url, ...key, "-d", data];
    const { stdout } = await runProgram("bash", pipe);
    expect(stdout).toContain("data: {");
    await until(() => pipelines.every((llm) => llm.metrics().running + llm.metrics().waiting === 0));
  });
});
