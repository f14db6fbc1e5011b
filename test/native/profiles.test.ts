import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkModel } from "../../lib/doctor/index.js";
import {
  ContinuousBatchingPipeline,
  LLMPipeline,
  type LoadOptions,
  type Profile,
  type Properties,
} from "../../lib/index.js";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { openModel } from "../../lib/models/open.js";
import { PROFILE_WARNING } from "../../lib/profiles/warning.js";
import { profilesDir, writeProfile, writeProfileFile } from "../../lib/profiles/write-profile.js";
import { GEOMETRY } from "../../scripts/engine-matrix/llama.mjs";
import { makeModels, modelName, type ModelSpec } from "../../scripts/engine-matrix/models.mjs";
import { chainModel, temporaryFolder } from "../helpers/chain.js";
import { given, needs } from "../helpers/needs.js";
import { PIPELINES } from "../helpers/pipelines.js";
import { PROFILE } from "../helpers/profile.js";
import { profileHere } from "../helpers/profile-here.js";

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

const PROPERTIES = { INFERENCE_PRECISION_HINT: "f32", KV_CACHE_PRECISION: "f16" } as const;

/** A folder of the chain model's IR, which is this file's own. */
let chain: string;
/** A profile that holds here. */
let fitting: Profile;

const warnings: (Error & { code?: string })[] = [];
const listen = (warning: Error): void => void warnings.push(warning);

beforeAll(async () => {
  const { dir } = await openModel(await chainModel());
  chain = join(temporaryFolder(), "chain");
  await mkdir(chain);
  for (const file of await readdir(dir)) await copyFile(join(dir, file), join(chain, file));
  fitting = await profileHere(chain, { pipeline: "LLMPipeline", properties: PROPERTIES });
});

beforeEach(() => void process.on("warning", listen));
afterEach(() => {
  process.off("warning", listen);
  warnings.length = 0;
});

async function written(profile: Profile): Promise<string> {
  const file = join(temporaryFolder(), "p.json");
  await writeProfileFile(profile, file);
  return file;
}

/** What holds after a load, warnings gathered, and that the model answers. */
async function loaded(options: LoadOptions, model = chain) {
  const llm = await LLMPipeline.load(model, options);
  try {
    expect((await llm.generate("hello")).text).toBe(CHAIN_TEXT);
    return { properties: llm.properties, profile: llm.profile };
  } finally {
    await llm.close();
  }
}

describe.each(PIPELINES)("$name", ({ load }) => {
  it("refuses values that are none", async () => {
    await expect(load(chain, { profile: "" })).rejects.toThrow(/options\.profile/);
    await expect(load(chain, { profile: 1 as never })).rejects.toThrow(/options\.profile/);
    await expect(load(chain, { performanceHint: "LATENCY" as never })).rejects.toThrow(
      /"latency" or "throughput" for options\.performanceHint/,
    );
  });

  it("refuses a file that is no profile, and one that is not there", async () => {
    const file = join(temporaryFolder(), "p.json");
    await expect(load(chain, { profile: file })).rejects.toMatchObject({ code: "ERR_PROFILE" });
    await writeFile(file, "{}");
    await expect(load(chain, { profile: file })).rejects.toMatchObject({
      code: "ERR_PROFILE",
      message: expect.stringContaining("version") as string,
    });
  });
});

