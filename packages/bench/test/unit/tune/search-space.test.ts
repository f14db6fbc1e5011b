import { describe, expect, it } from "vitest";
import { searchSpace, type SearchSpaceFacts } from "../../../lib/tune/search-space.js";
import {
  changed,
  DEFAULT_SETTINGS,
  settingsText,
  type TunedSettings,
} from "../../../lib/tune/search/settings.js";

const AMX: SearchSpaceFacts = {
  inForce: {
    INFERENCE_PRECISION_HINT: "bf16",
    DYNAMIC_QUANTIZATION_GROUP_SIZE: "32",
    KV_CACHE_PRECISION: "u8",
    INFERENCE_NUM_THREADS: "8",
    ENABLE_CPU_PINNING: "YES",
    ENABLE_HYPER_THREADING: "NO",
  },
  flags: ["amx_bf16", "amx_int8", "amx_tile", "avx512_bf16", "avx512_fp16"],
  cores: 8,
  threads: 16,
  levels: [1, 8],
  inputLength: 128,
  isRandom: true,
};
const AVX2: SearchSpaceFacts = {
  ...AMX,
  inForce: { ...AMX.inForce, INFERENCE_PRECISION_HINT: "f32" },
  flags: ["avx2"],
  threads: 8,
};

function candidates(
  facts: SearchSpaceFacts,
  stage: string,
  base: TunedSettings = DEFAULT_SETTINGS,
): string[] {
  const found = searchSpace(facts).stages.find(({ name }) => name === stage);
  return (found?.candidates(base) ?? []).map(settingsText);
}

const HINT = "INFERENCE_PRECISION_HINT";
const GROUP = "DYNAMIC_QUANTIZATION_GROUP_SIZE";

describe("the search space", () => {
  it("tries dynamic quantisation in f32 where AMX multiplies in bf16, and f16 where there is some", () => {
    expect(candidates(AMX, "arithmetic")).toEqual([
      `${HINT} f32`,
      `${GROUP} 64, ${HINT} f32`,
      `${GROUP} 128, ${HINT} f32`,
      `${HINT} f16`,
    ]);
  });

  it("tries other groups where f32 is the default, and no precision that the processor has not", () => {
    expect(candidates(AVX2, "arithmetic")).toEqual([`${GROUP} 64, ${HINT} f32`, `${GROUP} 128, ${HINT} f32`]);
  });

  it("tries bf16 where f32 is the default and AMX is there, and groups in bf16 where it is not", () => {
    const inForce = { ...AMX.inForce, [HINT]: "f32", [GROUP]: "128" };
    expect(candidates({ ...AMX, inForce }, "arithmetic")).toEqual([
      `${GROUP} 32, ${HINT} f32`,
      `${GROUP} 64, ${HINT} f32`,
      `${HINT} bf16`,
      `${HINT} f16`,
    ]);
    expect(candidates({ ...AMX, flags: ["avx512_bf16"] }, "arithmetic")).toEqual([
      `${HINT} f32`,
      `${GROUP} 64, ${HINT} f32`,
      `${GROUP} 128, ${HINT} f32`,
      `${GROUP} 64, ${HINT} bf16`,
      `${GROUP} 128, ${HINT} bf16`,
    ]);
  });

  it("tries types of the cache that go with the precision that was found", () => {
    expect(candidates(AMX, "key-value cache")).toEqual(["KV_CACHE_PRECISION f16", "KV_CACHE_PRECISION bf16"]);
    const f32 = changed(DEFAULT_SETTINGS, { properties: { [HINT]: "f32" } });
    expect(candidates(AMX, "key-value cache", f32)).toEqual([
      `${HINT} f32, KV_CACHE_PRECISION f16`,
      `${HINT} f32, KV_CACHE_PRECISION f32`,
    ]);
  });

  it("tries other numbers of threads, other pinning, and hyper-threading where there is some", () => {
    expect(candidates(AMX, "threads")).toEqual([
      "INFERENCE_NUM_THREADS 4",
      "INFERENCE_NUM_THREADS 16",
      "ENABLE_CPU_PINNING false",
      "ENABLE_HYPER_THREADING true",
    ]);
    expect(candidates(AVX2, "threads")).toEqual(["INFERENCE_NUM_THREADS 4", "ENABLE_CPU_PINNING false"]);
  });

  it("tries steps of the scheduler up to one that holds all prompts", () => {
    expect(candidates(AMX, "scheduler")).toEqual([
      "maxNumBatchedTokens 128",
      "maxNumBatchedTokens 512",
      "maxNumBatchedTokens 1024",
      "maxNumSeqs 4",
      "dynamicSplitFuse false",
    ]);
    expect(candidates({ ...AMX, levels: [1] }, "scheduler")).toEqual([]);
    expect(candidates({ ...AMX, levels: [1], inputLength: 300 }, "scheduler")).toEqual([
      "maxNumBatchedTokens 128",
      "maxNumBatchedTokens 512",
    ]);
  });

  it("tries LLMPipeline and prompt lookup where they make sense, and else says why not", () => {
    expect(candidates(AMX, "pipeline")).toEqual([]);
    expect(searchSpace(AMX).leftOut).toHaveLength(2);
    const alone = { ...AMX, levels: [1], isRandom: false };
    const base = changed(DEFAULT_SETTINGS, { scheduler: { maxNumBatchedTokens: 512 } });
    expect(candidates(alone, "pipeline", base)).toEqual(["LLMPipeline", "promptLookup"]);
    expect(searchSpace(alone).leftOut).toEqual([]);
  });
});
