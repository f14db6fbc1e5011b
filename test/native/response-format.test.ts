import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  ContinuousBatchingPipeline,
  LLMPipeline,
  type CallOptions,
  type GenerationPipeline,
  type ResponseFormat,
} from "../../lib/index.js";
import { RAW } from "../helpers/batching.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";

const CLASSES = { LLMPipeline, ContinuousBatchingPipeline };

const regex = (value: string): CallOptions => ({ ...RAW, responseFormat: { type: "regex", value } });
const PERSON = {
  type: "object",
  properties: { name: { const: "Ann" }, age: { type: "integer", minimum: 1, maximum: 9 } },
  required: ["name", "age"],
} as const;

describe.each(["LLMPipeline", "ContinuousBatchingPipeline"] as const)("a response format in %s", (name) => {
  let model: string;
  let llm: GenerationPipeline;
  beforeAll(async () => {
    model = await chainModel({ text: ALPHABET, loop: true });
    llm = await CLASSES[name].load(model);
  });
  afterAll(() => llm.close());

  /** The compiler works with any grammar after what came before. */
  const expectWell = async (): Promise<void> => {
    expect((await llm.generate("c", regex("d{2}"))).text).toBe("dd");
    expect((await llm.generate("c", { ...RAW, maxNewTokens: 3 })).text).toBe("def");
  };

  it("lets the model's own text through where it fits, and ends it", async () => {
    const { text, finishReason, stopReason, timing, object } = await llm.generate("c", regex("[a-z]{5}"));
    expect({ text, finishReason, stopReason, object }).toEqual({
      text: "defgh",
      finishReason: "stop",
      stopReason: null,
      object: undefined,
    });
    expect(timing.grammarMs).toBeGreaterThan(0);
    expect((await llm.generate("c", { ...RAW, maxNewTokens: 1 })).timing.grammarMs).toBeNull();
  });

  it("forces another text where it does not", async () => {
    expect((await llm.generate("c", regex("zz|zy"))).text).toMatch(/^z[zy]$/);
    const ebnf = { type: "ebnf", value: 'root ::= "x" more\nmore ::= [0-9] | "-"' } as const;
    expect((await llm.generate("c", { ...RAW, responseFormat: ebnf })).text).toMatch(/^x[0-9-]$/);
  });

  it("gives the object that a JSON Schema describes", async () => {
    const options = { ...RAW, responseFormat: { type: "json", schema: PERSON } } as const;
    const { object, text } = await llm.generate("c", options);
    expect(object).toEqual({ name: "Ann", age: expect.any(Number) });
    expect(JSON.parse(text)).toEqual(object);
    const stream = llm.stream("c", options);
    let streamed = "";
    for await (const chunk of stream) streamed += chunk.text;
    expect((await stream.result).object).toEqual(JSON.parse(streamed));
  });

  it("gives what a zod schema makes of the text", async () => {
    const schema = z.object({ kind: z.literal("up").transform((kind) => kind.toUpperCase()) });
    const { object } = await llm.generate("c", { ...RAW, responseFormat: { type: "json", schema } });
    expect(object).toEqual({ kind: "UP" });
  });

  it("is any JSON without a schema", async () => {
    const options: CallOptions = { ...RAW, responseFormat: { type: "json" }, maxNewTokens: 200 };
    const { finishReason, object, text } = await llm.generate("c", options);
    if (finishReason === "stop") expect(object).toEqual(JSON.parse(text));
    else expect(object).toBeUndefined();
  });

  it("follows structural tags", async () => {
    const elements = [
      { type: "const_string", value: "<" },
      { type: "regex", pattern: "[a-z]{3}" },
      { type: "const_string", value: ">" },
    ];
    const value = { type: "structural_tag", format: { type: "sequence", elements } };
    const options: CallOptions = { ...RAW, responseFormat: { type: "structural_tag", value } };
    expect((await llm.generate("c", options)).text).toMatch(/^<[a-z]{3}>$/);
  });

  it("works with seeds, stop strings and templates", async () => {
    const sampled = { ...regex("[a-z]{30}"), temperature: 5, rngSeed: 3 };
    const first = await llm.generate("c", sampled);
    expect(first.text).toMatch(/^[a-z]{30}$/);
    expect((await llm.generate("c", sampled)).text).toBe(first.text);
    const stopped = await llm.generate("c", { ...regex("[a-z]{9}"), stopStrings: ["f"] });
    expect(stopped).toMatchObject({ text: "de", finishReason: "stop", stopReason: "f" });
    const templated = await llm.generate([{ role: "user", content: "hi" }], {
      responseFormat: { type: "regex", value: "q{4}" },
    });
    expect(templated.text).toBe("qqqq");
  });

  it("leaves the object out where the text was cut, and says what cut it", async () => {
    const options = { ...RAW, responseFormat: { type: "json", schema: PERSON } } as const;
    const short = await llm.generate("c", { ...options, maxNewTokens: 4 });
    expect(short).toMatchObject({ finishReason: "length" });
    expect(short).not.toHaveProperty("object");
    const stopped = await llm.generate("c", { ...options, stopStrings: ["name"] });
    expect(stopped).toMatchObject({ finishReason: "stop", stopReason: "name" });
    expect(stopped).not.toHaveProperty("object");
    const stream = llm.stream("c", regex("[a-z]*"));
    for await (const chunk of stream) if (chunk.index === 3) break;
    expect((await stream.result).finishReason).toBe("abort");
    await expectWell();
  });

  it("refuses an answer that only the schema's own check finds wrong, and keeps it", async () => {
    const plain = {
      type: "object",
      properties: { a: { const: 1 } },
      required: ["a"],
      not: { required: ["a"] },
    };
    const refined = z.object({ a: z.literal(1) }).refine(() => false, "never");
    for (const [schema, reason] of [
      [plain, /not/],
      [refined, /never/],
    ] as const) {
      const answer = llm.generate("c", { ...RAW, responseFormat: { type: "json", schema } });
      await expect(answer).rejects.toMatchObject({
        code: "ERR_SCHEMA_MISMATCH",
        message: expect.stringMatching(reason),
        partial: { finishReason: "stop", text: expect.stringContaining("1") },
      });
      const stream = llm.stream("c", { ...RAW, responseFormat: { type: "json", schema } });
      const read = async (): Promise<void> => {
        for await (const _ of stream);
      };
      await expect(read()).rejects.toMatchObject({ code: "ERR_SCHEMA_MISMATCH" });
    }
  });

  it.each<[string, ResponseFormat, RegExp]>([
    ["an expression that does not end", { type: "regex", value: "[a" }, /bracket|\[/i],
    ["a look-ahead", { type: "regex", value: "(?=a)b" }, /lookahead|not supported/i],
    ["rules without a root", { type: "ebnf", value: 'a ::= "x"' }, /root/],
    ["an unknown type", { type: "json", schema: { type: "strin" } }, /strin/],
    ["a reference to nothing", { type: "json", schema: { $ref: "#/$defs/none" } }, /none|\$defs/],
    [
      "a minimum above the maximum",
      { type: "json", schema: { type: "integer", minimum: 3, maximum: 1 } },
      /./,
    ],
    ["a tag that is none", { type: "structural_tag", value: { type: "tag" } }, /structural/i],
  ])("is refused before it enters the engine: %s", async (_, responseFormat, reason) => {
    const running = llm.generate("c", { ...RAW, maxNewTokens: 60 });
    const refused = llm.generate("c", { ...RAW, responseFormat });
    const error: unknown = await refused.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ERR_INVALID_SCHEMA", message: expect.stringMatching(reason) });
    expect((error as Error).message).not.toMatch(/\d\d:\d\d:\d\d|\.cc|jenkins/);
    expect((await running).text).toHaveLength(60);
    await expectWell();
  });

  it.each<[string, CallOptions, string]>([
    ["several sequences", { numReturnSequences: 2, temperature: 1 }, "numReturnSequences"],
    ["beams", { numBeams: 2 }, "numBeams"],
    ["a least length", { minNewTokens: 2 }, "minNewTokens"],
    ["no end token", { ignoreEos: true }, "ignoreEos"],
  ])("does not go with %s", async (_, options, option) => {
    const error: unknown = await llm
      .generate("c", { ...regex("a"), ...options })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(option);
  });

  it("ends by the caller's stop tokens where the model's own are ignored", async () => {
    const [stop = -1] = await llm.tokenizer.encode("!");
    const options = { ...regex("x{3}"), ignoreEos: true, stopTokenIds: [stop] };
    const { tokenIds, stopReason } = await llm.generate("c", options);
    expect({ last: tokenIds.at(-1), length: tokenIds.length, stopReason }).toEqual({
      last: stop,
      length: 4,
      stopReason: stop,
    });
  });
});

describe("in a batch", () => {
  it("each request has its own grammar, some have none, and log-probabilities come with it", async () => {
    await using llm = await ContinuousBatchingPipeline.load(await chainModel({ text: ALPHABET, loop: true }));
    const asked = ["a{7}", "[0-9]{3}", "[a-z]{12}", "(ab|xy){2}"].flatMap((value) => [
      llm.generate("c", { ...regex(value), logprobs: 1 }),
      llm.generate("c", { ...RAW, maxNewTokens: 20 }),
    ]);
    const results = await Promise.all(asked);
    expect(results.map(({ text }) => text.length)).toEqual([7, 20, 3, 20, 12, 20, 4, 20]);
    expect(results[0]?.text).toBe("aaaaaaa");
    expect(results[4]?.text).toBe("defghijklmno");
    expect(results[4]?.logprobs).toHaveLength(13);
    for (const { text } of results.filter((_, i) => i % 2 === 1)) expect(text).toBe("defghijklmnopqrstuvw");
  });

  it("an abort in the middle of a grammar leaves the others as they are", async () => {
    await using llm = await ContinuousBatchingPipeline.load(await chainModel({ text: ALPHABET, loop: true }));
    const controller = new AbortController();
    const aborted = llm.stream("c", { ...regex("[a-z]*"), signal: controller.signal });
    const other = llm.generate("c", regex("[a-z]{40}"));
    await aborted.next();
    controller.abort();
    await expect(aborted.result).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect((await other).text).toHaveLength(40);
  });
});
