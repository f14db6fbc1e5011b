import { expectTypeOf, test } from "vitest";
import {
  LLMPipeline,
  TextEmbeddingPipeline,
  type TextRerankPipeline,
  type AbortError,
  type OpenVinoLlmError,
  type TokenStream,
  type CallOptions,
  type ChatToolCall,
  type ErrorCode,
  type FinishReason,
  type GenerationInput,
  type GenerationOptions,
  type GenerationResult,
  type LoadOptions,
  type RerankedDocument,
  type TextEmbeddingLoadOptions,
  type TextRerankLoadOptions,
  type TokenChunk,
} from "../../lib/index.js";

// Checked by `tsc -p test/tsconfig.json`, which lint runs; at run time these calls do nothing.

test("a pipeline comes from load() alone", () => {
  expectTypeOf<typeof LLMPipeline.load>().parameter(0).toEqualTypeOf<string>();
  expectTypeOf<typeof LLMPipeline.load>().parameter(1).toEqualTypeOf<LoadOptions | undefined>();
  expectTypeOf<typeof LLMPipeline.load>().returns.resolves.toEqualTypeOf<LLMPipeline>();
  expectTypeOf<LLMPipeline["close"]>().returns.toEqualTypeOf<Promise<void>>();
  expectTypeOf<LLMPipeline>().toExtend<AsyncDisposable>();
  // @ts-expect-error the constructor is private
  void (() => new LLMPipeline());
});

test("stream() gives an async iterable of chunks and the result", () => {
  expectTypeOf<ReturnType<LLMPipeline["stream"]>>().toExtend<TokenStream>();
  expectTypeOf<TokenStream>().toExtend<AsyncIterable<TokenChunk>>();
  expectTypeOf<TokenStream>().toExtend<AsyncDisposable>();
  // Text for the web: a Response whose body is the answer as it comes.
  void ((stream: TokenStream) => {
    const texts = new TransformStream<TokenChunk, string>({
      transform: ({ text }, controller) => controller.enqueue(text),
    });
    return new Response(stream.toReadableStream().pipeThrough(texts).pipeThrough(new TextEncoderStream()));
  });
  expectTypeOf<TokenStream["result"]>().resolves.toEqualTypeOf<GenerationResult>();
  expectTypeOf<ReturnType<LLMPipeline["generate"]>>().resolves.toExtend<GenerationResult>();
});

test("inputs are a string, messages or token ids", () => {
  expectTypeOf<string>().toExtend<GenerationInput>();
  expectTypeOf<{ role: "user"; content: string }[]>().toExtend<GenerationInput>();
  expectTypeOf<{ role: "tool"; content: string; tool_call_id: string }[]>().toExtend<GenerationInput>();
  expectTypeOf<{ role: "user"; content: { type: "text"; text: string }[] }[]>().toExtend<GenerationInput>();
  expectTypeOf<
    { role: "assistant"; content: null; tool_calls: ChatToolCall[] }[]
  >().toExtend<GenerationInput>();
  expectTypeOf<{ role: "assistant"; tool_calls: ChatToolCall[] }[]>().toExtend<GenerationInput>();
  expectTypeOf<{ role: "user"; content: null }[]>().not.toExtend<GenerationInput>();
  expectTypeOf<{ tokenIds: Int32Array }>().toExtend<GenerationInput>();
  expectTypeOf<{ tokenIds: number[] }>().toExtend<GenerationInput>();
  expectTypeOf<number>().not.toExtend<GenerationInput>();
  expectTypeOf<{ role: "user" }[]>().not.toExtend<GenerationInput>();
  expectTypeOf<{ tokenIds: bigint[] }>().not.toExtend<GenerationInput>();
});

