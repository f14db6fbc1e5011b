import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, rmdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { openBinding } from "../../lib/native/binding.js";
import { CORRECTION_WARNING } from "../../lib/engine-guard/guard.js";
import { LLMPipeline, TextEmbeddingPipeline, type LoadOptions, type Properties } from "../../lib/index.js";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { openModel } from "../../lib/models/open.js";
import { chainModel, chainModelOfSize } from "../helpers/chain.js";
import { demand, given, need, needs } from "../helpers/needs.js";
import { findOracle, oracleNeed } from "../helpers/oracle.js";
import { PIPELINES } from "../helpers/pipelines.js";

const run = promisify(execFile);
const FIXTURES = join(import.meta.dirname, "..", "fixtures");
const CHILD = join(import.meta.dirname, "engine-guard-child.mjs");
const ONE_BLOCK = 32;

const oracle = await findOracle();

let chain: string;
beforeAll(async () => {
  chain = await chainModel();
});

/** What a child process says of a load with default properties, and of an answer. */
interface Reported {
  text: string;
  corrections: { name: string; to: string; reason: string }[];
  warnings: string[];
}

async function reportedBy(
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
  device = "CPU",
): Promise<Reported> {
  const [file, ...args] = [...command, process.execPath, CHILD, chain, device];
  const { stdout } = await run(file, args, { env: { ...process.env, NODE_OPTIONS: "", ...env } });
  return JSON.parse(stdout) as Reported;
}

const CONTROL_GROUPS = (isWritable: boolean) => need("control groups that a test may make", isWritable);

