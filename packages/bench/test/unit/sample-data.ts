/** Measurements for tests, made of what the test is about. */
import { readFileSync } from "node:fs";
import { planBench, type BenchPlan, type PlannedRun } from "../../lib/plan/plan.js";
import type { BenchOptions } from "../../lib/plan/bench-options.js";
import type { BenchData } from "../../lib/results/bench-data.js";
import type { Environment } from "../../lib/results/environment.js";
import type { HostRecord, RequestRecord, RunRecord } from "../../lib/measure/records.js";
import type { TargetFacts } from "../../lib/targets/target-facts.js";

export const QUIET_HOST: HostRecord = {
  eventLoopDelayMs: { mean: 0.1, p50: 0.1, p99: 0.4, max: 2 },
  eventLoopUtilization: 0.02,
  clientCpuShare: 0.01,
  processCpuShare: 0.9,
  othersCpuShare: 0.01,
  stealShare: 0,
  rssBytes: 400e6,
};

export const ENVIRONMENT: Environment = {
  date: "2026-01-31T12:00:00.000Z",
  cpu: {
    model: "Some CPU",
    sockets: 1,
    cores: 4,
    threads: 8,
    hyperThreading: true,
    affinity: "0-7",
    availableThreads: 8,
    microcode: "0x1",
    flags: ["avx2"],
    caches: [{ level: 1, type: "Data", size: "32K", sharedBy: "0-1" }],
    governors: ["performance"],
    turbo: true,
    isVirtual: false,
  },
  numa: [{ node: 0, cpus: "0-7", totalBytes: 16e9 }],
  memory: {
    totalBytes: 16e9,
    availableBytes: 8e9,
    limitBytes: null,
    modules: [],
    transparentHugePages: "madvise",
  },
  cgroupQuotaCpus: null,
  os: { name: "Some Linux", kernel: "6.1" },
  loadAverage: [0.1, 0.2, 0.3],
  versions: { package: "0.1.0", node: "20.19.0", openvino: "1", genai: "1", tokenizers: "1" },
  variables: {},
};

export function factsOf(label: string, facts: Partial<TargetFacts> = {}): TargetFacts {
  return {
    label,
    model: label,
    engine: "batching",
    stamps: "engine",
    prefixCaching: false,
    loadMs: 100,
    device: "CPU",
    properties: {},
    precisions: { inference: null, kvCache: null },
    scheduler: null,
    generationConfig: null,
    files: null,
    rssBytes: { before: 1e8, after: 3e8 },
    server: null,
    inference: null,
    ...facts,
  };
}

/** A request of which each token comes `tpotMs` after the one before it. */
export function requestOf(
  fields: Partial<RequestRecord> & { ttftMs?: number; tpotMs?: number } = {},
): RequestRecord {
  const { ttftMs = 50, tpotMs = 10, index = 0, expectedTokens = 8, ...others } = fields;
  const producedMs = Array.from({ length: expectedTokens }, (_, token) => ttftMs + token * tpotMs);
  return {
    index,
    prefixKey: `key-${index}`,
    waitMs: 0,
    sentMs: 0,
    endedMs: producedMs.at(-1) ?? 0,
    queueMs: 0,
    promptTokens: 16,
    expectedPromptTokens: 16,
    expectedTokens,
    producedMs,
    deliveredMs: producedMs.map((ms) => ms + 0.25),
    cachedTokens: null,
    text: "",
    error: null,
    ...others,
  };
}

/**
 * A closed loop of requests in step: `concurrency` at once, wave after wave. Prompts differ between runs. TTFT is 40 ms and
 * 10 more for each request at once.
 */
export function runOf(planned: PlannedRun, fields: Partial<RunRecord> & { tpotMs?: number } = {}): RunRecord {
  const { tpotMs = 10, ...others } = fields;
  const { target, concurrency, repeat, numPrompts, numWarmups, firstPrompt } = planned;
  const ttftMs = 40 + 10 * concurrency;
  const requestMs = ttftMs + 7 * tpotMs;
  const requests = Array.from({ length: numPrompts }, (_, index) => {
    const sentMs = Math.floor(index / concurrency) * requestMs;
    const prefixKey = `${target}-${firstPrompt + numWarmups + index}`;
    return requestOf({
      index,
      ttftMs,
      tpotMs,
      sentMs,
      waitMs: sentMs,
      endedMs: sentMs + requestMs,
      prefixKey,
    });
  });
  return {
    target,
    concurrency,
    repeat,
    startedAt: "2026-01-31T12:00:00.000Z",
    durationMs: Math.ceil(numPrompts / concurrency) * requestMs,
    warmupKeys: Array.from({ length: numWarmups }, (_, index) => `${target}-${firstPrompt + index}`),
    host: QUIET_HOST,
    samples: [],
    requests,
    ...others,
  };
}

/** A benchmark of 16 tokens in and 8 out; every run is done where `runs` does not say otherwise. */
export function dataOf(
  options: BenchOptions = {},
  fields: {
    models?: readonly string[];
    runs?: (plan: BenchPlan) => RunRecord[];
    targets?: TargetFacts[];
  } = {},
): BenchData {
  const { models = ["model"], runs = (plan) => plan.runs.map((run) => runOf(run)) } = fields;
  const plan = planBench(models, {
    inputLength: 16,
    outputLength: 8,
    levels: [1, 2],
    repeats: 2,
    ...options,
  });
  return {
    created: "2026-01-31T12:00:00.000Z",
    plan,
    environments: [ENVIRONMENT],
    targets: fields.targets ?? plan.targets.map(({ label }) => factsOf(label)),
    runs: runs(plan),
  };
}

/** A file of test/unit/bench/fixtures, made by numpy and scipy. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8"));
}
