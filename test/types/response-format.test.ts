import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import type {
  CallOptions,
  GenerationResult,
  InferJsonSchema,
  LLMPipeline,
  ResponseFormat,
  StandardSchema,
  Tokenizer,
} from "../../lib/index.js";

// Checked by `tsc -p test/tsconfig.json`, which lint runs; at run time these calls do nothing.
declare const llm: LLMPipeline;
declare const tokenizer: Tokenizer;
const never = (): boolean => false;

test("object has the type of the schema", async () => {
  const zod = z.object({ name: z.string(), tags: z.array(z.number()).optional() });
  const transformed = z.string().transform((text) => text.length);
  if (never()) {
    const one = await llm.generate("x", { responseFormat: { type: "json", schema: zod } });
    expectTypeOf(one.object).toEqualTypeOf<{ name: string; tags?: number[] | undefined } | undefined>();
    const two = await llm.generate("x", { responseFormat: { type: "json", schema: transformed } });
    expectTypeOf(two.object).toEqualTypeOf<number | undefined>();
    const three = await llm.stream("x", {
      temperature: 0,
      responseFormat: {
        type: "json",
        schema: {
          type: "object",
          properties: {
            a: { type: "integer" },
            b: { enum: ["x", "y"] },
            c: { items: { type: "null" }, type: "array" },
          },
          required: ["a"],
        },
      },
    }).result;
    expectTypeOf(three.object).toEqualTypeOf<{ a: number; b?: "x" | "y"; c?: null[] } | undefined>();
  }
});

test("object is nothing where there is no JSON, and unknown where the schema is", async () => {
  if (never()) {
    expectTypeOf((await llm.generate("x")).object).toEqualTypeOf<undefined>();
    const regex = await llm.generate("x", { responseFormat: { type: "regex", value: "a" } });
    expectTypeOf(regex.object).toEqualTypeOf<undefined>();
    expectTypeOf((await llm.generate("x", { responseFormat: { type: "json" } })).object).toBeUnknown();
    const options: CallOptions = {};
    expectTypeOf((await llm.generate("x", options)).object).toBeUnknown();
    expectTypeOf<GenerationResult["object"]>().toBeUnknown();
  }
});

test("a JSON Schema that is written out is read", () => {
  expectTypeOf<InferJsonSchema<{ type: ["string", "null"] }>>().toEqualTypeOf<string | null>();
  expectTypeOf<InferJsonSchema<{ anyOf: [{ const: 1 }, { type: "boolean" }] }>>().toEqualTypeOf<
    1 | boolean
  >();
  expectTypeOf<InferJsonSchema<{ type: "object" }>>().toEqualTypeOf<Record<string, unknown>>();
  expectTypeOf<InferJsonSchema<{ $ref: "#" }>>().toBeUnknown();
  expectTypeOf<InferJsonSchema<Record<string, unknown>>>().toBeUnknown();
});

test("formats have their fields and no others", () => {
  expectTypeOf(z.string()).toExtend<StandardSchema>();
  // @ts-expect-error a regular expression is text
  void ({ type: "regex", value: /a/ } satisfies ResponseFormat);
  // @ts-expect-error a schema is no text
  void ({ type: "json", schema: "{}" } satisfies ResponseFormat);
  // @ts-expect-error an unknown type
  void ({ type: "yaml" } satisfies ResponseFormat);
});

test("a tokenizer gives ids for a text, and rows for several", async () => {
  if (never()) {
    expectTypeOf(await tokenizer.encode("x")).toEqualTypeOf<Int32Array>();
    expectTypeOf((await tokenizer.encode(["x"])).tokenIds).toEqualTypeOf<readonly Int32Array[]>();
    expectTypeOf((await tokenizer.encode([["x", "y"]])).attentionMask).toEqualTypeOf<readonly Int32Array[]>();
    expectTypeOf(await tokenizer.decode([1])).toEqualTypeOf<string>();
    expectTypeOf(await tokenizer.decode([[1], new Int32Array(1)])).toEqualTypeOf<string[]>();
    // @ts-expect-error no bigints
    await tokenizer.decode([1n]);
    void llm.generate({ tokenIds: await tokenizer.encode("x") });
  }
});