describe("a profile that holds", () => {
  it("is applied, and reported", async () => {
    const file = await written(fitting);
    const { properties, profile } = await loaded({ profile: file });
    expect(properties).toMatchObject({
      asked: {},
      chosen: [
        { name: "INFERENCE_PRECISION_HINT", value: "f32", from: "profile" },
        { name: "KV_CACHE_PRECISION", value: "f16", from: "profile" },
      ],
      inForce: { INFERENCE_PRECISION_HINT: "f32", KV_CACHE_PRECISION: "f16" },
    });
    expect(properties.chosen[0]?.reason).toContain(file);
    expect(profile).toEqual({
      file,
      objective: "latency",
      created: PROFILE.created,
      settings: { properties: PROPERTIES, scheduler: {}, promptLookup: false },
    });
    expect(warnings).toEqual([]);
  });

  it("gives way to the load's own properties, one by one", async () => {
    const { properties, profile } = await loaded({
      profile: await written(fitting),
      properties: { KV_CACHE_PRECISION: "u8" },
    });
    expect(properties).toMatchObject({
      asked: { KV_CACHE_PRECISION: "u8" },
      chosen: [{ name: "INFERENCE_PRECISION_HINT" }],
      inForce: { INFERENCE_PRECISION_HINT: "f32", KV_CACHE_PRECISION: "u8" },
    });
    expect(profile?.settings.properties).toEqual({ INFERENCE_PRECISION_HINT: "f32" });
  });

  it("brings scheduler options, and prompt lookup", async () => {
    const scheduler = { maxNumBatchedTokens: 128, maxNumSeqs: 4 };
    const batching = { pipeline: "ContinuousBatchingPipeline", properties: PROPERTIES } as const;
    const limited = await written({ ...fitting, settings: { ...batching, scheduler } });
    const llm = await ContinuousBatchingPipeline.load(chain, {
      profile: limited,
      scheduler: { maxNumSeqs: 2 },
    });
    expect(llm.schedulerConfig()).toMatchObject({ maxNumBatchedTokens: 128, maxNumSeqs: 2 });
    expect(llm.profile?.settings).toMatchObject({ scheduler: { maxNumBatchedTokens: 128 } });
    expect((await llm.generate("hello")).text).toBe(CHAIN_TEXT);
    await llm.close();
    const lookup = await written({ ...fitting, settings: { ...batching, promptLookup: true } });
    const guessing = await ContinuousBatchingPipeline.load(chain, { profile: lookup });
    expect(guessing.profile?.settings.promptLookup).toBe(true);
    expect(guessing.schedulerConfig().maxNumBatchedTokens).toBe(2 ** 31 - 1);
    expect((await guessing.generate("hello")).text).toBe(CHAIN_TEXT);
    await guessing.close();
  });

  it("is taken by the other class as far as that goes, with a warning", async () => {
    const llm = await ContinuousBatchingPipeline.load(chain, { profile: await written(fitting) });
    await llm.close();
    expect(llm.profile?.settings.properties).toEqual(PROPERTIES);
    expect(warnings).toMatchObject([{ code: PROFILE_WARNING, name: "OpenVinoLlmWarning" }]);
    expect(warnings[0]?.message).toContain("measured with LLMPipeline");
  });

  it("is left out where the engine would not stand it beside the load's own properties", async () => {
    const { properties, profile } = await loaded({
      profile: await written({
        ...fitting,
        settings: { pipeline: "LLMPipeline", properties: { INFERENCE_PRECISION_HINT: "f32" } },
      }),
      properties: { KV_CACHE_PRECISION: "bf16" },
    }).catch(async () => {
      // Where there is no bf16 the load itself cannot be.
      await expect(
        LLMPipeline.load(chain, { properties: { KV_CACHE_PRECISION: "bf16" } }),
      ).rejects.toMatchObject({
        code: "ERR_ENGINE_FAULT",
      });
      return { properties: null, profile: null };
    });
    expect(profile?.settings.properties ?? {}).toEqual({});
    expect(properties?.chosen ?? []).toEqual([]);
    if (properties !== null) expect(warnings).toMatchObject([{ code: PROFILE_WARNING }]);
  });
});

describe("a profile that does not hold", () => {
  it.each<[string, (profile: Profile) => Profile, RegExp]>([
    ["graph", (profile) => ({ ...profile, model: PROFILE.model }), /another graph, that of tiny/],
    [
      "processor",
      (profile) => ({ ...profile, cpu: { ...profile.cpu, modelName: "Another" } }),
      /with the processor Another/,
    ],
    [
      "build of GenAI",
      (profile) => ({ ...profile, versions: { ...profile.versions, openvinoGenai: "2027" } }),
      /with OpenVINO GenAI 2027/,
    ],
  ])("is not taken, and a warning says why: another %s", async (_, change, reason) => {
    const file = await written(change(fitting));
    const { properties, profile } = await loaded({ profile: file });
    expect(profile).toBeNull();
    expect(properties).toMatchObject({ asked: {}, chosen: [] });
    expect(warnings).toMatchObject([{ code: PROFILE_WARNING, name: "OpenVinoLlmWarning" }]);
    expect(warnings[0]?.message).toMatch(reason);
    expect(warnings[0]?.message).toContain(file);
  });

  it("is any on a device other than the CPU", async () => {
    const { profile, properties } = await loaded({ device: "AUTO:CPU", profile: await written(fitting) });
    expect(profile).toBeNull();
    expect(properties.chosen).toEqual([]);
    // On AMX a default is corrected too.
    expect(warnings[0]).toMatchObject({ code: PROFILE_WARNING });
  });
});

