import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ContinuousBatchingPipeline } from "openvino-llm";
import { locateRuntime } from "../../../../lib/runtime/locate.js";
import { answerAfter } from "../../../../test/helpers/batching.js";
import { ALPHABET, chainModel, temporaryFolder } from "../../../../test/helpers/chain.js";
import { createHandler, LlmServer } from "../../lib/index.js";

/** The built command line, as a user runs it. */
const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const KEY = "the-key";

let model: string;
let llm: ContinuousBatchingPipeline;
let server: LlmServer;
beforeAll(async () => {
  model = await chainModel({ text: ALPHABET, loop: true });
  llm = await ContinuousBatchingPipeline.load(model);
  server = await LlmServer.start({ models: [{ name: "chain", llm }], port: 0, apiKeys: [KEY] });
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await llm.close();
});

interface Answer {
  readonly choices: readonly { readonly text: string }[];
}

interface OutputLine {
  readonly custom_id: string;
  readonly response: { status_code: number; request_id: string; body: Answer } | null;
  readonly error: { code: string; message: string } | null;
}

/** A run of the command, its files in a folder of its own. */
class Batch {
  readonly folder = temporaryFolder();
  readonly input = join(this.folder, "in.jsonl");
  readonly output = join(this.folder, "out.jsonl");

  async give(lines: readonly (string | object)[]): Promise<void> {
    const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
    await writeFile(this.input, `${texts.join("\n")}\n`);
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess & { stderrText: string } {
    const files = args.includes("-o") ? ["-i", this.input] : ["-i", this.input, "-o", this.output];
    const child = spawn(process.execPath, [MAIN, "run-batch", ...args, ...files], {
      env: { ...process.env, NODE_OPTIONS: "", OPENVINO_LLM_RUNTIME: locateRuntime().dir, ...env },
      stdio: ["ignore", "inherit", "pipe"],
    });
    const run = Object.assign(child, { stderrText: "" });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (run.stderrText += text));
    return run;
  }

  /** Exit code and stderr. */
  async run(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number; stderrText: string }> {
    const run = this.start(args, env);
    const [code] = (await once(run, "close")) as [number];
    return { code, stderrText: run.stderrText };
  }

  async lines(): Promise<OutputLine[]> {
    const text = await readFile(this.output, "utf8");
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as OutputLine);
  }

  async byId(): Promise<Map<string, OutputLine>> {
    const lines = await this.lines();
    const byId = new Map(lines.map((line) => [line.custom_id, line]));
    expect(byId.size).toBe(lines.length);
    return byId;
  }

  /** Waits until the output has that many bytes. The test's own time limit ends it. */
  async written(bytes: number): Promise<void> {
    while (((await stat(this.output).catch(() => null))?.size ?? 0) < bytes);
  }
}

const completion = (customId: string, body: object): object => ({
  custom_id: customId,
  method: "POST",
  url: "/v1/completions",
  body,
});

it("answers 10,000 lines, killed in the middle and gone on with, each of them once", async () => {
  const batch = new Batch();
  const letterOf = (index: number): string => ALPHABET[index % ALPHABET.length] as string;
  await batch.give(
    Array.from({ length: 10_000 }, (_, index) =>
      completion(`line-${index}`, { prompt: letterOf(index), max_tokens: 2 }),
    ),
  );
  const killed = batch.start([model]);
  await batch.written(500_000);
  killed.kill("SIGKILL");
  await once(killed, "close");
  const before = await readFile(batch.output, "utf8");
  const whole = before.slice(0, before.lastIndexOf("\n") + 1);
  const wholeLines = whole.split("\n").length - 1;
  expect(wholeLines).toBeGreaterThan(500);
  expect(wholeLines).toBeLessThan(10_000);
  // As where the process ended within a write.
  if (before === whole) await appendFile(batch.output, '{"id":"batch_req_00');

  const { code, stderrText } = await batch.run([model]);
  expect(stderrText).toContain(`${wholeLines.toLocaleString("en-US")} lines from before`);
  expect(stderrText).toContain(`${(10_000 - wholeLines).toLocaleString("en-US")} lines answered`);
  expect(code).toBe(0);
  expect((await readFile(batch.output, "utf8")).startsWith(whole)).toBe(true);
  const byId = await batch.byId();
  expect(byId.size).toBe(10_000);
  for (let index = 0; index < 10_000; index++) {
    const { response, error } = byId.get(`line-${index}`) as OutputLine;
    expect(error).toBeNull();
    expect(response?.body.choices[0]?.text).toBe(answerAfter(letterOf(index), 2));
  }
  // Once more there is nothing to do.
  expect(await batch.run([model])).toMatchObject({
    code: 0,
    stderrText: expect.stringContaining("0 lines answered"),
  });
  expect((await batch.lines()).length).toBe(10_000);
});

