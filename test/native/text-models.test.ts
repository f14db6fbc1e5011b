import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TextEmbeddingPipeline, TextRerankPipeline, type TextEmbeddingLoadOptions } from "../../lib/index.js";
import { findOracle, oracleNeed } from "../helpers/oracle.js";
import { given } from "../helpers/needs.js";

// BERT graphs, tiny and with random weights: what they say means nothing, and has to be what Python's openvino_genai of
// the same wheels says on the same machine. See test/fixtures/make-tiny-text-models.py.

const oracle = await findOracle();

const BERT = fileURLToPath(new URL("../fixtures/tiny-bert", import.meta.url));
const RERANKER = fileURLToPath(new URL("../fixtures/tiny-reranker", import.meta.url));
const F32 = { properties: { INFERENCE_PRECISION_HINT: "f32" } };

/** Their lengths differ, so that all but one are filled up. */
const TEXTS = [
  "two programs agree",
  "a tiny model knows nothing, always the same ones",
  "x",
  "numbers? words!",
];
const QUERY = "where does a text end";

async function askPython<Answer>(program: string, ...args: unknown[]): Promise<Answer> {
  if ("reason" in oracle) throw new Error(oracle.reason);
  const answer = await oracle.run(
    program,
    args.map((arg) => JSON.stringify(arg)),
  );
  return JSON.parse(answer) as Answer;
}

/** The largest difference of two vectors; infinite where they cannot be compared. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) return Infinity;
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? NaN))));
}

function expectSame(actual: readonly ArrayLike<number>[], expected: readonly ArrayLike<number>[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, row] of expected.entries()) {
    // Additions in another order differ by about 1e-7; a wrong token by far more than 1e-2.
    expect(difference(actual[i] ?? [], row), `text ${i}`).toBeLessThan(1e-4);
  }
}

interface Case {
  readonly name: string;
  readonly options: TextEmbeddingLoadOptions;
  /** The same in Python. */
  readonly python: Readonly<Record<string, unknown>>;
}

const CASES: readonly Case[] = [
  { name: "defaults", options: {}, python: { padding_side: "right" } },
  { name: "cls", options: { poolingType: "cls" }, python: { pooling_type: "CLS" } },
  { name: "mean", options: { poolingType: "mean" }, python: { pooling_type: "MEAN" } },
  {
    name: "lastToken",
    options: { poolingType: "lastToken" },
    python: { pooling_type: "LAST_TOKEN", padding_side: "right" },
  },
  {
    name: "lastToken, filled up on the left",
    options: { poolingType: "lastToken", paddingSide: "left" },
    python: { pooling_type: "LAST_TOKEN", padding_side: "left" },
  },
  {
    name: "mean, filled up on the left",
    options: { poolingType: "mean", paddingSide: "left" },
    python: { pooling_type: "MEAN", padding_side: "left" },
  },
  { name: "not normalised", options: { normalize: false }, python: { normalize: false } },
  {
    name: "cut",
    options: { maxLength: 8, poolingType: "mean" },
    python: { max_length: 8, pooling_type: "MEAN" },
  },
  {
    name: "of one length",
    options: { maxLength: 16, padToMaxLength: true, poolingType: "mean" },
    python: { max_length: 16, pad_to_max_length: true, pooling_type: "MEAN" },
  },
  {
    name: "with instructions",
    options: { queryInstruction: "words: ", embedInstruction: "numbers: " },
    python: { query_instruction: "words: ", embed_instruction: "numbers: " },
  },
];

