import { describe, expect, it } from "vitest";
import { normalizeProperties } from "../../../lib/options/properties.js";

describe("normalizeProperties", () => {
  it("gives every value as the string that OpenVINO reads", () => {
    expect(
      normalizeProperties({
        INFERENCE_NUM_THREADS: 2,
        ENABLE_CPU_PINNING: true,
        ENABLE_HYPER_THREADING: false,
        INFERENCE_PRECISION_HINT: "f32",
        CPU_SPARSE_WEIGHTS_DECOMPRESSION_RATE: 0.5,
        CACHE_DIR: undefined,
      }),
    ).toEqual([
      ["INFERENCE_NUM_THREADS", "2"],
      ["ENABLE_CPU_PINNING", "YES"],
      ["ENABLE_HYPER_THREADING", "NO"],
      ["INFERENCE_PRECISION_HINT", "f32"],
      ["CPU_SPARSE_WEIGHTS_DECOMPRESSION_RATE", "0.5"],
    ]);
  });

  it("writes integers without an exponent, which OpenVINO would not read", () => {
    expect(normalizeProperties({ N: 1e21, M: -0 })).toEqual([
      ["N", "1000000000000000000000"],
      ["M", "0"],
    ]);
  });

  it("takes nothing as no properties", () => {
    expect(normalizeProperties(undefined)).toEqual([]);
    expect(normalizeProperties({})).toEqual([]);
  });

  it.each([null, "LATENCY", 4, [["A", "b"]]])("refuses %j in place of an object", (value) => {
    expect(() => normalizeProperties(value)).toThrow(TypeError);
    expect(() => normalizeProperties(value)).toThrow("an object for properties");
  });

  it.each([null, {}, [1], 1n, Symbol("x"), () => 1])("refuses %o as a value", (value) => {
    expect(() => normalizeProperties({ A: "ok", NUM_STREAMS: value })).toThrow(TypeError);
    expect(() => normalizeProperties({ A: "ok", NUM_STREAMS: value })).toThrow("for properties.NUM_STREAMS");
  });

  it.each([NaN, Infinity, -Infinity])("refuses %d as out of range", (value) => {
    expect(() => normalizeProperties({ NUM_STREAMS: value })).toThrow(RangeError);
  });

  it("refuses text that is not well-formed, and an empty name", () => {
    expect(() => normalizeProperties({ CACHE_DIR: "\ud800" })).toThrow("properties.CACHE_DIR");
    expect(() => normalizeProperties({ "\ud800": "a" })).toThrow(TypeError);
    expect(() => normalizeProperties({ "": "a" })).toThrow(RangeError);
  });
});