it("reports what is wrong by custom_id, or by the number of a line without one, and answers the rest", async () => {
  const batch = new Batch();
  await batch.give([
    completion("good", { prompt: "a", max_tokens: 3 }),
    {
      ...completion("chat", { messages: [{ role: "user", content: "a" }], max_tokens: 3 }),
      url: "/v1/chat/completions",
    },
    { ...completion("answer", { input: "a", max_output_tokens: 3 }), url: "/v1/responses" },
    "{not JSON",
    "",
    completion("good", { prompt: "b" }),
    completion("no-prompt", {}),
    completion("other-model", { prompt: "a", model: "gpt-5" }),
    { ...completion("vectors", { input: "a" }), url: "/v1/embeddings" },
    { ...completion("picture", {}), url: "/v1/images/generations" },
  ]);
  const { code, stderrText } = await batch.run([model, "--model-name", "chain"]);
  expect(code).toBe(1);
  expect(stderrText).toContain("line 4: Expected JSON");
  expect(stderrText).toContain('line 6: A line before has the custom_id "good".');
  expect(stderrText).toContain("3 lines answered, 6 lines failed");
  const byId = await batch.byId();
  expect(byId.get("good")?.response?.body.choices[0]?.text).toBe("bcd");
  expect(byId.get("chat")?.response).toMatchObject({ status_code: 200, body: { object: "chat.completion" } });
  expect(byId.get("answer")?.response).toMatchObject({ status_code: 200, body: { object: "response" } });
  expect(byId.get("no-prompt")).toMatchObject({
    response: { status_code: 400 },
    error: { message: expect.stringMatching(/prompt/) as string },
  });
  expect(byId.get("other-model")).toMatchObject({ error: { code: "model_not_found" } });
  expect(byId.get("vectors")).toMatchObject({ response: { status_code: 400 } });
  expect(byId.get("picture")).toMatchObject({ response: null, error: { code: "invalid_url" } });
  expect(byId.size).toBe(7);
});

it("asks a server by its address, and again what it refuses for now", async () => {
  const batch = new Batch();
  const ids = Array.from({ length: 40 }, (_, index) => `line-${index}`);
  await batch.give(ids.map((id) => completion(id, { prompt: id, max_tokens: 3 })));
  // A router that is there before its replicas are, and refuses every other request.
  const handler = createHandler([{ name: "chain", llm }], { apiKeys: [KEY] });
  const refusals = [429, 503, 502];
  let asked = 0;
  const reply = async (request: Request, response: ServerResponse): Promise<void> => {
    const answer = await handler(request);
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(await answer.text());
  };
  const router = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (asked++ % 2 === 1) {
        response.writeHead(refusals[asked % refusals.length] as number, { "retry-after": "0" });
        return void response.end("busy");
      }
      const headers = new Headers(Object.entries(request.headers) as [string, string][]);
      const { method = "", url } = request;
      const body = method === "POST" ? { body: Buffer.concat(chunks) } : {};
      void reply(new Request(`http://localhost${url}`, { method, headers, ...body }), response);
    });
  });
  router.listen(0, "127.0.0.1");
  await once(router, "listening");
  const url = `http://127.0.0.1:${(router.address() as AddressInfo).port}`;
  try {
    // One after the other, so that no line is refused more often than its tries.
    const args = ["--http", `${url}/v1/`, "--concurrency", "1", "--max-retries", "1"];
    const { code, stderrText } = await batch.run(args, { OPENVINO_LLM_API_KEY: KEY });
    expect(stderrText).toContain("40 lines answered, 40 retries");
    expect(code).toBe(0);
  } finally {
    router.close();
    router.closeAllConnections();
  }
  const byId = await batch.byId();
  expect([...byId.keys()].toSorted()).toEqual(ids.toSorted());
  for (const { response } of byId.values()) expect(response?.request_id).toMatch(/\S/);
});

