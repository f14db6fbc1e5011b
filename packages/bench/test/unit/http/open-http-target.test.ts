import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { httpTargetOpener } from "../../../lib/http/open-http-target.js";
import type { HttpOptions } from "../../../lib/plan/http-options.js";
import { servedModelNames } from "../../../lib/http/read-server.js";
import type { OpenedTarget } from "../../../lib/targets/open-target.js";
import type { BenchOptions } from "../../../lib/plan/bench-options.js";
import { planBench } from "../../../lib/plan/plan.js";
import { runBench } from "../../../lib/run/run-bench.js";
import { MemoryStore } from "../../../lib/results/store.js";
import { summarize } from "../../../lib/summary/summary.js";
import {
  startMockServer,
  steady,
  type MockOptions,
  type MockRequest,
  type MockScript,
  type MockServer,
} from "../../helpers/mock-openai-server.mjs";
import { ENVIRONMENT } from "../sample-data.js";

const cleanUps: Array<() => unknown> = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function start(options: MockOptions = {}): Promise<MockServer> {
  const server = await startMockServer(options);
  cleanUps.push(() => server.close());
  return server;
}

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), "openvino-llm-http-"));
  cleanUps.push(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** A model folder as far as the vocabulary is concerned: 100 tokens, of which the first one is special. */
function localModel(): string {
  const dir = folder();
  for (const name of ["openvino_model", "openvino_tokenizer", "openvino_detokenizer"]) {
    writeFileSync(join(dir, `${name}.xml`), "<net/>");
    writeFileSync(join(dir, `${name}.bin`), "");
  }
  writeFileSync(join(dir, "config.json"), JSON.stringify({ vocab_size: 100, eos_token_id: 0 }));
  return dir;
}

interface OpenSettings extends Omit<BenchOptions, "http"> {
  readonly model?: string;
  readonly http?: Partial<HttpOptions>;
  readonly headers?: Record<string, string>;
}

async function open(
  server: MockServer,
  { model = "mock", http = {}, headers = {}, ...options }: OpenSettings = {},
): Promise<OpenedTarget> {
  const plan = planBench([model], { ...options, http: { url: server.url, ...http } });
  const [target] = plan.targets;
  if (target === undefined) throw new Error("no target");
  const opened = await httpTargetOpener({ headers })(target, plan.options, undefined);
  cleanUps.push(() => opened.close());
  return opened;
}

const refusal = (message: string, status = 400): MockScript => ({
  status,
  headers: { "content-type": "application/json" },
  parts: [{ bytes: JSON.stringify({ error: { message } }) }],
});

describe("opening a model of a server", () => {
  it("keeps what the server reports of itself and of the model", async () => {
    const models = [
      { id: "other" },
      { id: "mock", root: "/models/mock", owned_by: "me", max_model_len: 4096 },
    ];
    const { facts, target } = await open(await start({ models }));
    expect(target.stamps).toBe("client");
    expect(facts).toMatchObject({
      label: "mock",
      model: "mock",
      engine: "http",
      stamps: "client",
      prefixCaching: null,
      loadMs: null,
      server: {
        endpoint: "completions",
        servedModel: "mock",
        software: "mock",
        version: "1.2.3",
        model: { id: "mock", root: "/models/mock", ownedBy: "me", maxModelLength: 4096 },
        prompts: "text",
        leftOut: [],
      },
    });
  });

  it("does without a list of models", async () => {
    const { facts } = await open(await start({ models: null }));
    expect(facts.server).toMatchObject({ model: null, version: null });
  });

  it("sends ids of the vocabulary of the model on this machine, special ones left out, of exact length", async () => {
    const server = await start();
    const model = localModel();
    const { facts, prompts } = await open(server, { model, http: { servedModelName: "mock" } });
    expect(facts.server).toMatchObject({ servedModel: "mock", prompts: "tokenIds" });
    const { input, length } = prompts.prompt(3, 16);
    expect(length).toBe(16);
    const ids = Array.from((input as { tokenIds: number[] }).tokenIds);
    expect(ids).toHaveLength(16);
    expect(ids.every((id) => id > 0 && id < 100)).toBe(true);
    expect(server.requests.at(-1)?.body).toMatchObject({
      model: "mock",
      prompt: expect.any(Array) as unknown,
    });
  });

  it("sends words to a server that takes no ids, to a chat, and where the vocabulary is not known", async () => {
    const takesText = ({ body }: MockRequest) => typeof body["prompt"] === "string";
    const picky = await start({
      answer: (request) =>
        takesText(request) ? steady(request) : refusal("Input should be a valid string: prompt"),
    });
    const asText = await open(picky, { model: localModel(), http: { servedModelName: "mock" } });
    const inChat = await open(await start(), {
      model: localModel(),
      http: { servedModelName: "mock", endpoint: "chat" },
    });
    const unknown = await open(await start());
    for (const { facts, prompts } of [asText, inChat, unknown]) {
      expect(facts.server?.prompts).toBe("text");
      const [first, again, other] = [prompts.prompt(3, 50), prompts.prompt(3, 50), prompts.prompt(4, 50)];
      expect(first).toEqual(again);
      expect(first.input).not.toEqual(other.input);
      expect(first.length).toBeNull();
      expect((first.input as string).split(" ")).toHaveLength(50);
    }
  });

  it("leaves out what the server refuses, and remembers it", async () => {
    const server = await start({
      answer: (request) =>
        "ignore_eos" in request.body ? refusal("Unrecognized request argument: ignore_eos") : steady(request),
    });
    const { facts, target, prompts } = await open(server);
    expect(facts.server?.leftOut).toEqual(["ignore_eos"]);
    const request = { prompt: prompts.prompt(1, 8), outputLength: 3 };
    expect(await target.send(request, new AbortController().signal)).toMatchObject({
      error: null,
      promptTokens: 8,
    });
  });

  it("stops with what to check where no request is answered, and names the models that there are", async () => {
    const server = await start({
      models: [{ id: "a" }, { id: "b" }],
      answer: () => refusal("The model `mock` does not exist. Key key-12345678", 404),
    });
    const opening = open(server, { headers: { authorization: "Bearer key-12345678" } });
    await expect(opening).rejects.toMatchObject({ code: "ERR_SERVER" });
    await expect(opening).rejects.toThrow(
      /v1\/completions for model "mock" was answered: HTTP 404 Not Found: The model `mock` does not exist\. Key …\nCheck the URL.*\. The server lists: a, b\.$/s,
    );
  });

  it("stops where nothing listens", async () => {
    const server = await startMockServer();
    await server.close();
    await expect(open(server)).rejects.toMatchObject({
      code: "ERR_SERVER",
      message: expect.stringContaining("Nothing listens") as unknown,
    });
  });

  it("refuses requests that are longer than the server allows", async () => {
    const server = await start({ models: [{ id: "mock", max_model_len: 200 }] });
    await expect(open(server)).rejects.toThrow(
      "at most 200 tokens together (the limit of mock on the server)",
    );
    expect(server.requests).toHaveLength(0);
  });

  it.each([
    ["chat", '{"prompt_token_ids":[1]}'],
    ["completions", '{"messages":[{"role":"user","content":"hi"}]}'],
  ] as const)("refuses prompts of a file that %s has no form for", async (endpoint, line) => {
    const dataset = join(folder(), "prompts.jsonl");
    writeFileSync(dataset, line);
    await expect(open(await start(), { dataset, http: { endpoint } })).rejects.toThrow(
      /a file of prompts with .* for dataset/,
    );
  });
});

describe("servedModelNames", () => {
  it("gives the names in the server's order", async () => {
    const server = await start({ models: [{ id: "b" }, { id: "a" }] });
    expect(await servedModelNames(`${server.url}/v1`)).toEqual(["b", "a"]);
  });

  it("says what to do where there is none", async () => {
    const server = await start({ models: [] });
    await expect(servedModelNames(`${server.url}/v1`)).rejects.toMatchObject({
      code: "ERR_SERVER",
      message: expect.stringMatching(
        /it lists none\nCheck the URL and that the server runs, or name the model\./,
      ) as unknown,
    });
  });
});

describe("a benchmark of a server", () => {
  const TINY: BenchOptions = { levels: [1, 2], inputLength: 8, outputLength: 4, numPrompts: 4, repeats: 2 };

  async function measure(answer: (request: MockRequest) => MockScript) {
    const server = await start({ answer });
    const store = new MemoryStore(planBench(["mock"], { ...TINY, http: { url: server.url } }), ENVIRONMENT);
    for await (const _ of runBench(store)) void _;
    return { server, summary: summarize(store.data), runs: store.data.runs };
  }
  const checkOf = ({ summary }: Awaited<ReturnType<typeof measure>>, name: string) =>
    summary.selfChecks.find((check) => check.name === name);

  it("has the plan's requests, stamps and counts, and says whose machine it describes", async () => {
    const measured = await measure(steady);
    const { summary, runs } = measured;
    expect(summary.levels.map(({ completed, failed }) => [completed, failed])).toEqual([
      [8, 0],
      [8, 0],
    ]);
    expect(runs.flatMap(({ requests }) => requests).every(({ producedMs }) => producedMs.length === 4)).toBe(
      true,
    );
    expect(checkOf(measured, "token-counts")?.status).toBe("ok");
    expect(checkOf(measured, "distinct-prompts")?.status).toBe("ok");
    expect(summary.notices[0]).toMatch(
      /^mock is measured over HTTP \(http:.*\): machine and versions are the client's/,
    );
    expect(summary.results[0]).toMatchObject({
      endpoint_type: "openai",
      model_id: "mock",
      total_input_tokens: 32,
    });
    expect(summary.httpCosts).toEqual([]);
  });

  it("stops where the server answers short requests and none of those of the plan", async () => {
    const measuring = measure((request) =>
      String(request.body["prompt"]).split(" ").length > 4
        ? refusal("the prompt is too long")
        : steady(request),
    );
    await expect(measuring).rejects.toMatchObject({
      code: "ERR_SERVER",
      message: expect.stringContaining(
        "HTTP 400 Bad Request: the prompt is too long\nCheck the URL",
      ) as unknown,
    });
  });

  it("goes on after failures and reports them", async () => {
    let count = 0;
    const measured = await measure((request) =>
      (count += 1) % 5 === 0 ? refusal("busy", 503) : steady(request),
    );
    expect(checkOf(measured, "failed-requests")).toMatchObject({
      status: "fail",
      message: expect.stringContaining("HTTP 503 Service Unavailable: busy") as unknown,
    });
  });

  it("reports answers that end early, and that the server refuses ignore_eos", async () => {
    const measured = await measure((request) => {
      if ("ignore_eos" in request.body) return refusal("ignore_eos is unknown");
      return steady({ ...request, body: { ...request.body, max_tokens: 2 } });
    });
    expect(checkOf(measured, "token-counts")).toMatchObject({
      status: "fail",
      message: expect.stringMatching(
        /8 tokens in and 2 out instead of any number and 4\. The server refuses ignore_eos for mock/,
      ) as unknown,
    });
  });
});