async function isWritableFolder(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** What a child says that runs in a control group of its own, below the folder of a controller. */
async function reportedInGroup(
  controller: string,
  limits: Readonly<Record<string, string>>,
): Promise<Reported> {
  const group = join(controller, `openvino-llm-test-${process.pid}`);
  await mkdir(group);
  try {
    for (const [name, value] of Object.entries(limits)) await writeFile(join(group, name), value);
    return await reportedBy(["sh", "-c", 'echo $$ > "$0" && exec "$@"', join(group, "tasks")]);
  } finally {
    await rmdir(group);
  }
}

describe("what the plugin reports", () => {
  it("which instruction sets oneDNN may use", async () => {
    const { core } = openBinding();
    const { properties, threadsPerStream } = await core.pluginSettings([], []);
    expect(properties["RUNTIME_REQUIREMENTS"]).toMatch(/;isa=Intel AVX/);
    expect(threadsPerStream).toBeGreaterThan(0);
    const { amxTile, amxPermitted } = core.cpuFeatures();
    expect(/\bAMX\b/.test(properties["RUNTIME_REQUIREMENTS"] ?? "")).toBe(amxTile && amxPermitted);
  });

  it("properties that a model brings along, where no other is set", async () => {
    const { core } = openBinding();
    const brought: [string, string][] = [["KV_CACHE_PRECISION", "f16"]];
    const cacheOf = async (properties: [string, string][]) =>
      (await core.pluginSettings(properties, brought)).properties["KV_CACHE_PRECISION"];
    expect(await cacheOf([])).toBe("f16");
    expect(await cacheOf([["KV_CACHE_PRECISION", "u8"]])).toBe("u8");
  });

  it("fails for a property that it does not know, which the load then says", async () => {
    await expect(openBinding().core.pluginSettings([["NO_SUCH", "1"]], [])).rejects.toThrow(/NO_SUCH/);
    await expect(LLMPipeline.load(chain, { properties: { NO_SUCH: 1 } })).rejects.toMatchObject({
      code: "ERR_MODEL_LOAD",
      message: expect.stringContaining("NO_SUCH") as string,
    });
  });

  it("the gated feed-forward layers of a graph", async () => {
    const { core } = openBinding();
    const { dir } = await openModel(await chainModelOfSize(96));
    const alike = { gateUpWeights: "f16", downWeights: "f16", isCombined: false, count: 1 };
    expect(await core.gatedMlps(dir)).toEqual([{ hiddenSize: 288, intermediateSize: 96, ...alike }]);
    expect(await core.gatedMlps(join(FIXTURES, "tiny-phi3"))).toMatchObject([
      { hiddenSize: 64, intermediateSize: 128, isCombined: true, count: 2 },
    ]);
    expect(await core.gatedMlps(join(FIXTURES, "tiny-bert"))).toEqual([]);
  });
});

describe.each(PIPELINES)("$name", ({ load }) => {
  const warnings: (Error & { code?: string })[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  afterEach(() => {
    process.off("warning", listen);
    warnings.length = 0;
  });

  async function answer(properties: Properties, options: LoadOptions = {}) {
    process.on("warning", listen);
    const llm = await load(chain, { ...options, properties });
    try {
      const { text } = await llm.generate("hello");
      return { text, properties: llm.properties };
    } finally {
      await llm.close();
    }
  }

  it("reports its properties as asked for and as in force", async () => {
    const { properties } = await answer({ INFERENCE_PRECISION_HINT: "f32", INFERENCE_NUM_THREADS: 1 });
    expect(properties).toMatchObject({
      asked: { INFERENCE_PRECISION_HINT: "f32", INFERENCE_NUM_THREADS: "1" },
      corrections: [],
      inForce: { INFERENCE_PRECISION_HINT: "f32", INFERENCE_NUM_THREADS: "1", NUM_STREAMS: "1" },
    });
    expect(warnings).toEqual([]);
  });

  it.each<[string, Properties]>([
    ["INFERENCE_NUM_THREADS 1", { INFERENCE_NUM_THREADS: 1 }],
    ["a stream for each thread", { INFERENCE_NUM_THREADS: 2, NUM_STREAMS: 2 }],
    ["no streams", { NUM_STREAMS: 0 }],
    ["one thread and throughput", { INFERENCE_NUM_THREADS: 1, PERFORMANCE_HINT: "THROUGHPUT" }],
  ])("one thread on AMX: %s", given(needs.amx), async (_, asked) => {
    const { text, properties } = await answer(asked);
    expect(text).toBe(CHAIN_TEXT);
    expect(properties.corrections).toMatchObject([
      { name: "INFERENCE_PRECISION_HINT", from: "bf16", to: "f32", reason: expect.stringMatching(/SIGFPE/) },
    ]);
    expect(properties.inForce).toMatchObject({ INFERENCE_PRECISION_HINT: "f32" });
    expect(warnings).toMatchObject([{ code: CORRECTION_WARNING, name: "OpenVinoLlmWarning" }]);
  });

  it("one thread and bf16, both asked for, are refused on AMX", given(needs.amx), async () => {
    const asked = { INFERENCE_NUM_THREADS: 1, INFERENCE_PRECISION_HINT: "bf16" };
    await expect(answer(asked)).rejects.toMatchObject({
      code: "ERR_ENGINE_FAULT",
      message: expect.stringMatching(/SIGFPE.*Set INFERENCE_PRECISION_HINT to "f32"/) as string,
    });
  });

  it("an intermediate size of one block runs on AMX", given(needs.amx), async () => {
    const llm = await load(await chainModelOfSize(ONE_BLOCK));
    try {
      expect((await llm.generate("hello")).text).toBe(CHAIN_TEXT);
      expect(llm.properties.corrections).toMatchObject([{ to: "f32" }]);
    } finally {
      await llm.close();
    }
  });

  it("f16 is refused where the plugin would use it", given(needs.avx512fp16), async () => {
    await expect(answer({ INFERENCE_PRECISION_HINT: "f16" })).rejects.toMatchObject({
      code: "ERR_ENGINE_FAULT",
      message: expect.stringMatching(/wrong answers in f16/) as string,
    });
  });

  it("a cache in f32 brings inference in f32 with it", given(needs.avx512bf16), async () => {
    const { text, properties } = await answer({ KV_CACHE_PRECISION: "f32" });
    expect(text).toBe(CHAIN_TEXT);
    expect(properties.corrections).toMatchObject([{ name: "INFERENCE_PRECISION_HINT", to: "f32" }]);
    await expect(
      answer({ KV_CACHE_PRECISION: "f32", INFERENCE_PRECISION_HINT: "bf16" }),
    ).rejects.toMatchObject({ code: "ERR_ENGINE_FAULT" });
  });

  it("a cache in u4 is refused", async () => {
    await expect(answer({ KV_CACHE_PRECISION: "u4" })).rejects.toMatchObject({
      code: "ERR_ENGINE_FAULT",
      message: expect.stringMatching(/corrupts the memory.*Set KV_CACHE_PRECISION to "u8"/) as string,
    });
  });

  it("what is wrong before and after a correction is said together", given(needs.amx), async () => {
    await expect(answer({ KV_CACHE_PRECISION: "bf16", INFERENCE_NUM_THREADS: 1 })).rejects.toThrow(
      /SIGFPE.*f32.*Set KV_CACHE_PRECISION to "f32" or "f16" or "u8"/,
    );
  });

  it("the draft model is looked at, too", given(needs.amx), async () => {
    const draftModel = { model: await chainModelOfSize(ONE_BLOCK), properties: { INFERENCE_NUM_THREADS: 1 } };
    const { text } = await answer({}, { draftModel });
    expect(text).toBe(CHAIN_TEXT);
    const refused = { ...draftModel, properties: { INFERENCE_PRECISION_HINT: "bf16" } };
    await expect(answer({}, { draftModel: refused })).rejects.toMatchObject({ code: "ERR_ENGINE_FAULT" });
  });
});

it("a model that gives numbers reports its properties, and may run in f16", async () => {
  const properties = { INFERENCE_PRECISION_HINT: "f16" };
  await using embedder = await TextEmbeddingPipeline.load(join(FIXTURES, "tiny-bert"), { properties });
  expect(embedder.properties).toMatchObject({ asked: properties, corrections: [] });
});

describe("one CPU", () => {
  const corrected = {
    text: CHAIN_TEXT,
    corrections: [
      { name: "INFERENCE_PRECISION_HINT", to: "f32", reason: expect.stringMatching(/SIGFPE/) as string },
    ],
    warnings: [CORRECTION_WARNING],
  };

  it("by affinity", given(needs.amx), async (context) => {
    const hasTaskset = await run("taskset", ["--version"]).then(
      () => true,
      () => false,
    );
    demand(context, need("taskset (util-linux)", hasTaskset));
    expect(await reportedBy(["taskset", "-c", "0"])).toEqual(corrected);
  });

  it("by a cpuset", given(needs.amx), async (context) => {
    const cpusets = "/sys/fs/cgroup/cpuset";
    demand(context, CONTROL_GROUPS(await isWritableFolder(cpusets)));
    expect(await reportedInGroup(cpusets, { "cpuset.mems": "0", "cpuset.cpus": "0" })).toEqual(corrected);
  });
});

it("a quota of CPU time leaves the threads as they are", given(needs.amx), async (context) => {
  const quotas = "/sys/fs/cgroup/cpu";
  const [isWritable, cpus] = [await isWritableFolder(quotas), availableParallelism()];
  demand(context, CONTROL_GROUPS(isWritable), need("two CPUs", cpus > 1));
  const reported = await reportedInGroup(quotas, {
    "cpu.cfs_period_us": "100000",
    "cpu.cfs_quota_us": "50000",
  });
  expect(reported).toEqual({ text: CHAIN_TEXT, corrections: [], warnings: [] });
});

describe("a virtual device that may use the CPU", given(needs.amx, oracleNeed(oracle)), () => {
  it.each(["AUTO", "MULTI:CPU", "HETERO:CPU"])("%s", async (device) => {
    // The plugins of these devices are in the wheels only.
    const env = { OPENVINO_LLM_RUNTIME: "site" in oracle ? oracle.site : "" };
    expect(await reportedBy([], env, device)).toMatchObject({
      text: CHAIN_TEXT,
      corrections: [{ name: "INFERENCE_PRECISION_HINT", to: "f32" }],
    });
  });
});

it("a limit of instruction sets below bf16 brings f32", given(needs.avx512bf16), async () => {
  const { text, corrections } = await reportedBy([], { ONEDNN_MAX_CPU_ISA: "AVX2" });
  expect(text).toBe(CHAIN_TEXT);
  expect(corrections).toMatchObject([
    { name: "INFERENCE_PRECISION_HINT", to: "f32" },
    { name: "DYNAMIC_QUANTIZATION_GROUP_SIZE", to: "0" },
  ]);
});