it("ends without an answer for lines that nobody answers, and goes on when somebody does", async () => {
  const batch = new Batch();
  await batch.give([completion("a", { prompt: "a", max_tokens: 3 })]);
  const gone = await batch.run(["--http", "http://127.0.0.1:9", "--max-retries", "0"]);
  expect(gone).toMatchObject({ code: 1, stderrText: expect.stringContaining("ERR_SERVER") });
  const refused = await batch.run(["--http", server.url], { OPENVINO_LLM_API_KEY: "wrong" });
  expect(refused.code).toBe(1);
  expect((await batch.byId()).get("a")).toMatchObject({ response: { status_code: 401 } });
  await writeFile(batch.output, "");
  const answered = await batch.run(["--http", server.url], { OPENVINO_LLM_API_KEY: KEY });
  expect(answered.code).toBe(0);
  expect((await batch.byId()).get("a")).toMatchObject({ response: { status_code: 200 }, error: null });
});

it("ends at Ctrl-C with whole lines, and says how to go on", async () => {
  const batch = new Batch();
  await batch.give([
    ...Array.from({ length: 20 }, (_, index) => completion(`short-${index}`, { prompt: "a", max_tokens: 2 })),
    completion("endless", { prompt: "a", max_tokens: 90_000 }),
  ]);
  const endless = await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 });
  const run = batch.start([endless]);
  await batch.written(1);
  while ((await batch.lines()).length < 20);
  run.kill("SIGINT");
  expect(await once(run, "close")).toEqual([130, null]);
  expect(run.stderrText).toContain("the same command goes on from there");
  expect((await readFile(batch.output, "utf8")).endsWith("\n")).toBe(true);
  expect((await batch.byId()).has("endless")).toBe(false);
});

it.each([
  [["--http", "ftp://a"], 2, "--http"],
  [["a", "--http", "http://127.0.0.1:9"], 2, "--http"],
  [["--concurrency", "0", "--http", "http://127.0.0.1:9"], 2, "--concurrency"],
  [["/no/such/model"], 1, "ERR_MODEL_NOT_FOUND"],
])("%j ends with exit code %d and says why", async (args, code, words) => {
  const batch = new Batch();
  await batch.give([completion("a", { prompt: "a" })]);
  const ended = await batch.run(args);
  expect(ended).toMatchObject({ code, stderrText: expect.stringContaining(words) });
  expect(ended.stderrText).not.toContain("This is a defect");
});

it("leaves a file alone that holds no answers, and its input", async () => {
  const batch = new Batch();
  await batch.give([completion("a", { prompt: "a" })]);
  for (const text of ["notes", "notes\n", '{"a": 1}\n']) {
    await writeFile(batch.output, text);
    const ended = await batch.run(["--http", server.url], { OPENVINO_LLM_API_KEY: KEY });
    expect(ended).toMatchObject({
      code: 2,
      stderrText: expect.stringContaining("Expected an answer of a batch"),
    });
    expect(await readFile(batch.output, "utf8")).toBe(text);
  }
  const input = await readFile(batch.input, "utf8");
  const own = await batch.run(["--http", server.url, "-o", batch.input]);
  expect(own.code).toBe(2);
  expect(await readFile(batch.input, "utf8")).toBe(input);
});
