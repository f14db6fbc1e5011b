import { describe, expect, it } from "vitest";
import type { NativeGatedMlp } from "../../../lib/native/native-plugin.js";
import { engineFaults, mayFuseMlps, type GuardedModel } from "../../../lib/engine-guard/engine-faults.js";
import { settingsOf, type PluginSettings } from "../../../lib/engine-guard/plugin-settings.js";

const AMX = "Intel AVX10.1 and Intel AMX with bfloat16 and 8-bit integer support";
const AMX_FP16 = "Intel AVX10.1 and Intel AMX with float16, bfloat16 and 8-bit integer support";
const WHOLE_ROW = "18446744073709551615";

function settings(
  given: { threads?: number; isa?: string; properties?: Record<string, string> } = {},
): PluginSettings {
  const { threads = 2, isa = AMX, properties = {} } = given;
  return settingsOf({
    threadsPerStream: threads,
    properties: {
      INFERENCE_PRECISION_HINT: "bf16",
      INFERENCE_NUM_THREADS: String(threads),
      NUM_STREAMS: "1",
      KV_CACHE_PRECISION: "u8",
      DYNAMIC_QUANTIZATION_GROUP_SIZE: "32",
      RUNTIME_REQUIREMENTS: `meta=1.0;ov=2026.4.1;isa=${isa}`,
      ...properties,
    },
  });
}

function model(
  mlp: Partial<NativeGatedMlp> | null = {},
  graph: GuardedModel["graph"] = "paged",
): GuardedModel {
  const whole: NativeGatedMlp = {
    hiddenSize: 128,
    intermediateSize: 256,
    gateUpWeights: "f16",
    downWeights: "f16",
    isCombined: false,
    count: 1,
    ...mlp,
  };
  return { graph, mlps: mlp === null ? [] : [whole] };
}

const problems = (...args: Parameters<typeof engineFaults>): string[] =>
  engineFaults(...args).map(({ problem }) => problem);

describe("what oneDNN may use is read from the plugin's own words", () => {
  const none = { vnni: false, bf16: false, amx: false, amxFp16: false };
  it.each([
    ["Intel AVX2", none],
    ["Intel AVX2 with Intel DL Boost", { ...none, vnni: true }],
    ["Intel AVX-512 with AVX512BW, AVX512VL, and AVX512DQ extensions", none],
    ["Intel AVX-512 with Intel DL Boost", { ...none, vnni: true }],
    ["Intel AVX-512 with Intel DL Boost and bfloat16 support", { ...none, vnni: true, bf16: true }],
    ["Intel AVX 10.1", { ...none, vnni: true, bf16: true }],
    [AMX, { vnni: true, bf16: true, amx: true, amxFp16: false }],
    [AMX_FP16, { vnni: true, bf16: true, amx: true, amxFp16: true }],
  ])("%s", (isa, expected) => {
    expect(settings({ isa }).instructions).toEqual(expected);
  });

  it("keeps what is a setting", () => {
    expect(settings().properties.has("RUNTIME_REQUIREMENTS")).toBe(false);
    expect(settings().properties.get("KV_CACHE_PRECISION")).toBe("u8");
  });
});

