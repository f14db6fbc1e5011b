import { describe, expect, it } from "vitest";
import {
  checkContext,
  checkEmbeddingLoadOptions,
  checkRerankLoadOptions,
  checkTexts,
} from "../../../lib/embeddings/text-model-options.js";

const embedding = (options: object) => () => checkEmbeddingLoadOptions(options);
const rerank = (options: object) => () => checkRerankLoadOptions(options);

describe("load options", () => {
  it("have GenAI's defaults", () => {
    expect(checkEmbeddingLoadOptions({})).toEqual({
      device: "CPU",
      nativeProperties: [],
      maxLength: 0,
      padToMaxLength: false,
      paddingSide: undefined,
      poolingType: "cls",
      normalize: true,
      batchSize: 0,
      queryInstruction: "",
      embedInstruction: "",
      signal: undefined,
    });
    expect(checkRerankLoadOptions({})).toMatchObject({ device: "CPU", maxLength: 0, topN: 3 });
  });

  it("are taken as they are", () => {
    const { signal } = new AbortController();
    const options = {
      device: "GPU",
      maxLength: 8,
      padToMaxLength: true,
      paddingSide: "left",
      poolingType: "lastToken",
      normalize: false,
      batchSize: 65_536,
      queryInstruction: "query: ",
      embedInstruction: "passage: ",
      signal,
    } as const;
    const properties = { INFERENCE_NUM_THREADS: 2 };
    expect(checkEmbeddingLoadOptions({ ...options, properties })).toEqual({
      ...options,
      nativeProperties: [["INFERENCE_NUM_THREADS", "2"]],
    });
    expect(checkRerankLoadOptions({ topN: 2 ** 31 - 1 })).toMatchObject({ topN: 2 ** 31 - 1 });
  });

  it.each([
    ["no object", embedding("x" as unknown as object), TypeError, /an object for options/],
    ["an unknown name", embedding({ pooling: "cls" }), TypeError, /poolingType/],
    ["GenAI's own spelling", embedding({ max_length: 8 }), TypeError, /Did you mean maxLength/],
    ["an option of the other one", rerank({ poolingType: "cls" }), TypeError, /a known option/],
    ["an option of the other one", embedding({ topN: 1 }), TypeError, /a known option/],
    [
      "a pooling that GenAI does not have",
      embedding({ poolingType: "max" }),
      TypeError,
      /"cls", "mean" or "lastToken"/,
    ],
    ["no boolean", embedding({ normalize: 1 }), TypeError, /a boolean for options.normalize/],
    ["a batch of none", embedding({ batchSize: 0 }), RangeError, /from 1 to 65536/],
    ["half a batch", embedding({ batchSize: 1.5 }), RangeError, /an integer/],
    ["a length without room for special tokens", rerank({ maxLength: 7 }), RangeError, /from 8/],
    ["a length that is no number", rerank({ maxLength: "64" }), TypeError, /options.maxLength/],
    ["filling up to no length", rerank({ padToMaxLength: true }), TypeError, /with padToMaxLength/],
    ["another side", rerank({ paddingSide: "both" }), TypeError, /"left" or "right"/],
    ["the first token beside a filling", embedding({ paddingSide: "left" }), TypeError, /is padding/],
    [
      "an instruction with a lone surrogate",
      embedding({ queryInstruction: "\ud800" }),
      TypeError,
      /lone surrogates/,
    ],
    ["an instruction that is no text", embedding({ embedInstruction: 5 }), TypeError, /a string/],
    ["no device", rerank({ device: "" }), TypeError, /the name of a device/],
    ["no signal", rerank({ signal: {} }), TypeError, /an AbortSignal/],
    [
      "GenAI's options among the properties",
      embedding({ properties: { max_length: 8 } }),
      TypeError,
      /an option of the pipeline/,
    ],
    [
      "GenAI's options among the properties",
      rerank({ properties: { top_n: 8 } }),
      TypeError,
      /an option of the pipeline/,
    ],
    ["a property that is an object", rerank({ properties: { NUM_STREAMS: {} } }), TypeError, /NUM_STREAMS/],
    ["best of none", rerank({ topN: 0 }), RangeError, /options.topN/],
  ])("refuse %s", (_, check, type, message) => {
    expect(check).toThrow(type);
    expect(check).toThrow(message);
  });
});

describe("texts", () => {
  it("are copied and named by their place where they are refused", () => {
    const texts = ["a", "b"];
    expect(checkTexts("texts", texts)).toEqual(texts);
    expect(checkTexts("texts", texts)).not.toBe(texts);
    expect(() => checkTexts("texts", ["a", ""])).toThrow(/for texts\[1\] but received ""/);
  });
});

describe("the context", () => {
  it("bounds the length where it is known", () => {
    expect(() => checkContext(512, 512)).not.toThrow();
    expect(() => checkContext(2 ** 20, null)).not.toThrow();
    expect(() => checkContext(513, 512)).toThrow(RangeError);
  });
});