describe("TextEmbeddingPipeline", () => {
  let plain: TextEmbeddingPipeline;
  beforeAll(async () => {
    plain = await TextEmbeddingPipeline.load(BERT, F32);
  });
  afterAll(() => plain.close());

  describe("gives Python's vectors", given(oracleNeed(oracle)), () => {
    let python: readonly { documents: number[][]; query: number[] }[] = [];
    beforeAll(async () => {
      const program = `
import json, sys
import openvino_genai as genai
model, cases, texts, query = [json.loads(arg) for arg in sys.argv[1:]]
pooling = genai.TextEmbeddingPipeline.PoolingType
answers = []
for options in cases:
    if "pooling_type" in options:
        options["pooling_type"] = getattr(pooling, options["pooling_type"])
    pipeline = genai.TextEmbeddingPipeline(model, "CPU", INFERENCE_PRECISION_HINT="f32", **options)
    answers.append({"documents": pipeline.embed_documents(texts), "query": pipeline.embed_query(query)})
print(json.dumps(answers))`;
      python = await askPython(
        program,
        BERT,
        CASES.map((one) => one.python),
        TEXTS,
        QUERY,
      );
    });

    test.each(CASES.map((one, i) => ({ ...one, i })))("$name", async ({ options, i }) => {
      const pipeline = await TextEmbeddingPipeline.load(BERT, { ...F32, ...options });
      try {
        expectSame(await pipeline.embedDocuments(TEXTS), python[i]?.documents ?? []);
        expectSame([await pipeline.embedQuery(QUERY)], [python[i]?.query ?? []]);
      } finally {
        await pipeline.close();
      }
    });

    test("which differ from case to case, or that would prove nothing", () => {
      const [, cls, mean, last, lastLeft, meanLeft, raw, cut] = python.map(({ documents }) =>
        documents.flat(),
      );
      for (const [a, b] of [
        [cls, mean],
        [mean, last],
        [last, lastLeft],
        [mean, meanLeft],
        [cls, raw],
        [mean, cut],
      ]) {
        expect(difference(a ?? [], b ?? [])).toBeGreaterThan(1e-2);
      }
    });
  });

  test("describes itself", () => {
    expect(plain.model).toEqual({ name: "tiny-bert", path: BERT, device: "CPU", contextLength: 64 });
    expect(plain.dimensions).toBe(32);
    expect(plain.loadMs).toBeGreaterThan(0);
  });

  test("gives Float32Arrays of length 1, each with memory of its own", async () => {
    const vectors = await plain.embedDocuments(TEXTS);
    for (const vector of [...vectors, await plain.embedQuery(QUERY), await plain.embed(QUERY)]) {
      expect(vector).toBeInstanceOf(Float32Array);
      expect(vector).toHaveLength(32);
      expect(vector.buffer.byteLength).toBe(32 * 4);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
  });

  test("embeds one text or several, with a prompt before each", async () => {
    expectSame([await plain.embed("x")], await plain.embed(["x"]));
    expectSame(await plain.embed(TEXTS), await plain.embedDocuments(TEXTS));
    const prompted = await plain.embed(TEXTS, { prompt: "words: " });
    expectSame(prompted, await plain.embed(TEXTS.map((text) => `words: ${text}`)));
  });

  test("gives a text the same vector in any company and any number", async () => {
    const texts = Array.from({ length: 100 }, (_, i) => "tiny model ".repeat(1 + ((i * 7) % 5)) + String(i));
    const together = await plain.embedDocuments(texts);
    const alone = await Promise.all(texts.map((text) => plain.embedQuery(text)));
    expectSame(together, alone);
    expect(difference(together[0] ?? [], together[1] ?? [])).toBeGreaterThan(1e-2);
  });

  test("gives each text of any characters the vector that it has alone", async () => {
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 4 }), async (texts) => {
        const alone = await Promise.all(texts.map((one) => plain.embed(one)));
        expectSame(await plain.embed(texts), alone);
        for (const vector of alone) expect(vector.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test.each([" ", "\n\t", "\0", "\u200b", "\ufeff"])("takes %j, which has no words", async (text) => {
    const [vector = new Float32Array(), other = new Float32Array()] = await plain.embed([text, "x"]);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expectSame([await plain.embed(text)], [vector]);
    expectSame([await plain.embed("x")], [other]);
  });

  test("cuts what is longer than the model's context", async () => {
    const long = "a tiny model knows nothing ".repeat(300);
    const [vector = new Float32Array(), other = new Float32Array()] = await plain.embed([long, "x"]);
    expectSame([vector], [await plain.embed(long.slice(0, 2000))]);
    expectSame([other], [await plain.embed("x")]);
    const shorter = await TextEmbeddingPipeline.load(BERT, { ...F32, maxLength: 64 });
    expectSame([await shorter.embed(long)], [vector]);
    await shorter.close();
  });

  test("takes any number of texts with a batch size, and gives the same vectors", async () => {
    const pipeline = await TextEmbeddingPipeline.load(BERT, { ...F32, batchSize: 3 });
    try {
      for (const count of [1, 2, 3, 4]) {
        expectSame(
          await pipeline.embedDocuments(TEXTS.slice(0, count)),
          (await plain.embed(TEXTS)).slice(0, count),
        );
      }
      expectSame([await pipeline.embedQuery("x")], [await plain.embedQuery("x")]);
    } finally {
      await pipeline.close();
    }
  });

  test("gives nothing for no documents", async () => {
    expect(await plain.embedDocuments([])).toEqual([]);
    expect(await plain.embed([])).toEqual([]);
  });

  test.each([
    ["no text", () => plain.embedQuery(5 as unknown as string), TypeError],
    ["nothing", () => plain.embed(undefined as unknown as string), TypeError],
    ["a text in place of documents", () => plain.embedDocuments("x" as unknown as string[]), TypeError],
    ["a document that is no text", () => plain.embedDocuments(["x", null as unknown as string]), TypeError],
    ["a hole", () => plain.embedDocuments(Array.from<string>({ length: 2 })), TypeError],
    ["a lone surrogate", () => plain.embed("a\ud800"), TypeError],
    ["a lone surrogate in a document", () => plain.embedDocuments(["x", "\udc00"]), TypeError],
    ["a lone surrogate in a prompt", () => plain.embed("x", { prompt: "\ud800" }), TypeError],
    ["an empty text", () => plain.embed(""), RangeError],
    ["an empty document", () => plain.embedDocuments(["x", ""]), RangeError],
    ["an unknown option", () => plain.embed("x", { promt: "y" } as object), TypeError],
    ["no signal", () => plain.embed("x", { signal: true as unknown as AbortSignal }), TypeError],
  ])("refuses %s", async (_, call, type) => {
    const error: unknown = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({
      code: type === TypeError ? "ERR_INVALID_ARG_TYPE" : "ERR_OUT_OF_RANGE",
      message: expect.stringMatching(/^Expected .* but received /),
    });
  });

  test("has the load's limit from the model", async () => {
    const tooLong = TextEmbeddingPipeline.load(BERT, { maxLength: 65 });
    await expect(tooLong).rejects.toThrow(/at most the model's context of 64 tokens/);
  });
});

describe("TextRerankPipeline", () => {
  const DOCUMENTS = [...TEXTS, "where a text ends", "the room beside it", "fills"];
  let pipeline: TextRerankPipeline;
  beforeAll(async () => {
    pipeline = await TextRerankPipeline.load(RERANKER, F32);
  });
  afterAll(() => pipeline.close());

  test("gives Python's scores", given(oracleNeed(oracle)), async () => {
    // One by one: several documents damage memory in Python too.
    const program = `
import json, sys
import openvino_genai as genai
model, query, texts, cases = [json.loads(arg) for arg in sys.argv[1:]]
answers = []
for options in cases:
    pipeline = genai.TextRerankPipeline(model, "CPU", INFERENCE_PRECISION_HINT="f32", **options)
    answers.append([pipeline.rerank(query, [text])[0][1] for text in texts])
print(json.dumps(answers))`;
    const cases = [
      { options: {}, python: {} },
      { options: { maxLength: 12 }, python: { max_length: 12 } },
      {
        options: { maxLength: 40, padToMaxLength: true },
        python: { max_length: 40, pad_to_max_length: true },
      },
      {
        options: { maxLength: 40, padToMaxLength: true, paddingSide: "left" },
        python: { max_length: 40, pad_to_max_length: true, padding_side: "left" },
      },
    ] as const;
    const python = await askPython<number[][]>(
      program,
      RERANKER,
      QUERY,
      DOCUMENTS,
      cases.map((one) => one.python),
    );
    for (const [i, { options }] of cases.entries()) {
      const one = await TextRerankPipeline.load(RERANKER, { ...F32, ...options, topN: 100 });
      const ranked = await one.rerank(QUERY, DOCUMENTS);
      await one.close();
      expectSame([ranked.sort((a, b) => a.index - b.index).map(({ score }) => score)], [python[i] ?? []]);
    }
    const [whole = [], cut = [], , left = []] = python;
    expect(difference(whole, cut)).toBeGreaterThan(1e-3);
    expect(difference(whole, left)).toBeGreaterThan(1e-3);
  });

  test("gives the best first, three by default", async () => {
    const all = await pipeline.rerank(QUERY, DOCUMENTS, { topN: 100 });
    expect(all.map(({ index }) => index).sort((a, b) => a - b)).toEqual(DOCUMENTS.map((_, i) => i));
    const scores = all.map(({ score }) => score);
    expect([...scores].sort((a, b) => b - a)).toEqual(scores);
    for (const score of scores) expect(score).toBeGreaterThan(0);
    for (const score of scores) expect(score).toBeLessThan(1);
    expect(await pipeline.rerank(QUERY, DOCUMENTS)).toEqual(all.slice(0, 3));
    expect(await pipeline.rerank(QUERY, DOCUMENTS, { topN: 1 })).toEqual(all.slice(0, 1));
  });

  test("leaves equal documents in their order, and memory whole", async () => {
    // GenAI itself, given these together, ends the process within a hundred rounds.
    for (let round = 0; round < 200; round++) {
      const ranked = await pipeline.rerank(QUERY, ["x", "x", "x", "x"], { topN: 4 });
      expect(ranked.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    }
  });

  test("gives a document the same score in any company and any number", async () => {
    const documents = Array.from(
      { length: 70 },
      (_, i) => "tiny model ".repeat(1 + ((i * 7) % 4)) + String(i),
    );
    const together = await pipeline.rerank(QUERY, documents, { topN: 70 });
    for (const { index, score } of together.slice(0, 20)) {
      const [alone] = await pipeline.rerank(QUERY, [documents[index] ?? ""]);
      expect(alone?.score).toBeCloseTo(score, 4);
    }
  });

  test("takes documents without words, and cuts those that are longer than the context", async () => {
    const documents = [" ", "\0", "a tiny model knows nothing ".repeat(300)];
    const ranked = await pipeline.rerank(QUERY, documents);
    expect(ranked).toHaveLength(3);
    for (const { score } of ranked) expect(score).toSatisfy(Number.isFinite);
    const long = await pipeline.rerank("a tiny model knows nothing ".repeat(300), ["x"]);
    expect(long[0]?.score).toSatisfy(Number.isFinite);
  });

  test("gives nothing for no documents", async () => {
    expect(await pipeline.rerank(QUERY, [])).toEqual([]);
  });

  test.each([
    ["no query", () => pipeline.rerank(undefined as unknown as string, []), TypeError],
    ["an empty query", () => pipeline.rerank("", ["x"]), RangeError],
    ["an empty document", () => pipeline.rerank("x", [""]), RangeError],
    ["a lone surrogate", () => pipeline.rerank("\ud800", ["x"]), TypeError],
    ["documents that are no array", () => pipeline.rerank("x", "x" as unknown as string[]), TypeError],
    ["no documents at all", () => pipeline.rerank("x", undefined as unknown as string[]), TypeError],
    ["topN 0", () => pipeline.rerank("x", ["x"], { topN: 0 }), RangeError],
    ["half a document", () => pipeline.rerank("x", ["x"], { topN: 0.5 }), RangeError],
    ["an unknown option", () => pipeline.rerank("x", ["x"], { top_k: 1 } as object), TypeError],
  ])("refuses %s", async (_, call, type) => {
    await expect(call()).rejects.toBeInstanceOf(type);
  });
});
