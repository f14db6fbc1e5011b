import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContinuousBatchingPipeline, TextEmbeddingPipeline, TextRerankPipeline } from "openvino-llm";
import { chainModel } from "../../../../test/helpers/chain.js";
import { LlmServer } from "../../lib/index.js";
import { post } from "../helpers/served.js";

// Tiny BERT graphs with random weights: what they say means nothing, and has to be what the library says.

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../test/fixtures/${name}`, import.meta.url));

let embedder: TextEmbeddingPipeline;
let reranker: TextRerankPipeline;
let llm: ContinuousBatchingPipeline;
let server: LlmServer;
beforeAll(async () => {
  embedder = await TextEmbeddingPipeline.load(fixture("tiny-bert"));
  reranker = await TextRerankPipeline.load(fixture("tiny-reranker"));
  llm = await ContinuousBatchingPipeline.load(await chainModel());
  server = await LlmServer.start({
    models: [
      { name: "chain", llm },
      { name: "vectors", pipeline: embedder },
      { model: fixture("tiny-reranker"), name: "order", task: "rerank" },
    ],
    port: 0,
  });
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await Promise.all([embedder.close(), reranker.close(), llm.close()]);
});

const TEXTS = ["two programs agree", "x", "numbers? words!"];

interface Embeddings {
  readonly data: readonly { readonly index: number; readonly embedding: number[] | string }[];
  readonly usage: { readonly prompt_tokens: number };
}

describe("/v1/embeddings", () => {
  it("gives the vectors of the library, as numbers and as base64, with the tokens that were read", async () => {
    const vectors = await embedder.embedDocuments(TEXTS);
    const asked = { model: "vectors", input: TEXTS };
    const { body } = await post<Embeddings>(server, "/v1/embeddings", asked);
    expect(body).toMatchObject({ object: "list", model: "vectors" });
    expect(body.data.map(({ embedding }) => embedding)).toEqual(vectors.map((vector) => Array.from(vector)));
    expect(body.usage.prompt_tokens).toBeGreaterThan(TEXTS.length * 2);
    const packed = await post<Embeddings>(server, "/v3/embeddings", { ...asked, encoding_format: "base64" });
    expect(packed.body.data.map(({ embedding }) => embedding)).toEqual(
      vectors.map((vector) => Buffer.from(vector.buffer).toString("base64")),
    );
  });

  it("takes one text, and the only model of its kind where none is named", async () => {
    const { body } = await post<Embeddings>(server, "/v1/embeddings", {
      input: "x",
      dimensions: embedder.dimensions,
    });
    expect(body.data).toHaveLength(1);
  });

  it.each([
    ["no texts", { input: [] }, "input"],
    ["an empty one", { input: ["a", ""] }, "input"],
    ["token ids", { input: [1, 2] }, "input"],
    ["other dimensions", { input: "a", dimensions: 1 }, "dimensions"],
    ["a model of another kind", { input: "a", model: "chain" }, "model"],
  ])("refuses %s", async (_, body, param) => {
    const refused = await post<{ error: { param: string } }>(server, "/v1/embeddings", body);
    expect(refused.status).toBe(400);
    expect(refused.body.error.param).toMatch(param);
  });
});

describe("/v1/rerank and /rerank", () => {
  const asked = { query: "where does a text end", documents: [TEXTS[0], { text: TEXTS[1] }, TEXTS[2]] };

  it("give the order of the library, each in its shape", async () => {
    const ranked = await reranker.rerank(asked.query, TEXTS, { topN: 2 });
    const whole = await post(server, "/v1/rerank", {
      ...asked,
      model: "order",
      top_n: 2,
      return_documents: true,
    });
    expect(whole.body).toEqual({
      id: expect.stringMatching(/^rerank-/),
      model: "order",
      results: ranked.map(({ index, score }) => ({
        index,
        relevance_score: score,
        document: { text: TEXTS[index] },
      })),
      usage: { prompt_tokens: expect.any(Number), total_tokens: expect.any(Number) },
    });
    expect((await post(server, "/rerank", { ...asked, top_n: 2 })).body).toEqual(ranked);
    expect((await post<unknown[]>(server, "/rerank", asked)).body).toHaveLength(3);
  });

  it("refuse what is no query or no documents", async () => {
    for (const body of [
      { query: "", documents: ["a"] },
      { query: "a", documents: [] },
      { query: "a", documents: [1] },
    ]) {
      expect(await post(server, "/v1/rerank", body)).toMatchObject({ status: 400 });
    }
  });
});

it("chats are for models that generate, and the list has all of them", async () => {
  const messages = [{ role: "user", content: "x" }];
  const path = "/v1/chat/completions";
  expect(await post(server, path, { messages, model: "vectors" })).toMatchObject({
    status: 400,
    body: { error: { code: "wrong_task" } },
  });
  expect(await post(server, path, { messages })).toMatchObject({ status: 200 });
  const list = (await (await fetch(`${server.url}/v1/models`)).json()) as { data: { id: string }[] };
  expect(list.data.map(({ id }) => id)).toEqual(["chain", "vectors", "order"]);
});
