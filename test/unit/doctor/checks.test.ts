import { describe, expect, test } from "vitest";
import { checksOf, type CheckContext } from "../../../lib/doctor/checks.js";
import { flagsFromKernel } from "../../../lib/host/kernels/instruction-sets.js";
import type { DoctorCheck, DoctorFacts } from "../../../lib/doctor/report.js";
import type { InferenceFacts } from "../../../lib/host/kernels/inference-facts.js";
import { phaseWeightLayers } from "../../../lib/host/kernels/weight-layers.js";

const PHASE = { tokens: 1, inferences: 1, totalMs: 1, kernels: [] };

const FACTS: InferenceFacts = {
  ok: true,
  instructionSet: "avx2",
  isaLimit: null,
  activationTypes: ["f32"],
  weightTypes: ["f16"],
  isDynamicallyQuantized: false,
  inForce: {
    inferencePrecision: "f32",
    kvCachePrecision: "u8",
    dynamicQuantizationGroupSize: 32,
    inferenceThreads: 4,
  },
  graph: "paged",
  phases: { prefill: PHASE, decode: PHASE, batchDecode: null },
  oneDnnKernels: [],
  oneDnnVersion: "3.13.0",
  detected: "Intel AVX2",
};
const KERNELS = { ...FACTS, weightLayers: phaseWeightLayers(FACTS) };

/** A machine on which all is well. */
const WELL: DoctorFacts = {
  versions: {
    package: "0.1.0",
    node: "20.19.0",
    openvino: "2026.4.1-1-abcdef0",
    genai: "2026.4.1.0-1-abcdef0",
    tokenizers: "2026.4.1.0",
    oneDnn: "3.13.0",
  },
  system: { os: "linux", arch: "x64", kernel: "6.1.0", glibc: "2.36" },
  runtime: {
    source: "cache",
    layout: "flat",
    dir: "/cache/lib",
    libraries: [],
    tokenizersLibrary: "/cache/lib/libopenvino_tokenizers.so",
    sdkDir: null,
    missing: [],
    loaded: ["/cache/lib/libopenvino.so.2641"],
  },
  addon: { path: "/package/addon.node" },
  cpu: {
    model: "A CPU",
    sockets: 1,
    cores: 4,
    threads: 8,
    availableThreads: 8,
    quotaCpus: null,
    flags: { ...flagsFromKernel(new Set(["avx2"])), amxPermitted: false },
    flagsFrom: "cpuid",
  },
  memory: { totalBytes: 32e9, availableBytes: 16e9, limitBytes: null },
  cgroupVersion: 2,
  inference: { ok: true, kernels: KERNELS, corrections: [] },
  defaultModel: { name: "default", kernels: KERNELS },
  devices: [],
  cache: { dir: "/cache", models: [{ name: "default", dir: "/cache/models/default", sizeBytes: 1 }] },
};

const NO_PROBLEMS = { platform: null, runtime: null, addon: null, devices: null, model: null };

function judge(facts: Partial<DoctorFacts> = {}, context: Partial<CheckContext> = {}): DoctorCheck[] {
  return checksOf(
    { ...WELL, ...facts },
    {
      problems: NO_PROBLEMS,
      env: {},
      defaultModel: "default",
      runtimeCommands: "npm install what-is-missing",
      modelCommands: "npm install the-model",
      ...context,
    },
  );
}

function find(checks: DoctorCheck[], name: DoctorCheck["name"]): DoctorCheck | undefined {
  return checks.find((check) => check.name === name);
}

const BROKEN = {
  ok: false,
  failure: { outcome: { ok: false, signal: "SIGSEGV", message: "it broke" }, tries: [], damagedFiles: null },
} as const;

test("all is well on a good machine", () => {
  expect(judge().map(({ name, status }) => `${name} ${status}`)).toEqual([
    "node ok",
    "platform ok",
    "runtime ok",
    "addon ok",
    "processor ok",
    "inference ok",
    "threads ok",
    "memory ok",
    "model ok",
  ]);
});