describe('profile "auto"', () => {
  /** A copy of the model, so that nobody else's profiles lie beside it. */
  async function copied(): Promise<string> {
    const folder = join(temporaryFolder(), "model");
    await mkdir(folder);
    for (const file of await readdir(chain)) await copyFile(join(chain, file), join(folder, file));
    return folder;
  }

  it("takes nothing where there is none, without a word", async () => {
    expect(await loaded({ profile: "auto" }, await copied())).toMatchObject({ profile: null });
    expect(warnings).toEqual([]);
  });

  it("takes the one beside the model that holds here", async () => {
    const model = await copied();
    const file = await writeProfile(fitting, model);
    await writeProfile({ ...fitting, cpu: PROFILE.cpu }, model);
    const { profile } = await loaded({ profile: "auto" }, model);
    expect(profile?.file).toBe(file);
    expect(warnings).toEqual([]);
  });

  it("takes one of the class that loads, then one for the hint, then the newest", async () => {
    const model = await copied();
    const put = async (name: string, change: Partial<Profile>) =>
      writeProfileFile({ ...fitting, ...change }, join(model, `openvino-llm-profile-${name}.json`));
    const taken = async (options: LoadOptions = {}) =>
      basename((await loaded({ ...options, profile: "auto" }, model)).profile?.file ?? "");
    await put("old", { created: "2026-01-01T00:00:00Z" });
    await put("new", { created: "2026-06-01T00:00:00Z" });
    expect(await taken()).toBe("openvino-llm-profile-new.json");
    await put("hint", { created: "2026-02-01T00:00:00Z", objective: "throughput" });
    expect(await taken({ performanceHint: "throughput" })).toBe("openvino-llm-profile-hint.json");
    await put("other", {
      created: "2026-09-01T00:00:00Z",
      settings: { ...fitting.settings, pipeline: "ContinuousBatchingPipeline" },
    });
    expect(await taken()).toBe("openvino-llm-profile-new.json");
  });

  it("looks into the cache too", async () => {
    const model = await copied();
    const folder = profilesDir(fitting.model.graphSha256);
    await mkdir(folder, { recursive: true });
    const file = join(folder, `openvino-llm-profile-test-${process.pid}.json`);
    await writeProfileFile(fitting, file);
    try {
      expect((await loaded({ profile: "auto" }, model)).profile?.file).toBe(file);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("passes over what is no profile, and reports those that do not hold", async () => {
    const model = await copied();
    await writeFile(join(model, "openvino-llm-profile.json"), "{");
    await writeProfile({ ...fitting, cpu: PROFILE.cpu }, model);
    expect((await loaded({ profile: "auto" }, model)).profile).toBeNull();
    expect(warnings.map(({ code }) => code)).toEqual([PROFILE_WARNING, PROFILE_WARNING]);
    expect(warnings[0]?.message).toContain("openvino-llm-profile.json: Expected JSON");
    expect(warnings[1]?.message).toContain("Some Processor");
  });
});

describe("hints by processor and format", () => {
  const base = { ...GEOMETRY, hidden: 256, intermediate: 256 };
  const FORMATS = ["i8:row", "u4:128", "u4:64", "u4:32", "f16"] as const;
  const specs = FORMATS.map((format): ModelSpec => ({ base, format, variants: [] }));
  let root: string;
  beforeAll(async () => {
    root = temporaryFolder();
    await makeModels(root, specs);
  });
  const modelOf = (format: (typeof FORMATS)[number]) => join(root, modelName({ base, format, variants: [] }));

  async function chosenFor(format: (typeof FORMATS)[number], options: LoadOptions = {}) {
    const llm = await LLMPipeline.load(modelOf(format), options);
    await llm.close();
    const { chosen, inForce } = llm.properties;
    return { chosen: chosen.map(({ name, value, from }) => `${from} ${name}=${value}`), inForce };
  }

  const dynamic = (group: number) => [
    "performanceHint INFERENCE_PRECISION_HINT=f32",
    `performanceHint DYNAMIC_QUANTIZATION_GROUP_SIZE=${group}`,
  ];

  it.each<[(typeof FORMATS)[number], string[]]>([
    ["i8:row", dynamic(128)],
    ["u4:128", dynamic(128)],
    ["u4:64", dynamic(64)],
    ["u4:32", dynamic(32)],
    ["f16", []],
  ])("%s on AMX", given(needs.amx), async (format, latency) => {
    const plain = await chosenFor(format);
    expect(plain.chosen).toEqual([]);
    expect(plain.inForce).toMatchObject({ INFERENCE_PRECISION_HINT: "bf16" });
    const hinted = await chosenFor(format, { performanceHint: "latency" });
    expect(hinted.chosen).toEqual(latency);
    const group = latency[1]?.split("=")[1];
    if (group !== undefined) expect(hinted.inForce?.["DYNAMIC_QUANTIZATION_GROUP_SIZE"]).toBe(group);
    expect(warnings).toEqual([]);
  });

  it.each<[string, Properties, string[]]>([
    [
      "precision",
      { INFERENCE_PRECISION_HINT: "bf16" },
      ["performanceHint DYNAMIC_QUANTIZATION_GROUP_SIZE=128"],
    ],
    ["group", { DYNAMIC_QUANTIZATION_GROUP_SIZE: 32 }, ["performanceHint INFERENCE_PRECISION_HINT=f32"]],
    ["mode", { EXECUTION_MODE_HINT: "ACCURACY" }, []],
  ])("give way to an explicit %s", given(needs.amx), async (_, properties, latency) => {
    const hinted = await chosenFor("i8:row", { properties, performanceHint: "latency" });
    expect(hinted.chosen).toEqual(latency);
  });

  it("give way to a profile", given(needs.amx), async () => {
    const settings = {
      pipeline: "LLMPipeline",
      properties: { DYNAMIC_QUANTIZATION_GROUP_SIZE: 64 },
    } as const;
    const profile = await written(await profileHere(modelOf("i8:row"), settings));
    expect((await chosenFor("i8:row", { profile })).chosen).toEqual([
      "profile DYNAMIC_QUANTIZATION_GROUP_SIZE=64",
    ]);
    expect((await chosenFor("i8:row", { profile, performanceHint: "latency" })).chosen).toEqual([
      "profile DYNAMIC_QUANTIZATION_GROUP_SIZE=64",
      "performanceHint INFERENCE_PRECISION_HINT=f32",
    ]);
  });

  it("are none for what the engine would not stand", given(needs.amx), async () => {
    const properties = { KV_CACHE_PRECISION: "bf16" };
    expect((await chosenFor("i8:row", { properties })).chosen).toEqual([]);
    expect(warnings).toEqual([]);
    expect((await chosenFor("i8:row", { properties, performanceHint: "latency" })).chosen).toEqual([]);
    expect(warnings).toMatchObject([{ code: PROFILE_WARNING }]);
  });

  it("are none on a virtual device", async () => {
    expect((await chosenFor("i8:row", { device: "AUTO:CPU", performanceHint: "latency" })).chosen).toEqual(
      [],
    );
  });

  it("are reported by the doctor's check", given(needs.amx), async () => {
    const check = await checkModel(modelOf("i8:row"), { performanceHint: "latency" });
    expect(check).toMatchObject({
      ok: true,
      properties: { asked: {}, inForce: { INFERENCE_PRECISION_HINT: "f32" } },
    });
    expect(check.properties?.chosen.map(({ from }) => from)).toEqual(["performanceHint", "performanceHint"]);
  });
});

describe("the command line", () => {
  const command = async (...args: string[]) => {
    const { stdout, stderr } = await run(process.execPath, [MAIN, ...args]);
    return { stdout, stderr };
  };

  it("generate takes a profile and a hint", async () => {
    const file = await written(fitting);
    const generate = ["generate", "hello", "--model", chain, "--json"];
    const report = JSON.parse((await command(...generate, "--profile", file)).stdout) as {
      text: string;
      pipeline: { profile: { file: string }; chosenProperties: { name: string }[] };
    };
    expect(report).toMatchObject({ text: CHAIN_TEXT, pipeline: { profile: { file } } });
    expect(report.pipeline.chosenProperties.map(({ name }) => name)).toEqual(Object.keys(PROPERTIES));
    const { stderr } = await command(...generate, "--profile", await written(PROFILE));
    expect(stderr).toContain("does not hold here");
    await expect(command(...generate, "--profile", "/none.json")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("ERR_PROFILE") as string,
    });
    await expect(command(...generate, "--performance-hint", "speed")).rejects.toMatchObject({ code: 2 });
  });

  it("doctor --model reports what a profile set", async () => {
    const { stdout } = await command("doctor", "--model", chain, "--profile", await written(fitting));
    expect(stdout).toMatch(/Chosen +INFERENCE_PRECISION_HINT=f32: tuned for latency, by the profile \//);
    await expect(command("doctor", "--profile", "auto")).rejects.toMatchObject({
      stderr: expect.stringContaining("no value without --model for --profile") as string,
    });
  });
});