test("options have their types, and no others exist", () => {
  expectTypeOf<CallOptions>().toExtend<GenerationOptions>();
  expectTypeOf<GenerationOptions["maxNewTokens"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<GenerationOptions["stopStrings"]>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf<GenerationOptions["stopCriteria"]>().toEqualTypeOf<
    "early" | "heuristic" | "never" | undefined
  >();
  expectTypeOf<CallOptions["signal"]>().toEqualTypeOf<AbortSignal | undefined>();
  expectTypeOf<CallOptions["onAbort"]>().toEqualTypeOf<"throw" | "return" | undefined>();
  // @ts-expect-error another library's name
  void ({ max_tokens: 5 } satisfies CallOptions);
  // @ts-expect-error a string is no number
  void ({ maxNewTokens: "5" } satisfies CallOptions);
});

test("results and chunks are read-only and complete", () => {
  expectTypeOf<GenerationResult["finishReason"]>().toEqualTypeOf<FinishReason>();
  expectTypeOf<FinishReason>().toEqualTypeOf<"stop" | "length" | "tool_calls" | "abort">();
  expectTypeOf<GenerationResult["stopReason"]>().toEqualTypeOf<string | number | null>();
  expectTypeOf<GenerationResult["timing"]["ttftMs"]>().toEqualTypeOf<number | null>();
  const figures = ({ timing }: GenerationResult) => {
    if (timing.ttftMs !== null) {
      const { queueMs, e2eMs, tokensPerSecond } = timing;
      expectTypeOf([queueMs, e2eMs, tokensPerSecond]).toEqualTypeOf<number[]>();
    } else expectTypeOf(timing.e2eMs).toEqualTypeOf<null>();
  };
  void figures;
  expectTypeOf<GenerationResult["timing"]["perToken"]["producedMs"]>().toEqualTypeOf<readonly number[]>();
  expectTypeOf<keyof TokenChunk>().toEqualTypeOf<
    "text" | "tokenIds" | "index" | "producedMs" | "deliveredMs" | "latencyMs" | "logprobs" | "parts"
  >();
  // @ts-expect-error nobody writes to a result
  void ((result: GenerationResult) => (result.text = ""));
});

test("errors carry a code of the union, an abort its partial result", () => {
  expectTypeOf<OpenVinoLlmError["code"]>().toEqualTypeOf<ErrorCode>();
  expectTypeOf<AbortError<GenerationResult>["partial"]>().toEqualTypeOf<GenerationResult>();
  expectTypeOf<AbortError>().toExtend<OpenVinoLlmError>();
});

test("embeddings are Float32Arrays, one for a text and several for several", () => {
  expectTypeOf<typeof TextEmbeddingPipeline.load>()
    .parameter(1)
    .toEqualTypeOf<TextEmbeddingLoadOptions | undefined>();
  expectTypeOf<typeof TextEmbeddingPipeline.load>().returns.resolves.toEqualTypeOf<TextEmbeddingPipeline>();
  expectTypeOf<TextEmbeddingPipeline>().toExtend<AsyncDisposable>();
  const use = (pipeline: TextEmbeddingPipeline) => {
    expectTypeOf(pipeline.embed("x")).resolves.toEqualTypeOf<Float32Array>();
    expectTypeOf(pipeline.embed(["x"])).resolves.toEqualTypeOf<Float32Array[]>();
    expectTypeOf(pipeline.embed("x", { prompt: "y" })).resolves.toEqualTypeOf<Float32Array>();
    expectTypeOf(pipeline.embedQuery("x")).resolves.toEqualTypeOf<Float32Array>();
    expectTypeOf(pipeline.embedDocuments(["x"] as const)).resolves.toEqualTypeOf<Float32Array[]>();
    // @ts-expect-error documents are an array
    void pipeline.embedDocuments("x");
    // @ts-expect-error an instruction belongs to the load
    void pipeline.embedQuery("x", { queryInstruction: "y" });
  };
  void use;
  expectTypeOf<TextEmbeddingLoadOptions["poolingType"]>().toEqualTypeOf<
    "cls" | "mean" | "lastToken" | undefined
  >();
  // @ts-expect-error GenAI's own spelling
  void ({ pooling_type: "cls" } satisfies TextEmbeddingLoadOptions);
  // @ts-expect-error the constructor is private
  void (() => new TextEmbeddingPipeline());
});

test("a reranker gives indexes and scores", () => {
  expectTypeOf<typeof TextRerankPipeline.load>()
    .parameter(1)
    .toEqualTypeOf<TextRerankLoadOptions | undefined>();
  expectTypeOf<TextRerankPipeline>().toExtend<AsyncDisposable>();
  expectTypeOf<TextRerankPipeline["rerank"]>().returns.resolves.toEqualTypeOf<RerankedDocument[]>();
  expectTypeOf<RerankedDocument>().toEqualTypeOf<{ readonly index: number; readonly score: number }>();
  // @ts-expect-error an embedding's option
  void ({ poolingType: "cls" } satisfies TextRerankLoadOptions);
});