test("every failed check has a cure", () => {
  const problems = {
    ...NO_PROBLEMS,
    platform: "wrong system",
    runtime: "no runtime",
    addon: "no addon",
  };
  const failed = judge(
    { versions: { ...WELL.versions, node: "18.20.0" }, inference: BROKEN },
    { problems },
  ).filter(({ status }) => status === "fail");
  expect(failed.map(({ name }) => name)).toEqual(["node", "platform", "runtime", "addon", "inference"]);
  expect(failed.filter(({ cure }) => cure === null)).toEqual([]);
});

describe("the runtime", () => {
  test("is cured by the command that gets it, or by the variable that names it", () => {
    const problems = { ...NO_PROBLEMS, runtime: "not there" };
    expect(find(judge({ runtime: null }, { problems }), "runtime")).toEqual({
      name: "runtime",
      status: "fail",
      message: "not there",
      cure: "npm install what-is-missing",
    });
    const env = { OPENVINO_LLM_RUNTIME: "/wrong" };
    expect(find(judge({ runtime: null }, { problems, env }), "runtime")?.cure).toContain(
      "OPENVINO_LLM_RUNTIME",
    );
  });

  test("without which nothing else could be tried leaves that check open, not failed", () => {
    const problems = { ...NO_PROBLEMS, runtime: "not there" };
    const checks = judge({ runtime: null, inference: null }, { problems });
    expect(find(checks, "addon")?.status).toBe("ok");
    expect(find(checks, "inference")?.status).toBe("warn");
  });

  test("that lacks a plugin is named with what it lacks", () => {
    const runtime = { ...WELL.runtime, missing: ["libopenvino_auto_plugin.so"] } as DoctorFacts["runtime"];
    expect(find(judge({ runtime }), "runtime")).toMatchObject({
      status: "warn",
      message: "/cache/lib lacks libopenvino_auto_plugin.so",
    });
  });
});

describe("AMX", () => {
  const amx = (amxPermitted: boolean | null): DoctorCheck | undefined =>
    find(judge({ cpu: { ...WELL.cpu, flags: { ...WELL.cpu.flags, amxTile: true, amxPermitted } } }), "amx");

  test("is checked only where the processor has it", () => {
    expect(find(judge(), "amx")).toBeUndefined();
    expect(amx(true)?.status).toBe("ok");
  });

  test("that the kernel refuses is a warning with a cure", () => {
    expect(amx(false)).toMatchObject({ status: "warn", cure: expect.stringContaining("5.16") as string });
    expect(amx(null)?.status).toBe("warn");
  });
});

describe("threads", () => {
  const threads = (quotaCpus: number | null): DoctorCheck | undefined =>
    find(judge({ cpu: { ...WELL.cpu, quotaCpus } }), "threads");

  test("beyond a quota are a warning that says how many fit", () => {
    expect(threads(2.5)).toMatchObject({
      status: "warn",
      message: "8 hardware threads, but a quota of 2.5 CPUs: more threads than that stop each other",
      cure: expect.stringContaining("--threads 2") as string,
    });
    expect(threads(0.5)?.cure).toContain("--threads 1");
  });

  test("within a quota are well", () => {
    expect(threads(8)?.status).toBe("ok");
  });
});

describe("oneDNN's variables", () => {
  test("that limit it or make it fail are warnings", () => {
    const env = { ONEDNN_MAX_CPU_ISA: "AVX2", ONEDNN_VERBOSE: "1" };
    const warnings = judge({}, { env }).filter(({ name }) => name === "environment");
    expect(warnings.map(({ cure }) => cure)).toEqual([
      "unset ONEDNN_MAX_CPU_ISA",
      "unset ONEDNN_VERBOSE, or set it to profile_create",
    ]);
  });

  test("that do no harm are not mentioned", () => {
    expect(find(judge({}, { env: { ONEDNN_VERBOSE: "profile_create" } }), "environment")).toBeUndefined();
  });
});