describe("the AMX kernel of feed-forward layers", () => {
  it("is made in bf16 with AMX, and in f16 with AMX FP16", () => {
    const f16 = { INFERENCE_PRECISION_HINT: "f16" };
    const f32 = { INFERENCE_PRECISION_HINT: "f32" };
    expect(mayFuseMlps(settings())).toBe(true);
    expect(mayFuseMlps(settings({ properties: f16 }))).toBe(false);
    expect(mayFuseMlps(settings({ isa: AMX_FP16, properties: f16 }))).toBe(true);
    expect(mayFuseMlps(settings({ properties: f32 }))).toBe(false);
    expect(mayFuseMlps(settings({ isa: "Intel AVX 10.1" }))).toBe(false);
  });

  it("runs with two threads", () => {
    expect(engineFaults(settings(), model())).toEqual([]);
  });

  it.each([
    ["INFERENCE_NUM_THREADS 1", {}, /an inference has one \(INFERENCE_NUM_THREADS 1\)/],
    ["two streams", { INFERENCE_NUM_THREADS: "2", NUM_STREAMS: "2" }, /2 threads are shared by 2 streams/],
    ["no streams", { INFERENCE_NUM_THREADS: "0", NUM_STREAMS: "0" }, /NUM_STREAMS 0/],
  ])("ends the process with one thread: %s", (_, properties, why) => {
    const [fault, ...others] = engineFaults(settings({ threads: 1, properties }), model());
    expect(others).toEqual([]);
    expect(fault?.problem).toMatch(/SIGFPE/);
    expect(fault?.problem).toMatch(why);
    expect(fault?.cure).toMatch(/INFERENCE_PRECISION_HINT to "f32".*two threads/);
  });

  it.each(["f32", "f16", "bf16"] as const)("takes %s weights", (weights) => {
    const mlp = { gateUpWeights: weights, downWeights: weights };
    expect(problems(settings({ threads: 1 }), model(mlp))).toHaveLength(1);
  });

  it("does not take 8-bit weights unless activations are quantised by whole rows", () => {
    const int8 = model({ gateUpWeights: "i8", downWeights: "i8" });
    const group = (size: string) =>
      settings({ threads: 1, properties: { DYNAMIC_QUANTIZATION_GROUP_SIZE: size } });
    expect(problems(group("32"), int8)).toEqual([]);
    expect(problems(group("255"), int8)).toEqual([]);
    expect(problems(group("256"), int8)).toHaveLength(1);
    expect(problems(group(WHOLE_ROW), int8)).toHaveLength(1);
    const down16 = model({ gateUpWeights: "i8" });
    expect(problems(group("127"), down16)).toEqual([]);
    expect(problems(group("128"), down16)).toHaveLength(1);
  });

  it("takes one matrix for gate and up in f16, or in 8 bits before 16-bit weights", () => {
    const rows = { DYNAMIC_QUANTIZATION_GROUP_SIZE: WHOLE_ROW };
    const faults = (mlp: Partial<NativeGatedMlp>) =>
      problems(settings({ threads: 1, properties: rows }), model({ isCombined: true, ...mlp })).length;
    expect(faults({})).toBe(1);
    expect(faults({ gateUpWeights: "i8" })).toBe(1);
    expect(faults({ gateUpWeights: "i8", downWeights: "i8" })).toBe(0);
    expect(faults({ gateUpWeights: "f32", downWeights: "f32" })).toBe(0);
    expect(faults({ gateUpWeights: "bf16", downWeights: "bf16" })).toBe(0);
  });

  it("takes only whole blocks of rows", () => {
    const one = settings({ threads: 1 });
    expect(problems(one, model({ intermediateSize: 48 }))).toEqual([]);
    expect(problems(one, model({ hiddenSize: 304 }))).toEqual([]);
    expect(problems(one, model({ hiddenSize: 288 }))).toHaveLength(1);
  });

  it("ends the process for one block of rows", () => {
    expect(problems(settings(), model({ intermediateSize: 32 }))).toEqual([expect.stringMatching(/SIGSEGV/)]);
    expect(problems(settings(), model({ intermediateSize: 64 }))).toEqual([]);
    const rows = { DYNAMIC_QUANTIZATION_GROUP_SIZE: WHOLE_ROW };
    const int8 = { gateUpWeights: "i8", downWeights: "i8", intermediateSize: 64 } as const;
    expect(problems(settings({ properties: rows }), model(int8))).toEqual([expect.stringMatching(/SIGSEGV/)]);
  });

  it("refuses sizes that are no multiple of its blocks", () => {
    const properties = { DYNAMIC_QUANTIZATION_GROUP_SIZE: WHOLE_ROW };
    const int8 = { gateUpWeights: "i8", downWeights: "i8" } as const;
    const refused = [expect.stringMatching(/refuses/)];
    expect(problems(settings({ properties }), model({ ...int8, intermediateSize: 96 }))).toEqual(refused);
    expect(problems(settings({ properties }), model({ ...int8, hiddenSize: 288 }))).toEqual(refused);
    expect(problems(settings(), model({ isCombined: true, intermediateSize: 48 }))).toEqual(refused);
  });

  it("has no part in f32", () => {
    const f32 = settings({ threads: 1, properties: { INFERENCE_PRECISION_HINT: "f32" } });
    expect(engineFaults(f32, model({ intermediateSize: 32 }))).toEqual([]);
  });
});

describe("precisions", () => {
  const f16 = settings({ properties: { INFERENCE_PRECISION_HINT: "f16" } });

  it("f16 answers nonsense where text is generated", () => {
    expect(problems(f16, model(null))).toEqual([expect.stringMatching(/wrong answers in f16/)]);
    // There it is right, or the plugin says what it lacks.
    expect(problems(f16, model(null, "stateful"))).toEqual([]);
    expect(problems(f16, model(null, "encoder"))).toEqual([]);
  });

  it("bf16 fails where oneDNN must not use it", () => {
    const limited = settings({ isa: "Intel AVX2" });
    const [fault] = engineFaults(limited, model(null));
    expect(fault?.problem).toMatch(/ONEDNN_MAX_CPU_ISA/);
    expect(fault?.cure).toMatch(/DYNAMIC_QUANTIZATION_GROUP_SIZE to 0/);
    const [withVnni] = engineFaults(settings({ isa: "Intel AVX-512 with Intel DL Boost" }), model(null));
    expect(withVnni?.cure).not.toMatch(/DYNAMIC_QUANTIZATION/);
  });

  it.each([
    ["bf16", "f32", false],
    ["bf16", "bf16", true],
    ["bf16", "f16", true],
    ["f32", "f32", true],
    ["f32", "f16", true],
    ["f32", "bf16", false],
    ["dynamic", "f32", true],
    ["f32", "u4", false],
    ["bf16", "u8", true],
  ])("inference in %s with a cache in %s", (precision, cache, isRight) => {
    const given = settings({
      properties: { INFERENCE_PRECISION_HINT: precision, KV_CACHE_PRECISION: cache },
    });
    expect(engineFaults(given, model(null))).toHaveLength(isRight ? 0 : 1);
    expect(engineFaults(given, model(null, "encoder"))).toEqual([]);
  });

  it("a cache in u4 corrupts memory where it is paged, and is wrong for beams where it is not", () => {
    const u4 = settings({ properties: { KV_CACHE_PRECISION: "u4" } });
    expect(problems(u4, model(null))).toEqual([expect.stringMatching(/corrupts the memory/)]);
    expect(problems(u4, model(null, "stateful"))).toEqual([expect.stringMatching(/wrong beams/)]);
    const keys = settings({ properties: { KEY_CACHE_PRECISION: "u4" } });
    expect(problems(keys, model(null))).toHaveLength(1);
  });
});
