import { afterAll, beforeAll, expect, it } from "vitest";
import { ContinuousBatchingPipeline } from "openvino-llm";
import { ALPHABET, chainModel } from "../../../../test/helpers/chain.js";
import type { LlmServer } from "../../lib/index.js";
import { begin, post, serve, until } from "../helpers/served.js";

let llm: ContinuousBatchingPipeline;
let server: LlmServer;
beforeAll(async () => {
  llm = await ContinuousBatchingPipeline.load(
    await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 }),
    { scheduler: { maxNumSeqs: 1 } },
  );
  server = await serve(llm, { maxQueue: 1, apiKeys: ["key"] });
});
afterAll(async () => {
  await server.close();
  await llm.close();
});

const key = { authorization: "Bearer key" };
const get = async (path: string) => (await fetch(`${server.url}${path}`, { headers: key })).json();

/** The samples of /metrics, which needs no key: values by name and labels. */
async function figures(): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${server.url}/metrics`);
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const lines = (await answer.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(" ")),
      Number(line.slice(line.lastIndexOf(" ") + 1)),
    ]),
  );
}

it("counts requests, tokens and times by vLLM's names, in its units", async () => {
  await post(server, "/v1/completions", { prompt: "a", max_tokens: 5 }, key);
  const after = await figures();
  const of = (name: string, label = "") => after.get(`${name}{model_name="chain"${label}}`);
  expect(of("vllm:num_requests_running")).toBe(0);
  expect(of("vllm:num_requests_waiting")).toBe(0);
  expect(of("vllm:kv_cache_usage_perc")).toBe(0);
  expect(of("vllm:generation_tokens_total")).toBe(5);
  expect(of("vllm:prompt_tokens_total")).toBe(1);
  expect(of("vllm:request_success_total", ',finished_reason="length"')).toBe(1);
  for (const name of [
    "time_to_first_token",
    "e2e_request_latency",
    "request_queue_time",
    "request_time_per_output_token",
  ]) {
    expect(of(`vllm:${name}_seconds_count`), name).toBe(1);
    expect(of(`vllm:${name}_seconds_bucket`, ',le="+Inf"'), name).toBe(1);
    expect(of(`vllm:${name}_seconds_sum`), name).toBeLessThan(100);
  }
  expect(of("vllm:inter_token_latency_seconds_count")).toBe(4);
});

it("reports to routers what runs and waits, and counts what is refused and aborted", async () => {
  const requests = [1, 2].map(() => begin(server, "/v1/completions", key));
  for (const request of requests) request.end(JSON.stringify({ prompt: "a", max_tokens: 90_000 }));
  await until(() => llm.metrics().running === 1 && llm.metrics().waiting === 1);
  expect(await get("/v1/loads")).toEqual({
    timestamp: expect.stringMatching(/^\d{4}-/),
    dp_rank_count: 1,
    loads: [
      {
        dp_rank: 0,
        num_running_reqs: 1,
        num_waiting_reqs: 1,
        token_usage: expect.any(Number),
        gen_throughput: expect.any(Number),
        max_running_requests: 1,
      },
    ],
  });
  await post(server, "/v1/completions", { prompt: "a" }, key);
  const during = await figures();
  expect(during.get('vllm:num_requests_running{model_name="chain"}')).toBe(1);
  expect(during.get('vllm:num_requests_waiting{model_name="chain"}')).toBe(1);
  expect(during.get('openvino_llm_requests_refused_total{model_name="chain"}')).toBe(1);
  for (const request of requests) request.destroy();
  await until(() => llm.metrics().running + llm.metrics().waiting === 0);
  const ended = 'vllm:request_success_total{model_name="chain",finished_reason="abort"}';
  expect((await figures()).get(ended)).toBe(2);
});

it("reports what it is, to those who have a key", async () => {
  expect(await get("/version")).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  expect(await get("/model_info")).toMatchObject({
    model_path: llm.model.path,
    served_model_name: "chain",
    is_generation: true,
  });
  expect(await get("/server_info")).toMatchObject({
    server: "openvino-llm-server",
    models: [
      { name: "chain", max_model_len: 100_000, max_running_requests: 1, max_requests: 2, profile: null },
    ],
  });
  for (const path of ["/version", "/server_info", "/model_info", "/v1/loads"]) {
    expect((await fetch(`${server.url}${path}`)).status, path).toBe(401);
  }
});

it("gives tokens and texts, by the shapes of vLLM and of OpenVINO Model Server", async () => {
  const ids = [...(await llm.tokenizer.encode("the fox"))];
  for (const [path, field] of [
    ["/tokenize", "prompt"],
    ["/v1/tokenize", "prompt"],
    ["/v3/tokenize", "text"],
  ] as const) {
    const { body } = await post(server, path, { [field]: "the fox", return_token_strs: true }, key);
    expect(body).toEqual({
      count: ids.length,
      max_model_len: 100_000,
      tokens: ids,
      token_strs: expect.arrayContaining(["the", "x"]),
    });
  }
  expect(await post(server, "/detokenize", { tokens: ids }, key)).toMatchObject({
    status: 200,
    body: { prompt: "the fox" },
  });
  const messages = [{ role: "user", content: "hello" }];
  const rendered = "<|im_start|>user<|im_sep|>hello<|im_end|><|im_start|>assistant<|im_sep|>";
  expect(await post(server, "/apply-template", { messages }, key)).toMatchObject({
    body: { prompt: rendered },
  });
  const { body } = await post<{ tokens: number[] }>(server, "/tokenize", { messages }, key);
  expect(body.tokens).toEqual([...(await llm.tokenizer.encodeChat(messages))]);
  const open = await post<{ tokens: number[] }>(
    server,
    "/tokenize",
    { messages, add_generation_prompt: false },
    key,
  );
  expect(open.body.tokens.length).toBeLessThan(body.tokens.length);
  for (const wrong of [{}, { prompt: "a", messages }, { messages: [] }, { prompt: 5 }]) {
    expect(await post(server, "/tokenize", wrong, key)).toMatchObject({ status: 400 });
  }
  expect(await post(server, "/detokenize", { tokens: [70_000] }, key)).toMatchObject({ status: 400 });
});
