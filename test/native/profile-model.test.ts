import { beforeAll, describe, expect, it } from "vitest";
import type { InferenceFacts, PhaseProfile } from "../../lib/host/kernels/inference-facts.js";
import type { IsaLimit } from "../../lib/host/kernels/isa-limit.js";
import { isaSteps } from "../../lib/host/kernels/isa-limit.js";
import { profileModel, type ProfileOptions } from "../../lib/host/kernels/profile-model.js";
import { openBinding } from "../../lib/native/binding.js";
import { AbortError } from "../../lib/errors/errors.js";
import { openModel } from "../../lib/models/open.js";
import { chainModel, temporaryFolder } from "../helpers/chain.js";
import { demand, need } from "../helpers/needs.js";

const MODELS = [
  ["the chain model", () => chainModel()],
  ["SmolLM2", () => Promise.resolve("smollm2-135m-instruct")],
] as const;

/** What profiles a model with a prompt of 32 tokens, and four sequences at once. */
async function optionsFor(model: string): Promise<ProfileOptions> {
  const { dir, vocabSize } = await openModel(model);
  return {
    path: dir,
    device: "CPU",
    properties: {},
    promptTokens: 32,
    sequences: 4,
    vocabSize,
    modelBytes: 0,
  };
}

async function profile(model: string, changes: Partial<ProfileOptions> = {}): Promise<InferenceFacts> {
  const inference = await profileModel({ ...(await optionsFor(model)), ...changes });
  if (!inference.ok) throw new Error(inference.message);
  return inference;
}

function phasesOf({ phases }: InferenceFacts): PhaseProfile[] {
  const { prefill, decode, batchDecode } = phases;
  return batchDecode === null ? [prefill, decode] : [prefill, decode, batchDecode];
}

describe.each(MODELS)("the kernels of %s", (name, modelOf) => {
  let model: string;
  let facts: InferenceFacts;

  beforeAll(async () => {
    model = await modelOf();
    facts = await profile(model);
  });

  it("have shares of the time that add up to 1 in each phase", () => {
    expect(phasesOf(facts).map(({ tokens }) => tokens)).toEqual([32, 1, 4]);
    for (const { kernels, totalMs } of phasesOf(facts)) {
      const shares = kernels.map(({ timeShare }) => timeShare);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
      expect(shares).toEqual(shares.toSorted((a, b) => b - a));
      expect(totalMs).toBeGreaterThan(0);
    }
  });

  it("are those of the graph that GenAI runs, weight layers and paged attention among them", () => {
    expect(facts.graph).toBe("paged");
    for (const { kernels } of phasesOf(facts)) {
      const types = kernels.map(({ nodeType }) => nodeType);
      expect(types).toContainEqual(expect.stringMatching(/^FullyConnected/));
      expect(types).toContain("PagedAttentionExtension");
    }
  });

  it("come with what is in force, which the compiled model reports", () => {
    expect(facts.inForce.inferencePrecision).toMatch(/^(f32|bf16|f16)$/);
    expect(facts.inForce.kvCachePrecision).toMatch(/^(u8|f16|bf16|f32)$/);
    expect(facts.inForce.inferenceThreads).toBeGreaterThan(0);
    expect(facts.oneDnnVersion).toMatch(/^\d+\.\d+/);
    expect(facts.isaLimit).toBeNull();
  });

  it("follow the properties of the run", async () => {
    const properties = {
      INFERENCE_PRECISION_HINT: "f32",
      KV_CACHE_PRECISION: "f32",
      CACHE_DIR: temporaryFolder(),
    };
    const { inForce, phases } = await profile(model, { properties, sequences: 1 });
    expect(inForce).toMatchObject({ inferencePrecision: "f32", kvCachePrecision: "f32" });
    expect(phases.batchDecode).toBeNull();
    expect(phases.decode.kernels.every(({ kernel }) => !kernel.endsWith("_bf16"))).toBe(true);
  });

  it("stay within a limit of the instruction set", async (context) => {
    const limits: IsaLimit[] = isaSteps(openBinding().core.cpuFeatures());
    demand(context, need("a processor with more than AVX2", limits.includes("AVX2")));
    const properties = { INFERENCE_PRECISION_HINT: "f32", DYNAMIC_QUANTIZATION_GROUP_SIZE: 0 };
    const limited = await profile(model, { isa: "AVX2", properties });
    expect(limited.isaLimit).toBe("AVX2");
    expect(limited.instructionSet).toBe("avx2");
    expect(limited.detected).toMatch(/AVX2$/);
    const layers = phasesOf(limited).flatMap(({ kernels }) =>
      kernels.filter(({ nodeType }) => /^(FullyConnected|MatMul)/.test(nodeType)),
    );
    expect(layers.length).toBeGreaterThan(0);
    for (const { kernel } of layers) expect(kernel).not.toContain("avx512");
    if (name === "SmolLM2") expect(layers.map(({ kernel }) => kernel)).toContain("brgemm_avx2_f32");
  });
});

describe("a profile that comes to nothing says why", () => {
  it("for a folder that is no model", async () => {
    const options = { ...(await optionsFor(await chainModel())), path: temporaryFolder() };
    const inference = await profileModel(options);
    expect(inference).toMatchObject({
      ok: false,
      message: expect.stringMatching(/openvino_model\.xml/) as string,
    });
  });

  it("for a property that the plugin does not know", async () => {
    const options = { ...(await optionsFor(await chainModel())), properties: { NO_SUCH_PROPERTY: "1" } };
    const inference = await profileModel(options);
    expect(inference).toMatchObject({
      ok: false,
      message: expect.stringMatching(/NO_SUCH_PROPERTY/) as string,
    });
  });

  it("and rejects when it is aborted", async () => {
    const controller = new AbortController();
    const profiling = profileModel({ ...(await optionsFor(await chainModel())), signal: controller.signal });
    controller.abort();
    await expect(profiling).rejects.toBeInstanceOf(AbortError);
  });
});