test("an instruction set that the processor does not report is a warning", () => {
  const kernels = { ...KERNELS, instructionSet: "avx512_core" } as const;
  const inference = { ok: true, kernels, corrections: [] } as const;
  expect(find(judge({ inference }), "inference")).toMatchObject({ status: "warn" });
});

test("a model that runs with kernels that are not known is a warning", () => {
  const kernels = { ok: false, message: "Not profiled: it broke" } as const;
  expect(find(judge({ inference: { ok: true, kernels, corrections: [] } }), "inference")).toMatchObject({
    status: "warn",
    message: "runs, but with which kernels is not known: Not profiled: it broke",
  });
  expect(find(judge({ defaultModel: { name: "default", kernels } }), "model")).toEqual({
    name: "model",
    status: "warn",
    message: "default is here. Not profiled: it broke",
    cure: null,
  });
});

test("a default model of which a file is not as its manifest says is a failure", () => {
  const problems = { ...NO_PROBLEMS, model: "openvino_model.bin has another sha256 than expected" };
  expect(find(judge({}, { problems }), "model")).toEqual({
    name: "model",
    status: "fail",
    message: "default is damaged: openvino_model.bin has another sha256 than expected",
    cure: "npx openvino-llm models fetch default",
  });
  const models = [{ name: "default", dir: "/app/node_modules/default/model", sizeBytes: 1 }];
  expect(find(judge({ cache: { dir: "/cache", models } }, { problems }), "model")?.cure).toBe(
    "remove the folder /app/node_modules/default, then: npm install",
  );
});

test("a default that had to be corrected is a warning that says what it would have done", () => {
  const correction = {
    name: "INFERENCE_PRECISION_HINT",
    from: "bf16",
    to: "f32",
    reason: "It ends the process.",
  };
  const inference = { ok: true, kernels: KERNELS, corrections: [correction] } as const;
  expect(find(judge({ inference }), "inference")).toMatchObject({
    status: "warn",
    message: expect.stringContaining(
      "INFERENCE_PRECISION_HINT is f32 instead of bf16: It ends the process.",
    ) as string,
  });
});

describe("an engine that does not run", () => {
  const inference = (damagedFiles: readonly string[] | null): DoctorFacts["inference"] => ({
    ok: false,
    failure: { ...BROKEN.failure, damagedFiles },
  });

  test("has the runtime fetched anew only where a file of it differs", () => {
    expect(find(judge({ inference: inference(["lib/a has another sha256"]) }), "inference")).toMatchObject({
      status: "fail",
      cure: "npx openvino-llm runtime fetch",
    });
    const env = { OPENVINO_LLM_RUNTIME: "/mine" };
    expect(find(judge({ inference: inference(["lib/a"]) }, { env }), "inference")?.cure).toBe(
      "correct or unset OPENVINO_LLM_RUNTIME",
    );
    const runtime = { ...WELL.runtime, source: "package", dir: "/app/node_modules/it/lib" } as const;
    expect(
      find(
        judge({ inference: inference(["lib/a"]), runtime: runtime as DoctorFacts["runtime"] }),
        "inference",
      )?.cure,
    ).toBe("remove the folder /app/node_modules/it, then: npm install");
    for (const files of [[], null]) {
      const check = find(judge({ inference: inference(files) }), "inference");
      expect(check?.status).toBe("fail");
      expect(check?.cure).not.toContain("runtime fetch");
    }
  });
});

test("little memory, by the machine or by a limit, is a warning", () => {
  expect(
    find(judge({ memory: { totalBytes: 32e9, availableBytes: 5e8, limitBytes: null } }), "memory")?.status,
  ).toBe("warn");
  expect(
    find(judge({ memory: { totalBytes: 32e9, availableBytes: 16e9, limitBytes: 5e8 } }), "memory")?.status,
  ).toBe("warn");
});

test("a missing default model is a warning with the commands that get it", () => {
  expect(find(judge({ cache: { dir: "/cache", models: [] } }), "model")).toMatchObject({
    status: "warn",
    cure: "npm install the-model",
  });
});
