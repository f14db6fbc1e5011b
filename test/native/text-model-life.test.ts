import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { AbortError, TextEmbeddingPipeline, TextRerankPipeline } from "../../lib/index.js";
import { temporaryFolder } from "../helpers/chain.js";

const BERT = fileURLToPath(new URL("../fixtures/tiny-bert", import.meta.url));
const RERANKER = fileURLToPath(new URL("../fixtures/tiny-reranker", import.meta.url));
const PHI3 = fileURLToPath(new URL("../fixtures/tiny-phi3", import.meta.url));

const PIPELINES = [
  {
    name: "TextEmbeddingPipeline" as const,
    model: BERT,
    load: async (model = BERT, options = {}) => {
      const pipeline = await TextEmbeddingPipeline.load(model, options);
      const run = (texts: string[], signal?: AbortSignal) => pipeline.embedDocuments(texts, { signal });
      return { pipeline, run };
    },
  },
  {
    name: "TextRerankPipeline" as const,
    model: RERANKER,
    load: async (model = RERANKER, options = {}) => {
      const pipeline = await TextRerankPipeline.load(model, options);
      const run = (texts: string[], signal?: AbortSignal) => pipeline.rerank("x", texts, { signal });
      return { pipeline, run };
    },
  },
];

/** Some hundred inferences of either. */
const MANY = {
  TextEmbeddingPipeline: Array.from({ length: 5000 }, (_, i) => `number ${i}`),
  TextRerankPipeline: Array.from({ length: 300 }, (_, i) => `number ${i}`),
};

describe.each(PIPELINES)("$name", ({ name, model, load }) => {
  test("does its calls in their order, any number at once", async () => {
    const { pipeline, run } = await load();
    const done: number[] = [];
    await Promise.all(Array.from({ length: 200 }, (_, i) => run([`text ${i}`]).then(() => done.push(i))));
    expect(done).toEqual(Array.from({ length: 200 }, (_, i) => i));
    await pipeline.close();
  });

  test("lets the event loop turn while it works", async () => {
    const { pipeline, run } = await load();
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await run(MANY[name]);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
    await pipeline.close();
  });

  test("ends a call at once when its signal is aborted: before, while it waits and while it runs", async () => {
    const { pipeline, run } = await load();
    const reason = new Error("no more");
    await expect(run(["x"], AbortSignal.abort(reason))).rejects.toMatchObject({
      name: "AbortError",
      code: "ERR_ABORTED",
      cause: reason,
    });
    const [running, waiting] = [new AbortController(), new AbortController()];
    const ended: string[] = [];
    const track = (what: string, call: Promise<unknown>) =>
      call.then(
        () => ended.push(what),
        (error: unknown) => ended.push(`${what}: ${error instanceof AbortError}`),
      );
    const calls = [
      track("running", run(MANY[name], running.signal)),
      track("waiting", run(["x"], waiting.signal)),
      track("other", run(["x"])),
    ];
    await new Promise((resolve) => setTimeout(resolve, 20));
    waiting.abort();
    running.abort();
    await Promise.all(calls);
    expect(ended).toEqual(["waiting: true", "running: true", "other"]);
    await pipeline.close();
  });

  test("fails what is not done by ERR_CLOSED when it is closed, and every later call", async () => {
    const { pipeline, run } = await load();
    const calls = [run(MANY[name]), run(["x"])];
    const outcomes = Promise.allSettled(calls);
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([pipeline.close(), pipeline.close()]);
    await pipeline.close();
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: "ERR_CLOSED" } });
    await expect(run(["x"])).rejects.toMatchObject({ code: "ERR_CLOSED" });
    await expect(run([])).rejects.toMatchObject({ code: "ERR_CLOSED" });
  });

  test("is closed by await using", async () => {
    let held;
    {
      await using pipeline = (await load()).pipeline;
      held = pipeline;
    }
    const call = held instanceof TextEmbeddingPipeline ? held.embed("x") : held.rerank("x", ["x"]);
    await expect(call).rejects.toMatchObject({ code: "ERR_CLOSED" });
  });

  test("ends a load at once when its signal is aborted", async () => {
    await expect(load(model, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortError);
    const controller = new AbortController();
    const loading = load(model, { signal: controller.signal });
    setImmediate(() => controller.abort(new Error("no more")));
    await expect(loading).rejects.toMatchObject({ code: "ERR_ABORTED", cause: { message: "no more" } });
  });

  describe("refuses to load", () => {
    const loadError = (path: string, options = {}) =>
      load(path, options).then(
        () => null,
        (error: unknown) => error,
      );

    test("a text generator", async () => {
      const error = await loadError(PHI3);
      expect(error).toMatchObject({ code: "ERR_MODEL_LOAD" });
      expect((error as Error).message).toMatch(
        /Expected a (text embedding model|reranker) at .* but the model/,
      );
    });

    test("the other kind of these", async () => {
      const error = await loadError(model === BERT ? RERANKER : BERT);
      expect(error).toMatchObject({ code: "ERR_MODEL_LOAD" });
      expect((error as Error).message).toMatch(
        /but the model's outputs are (logits|last_hidden_state) in place of/,
      );
    });

    test("a folder that is empty, half a model, a damaged one and a GGUF file", async () => {
      const dir = temporaryFolder();
      const empty = await loadError(dir);
      expect(empty).toMatchObject({ code: "ERR_MODEL_LOAD" });
      expect((empty as Error).message).toContain(
        name === "TextRerankPipeline" ? "text-classification" : "feature-extraction",
      );

      const half = join(dir, "half");
      mkdirSync(half);
      for (const file of ["openvino_model.xml", "openvino_model.bin"])
        copyFileSync(join(model, file), join(half, file));
      const noTokenizer = await loadError(half);
      expect(noTokenizer).toMatchObject({ code: "ERR_MODEL_LOAD" });
      expect((noTokenizer as Error).message).toContain("openvino_tokenizer.xml");

      const damaged = join(dir, "damaged");
      cpSync(model, damaged, { recursive: true });
      writeFileSync(join(damaged, "openvino_model.xml"), "<net></net>");
      expect(await loadError(damaged)).toMatchObject({ code: "ERR_MODEL_LOAD" });

      const gguf = join(dir, "x.gguf");
      writeFileSync(gguf, "GGUF");
      expect((await loadError(gguf)) as Error).toMatchObject({
        code: "ERR_MODEL_LOAD",
        message: expect.stringMatching(/GGUF/),
      });
    });

    test("what is not there, an unknown device, an unknown property", async () => {
      expect(await loadError("no-such-model")).toMatchObject({ code: "ERR_MODEL_NOT_FOUND" });
      expect(await loadError(model, { device: "TPU" })).toMatchObject({ code: "ERR_DEVICE" });
      expect(await loadError(model, { properties: { NO_SUCH_PROPERTY: 1 } })).toMatchObject({
        code: "ERR_MODEL_LOAD",
      });
    });
  });

  test("needs no detokenizer", async () => {
    const dir = temporaryFolder();
    cpSync(model, dir, { recursive: true, filter: (file) => !file.includes("detokenizer") });
    const { pipeline, run } = await load(dir);
    expect(await run(["x"])).toHaveLength(1);
    await pipeline.close();
  });
});
