/** A benchmark with everything that a report can show: dense and MoE, INT4 and INT8, six levels, three repeats. */
import type { BenchData } from "../../../../lib/results/bench-data.js";
import type { PlannedRun } from "../../../../lib/plan/plan.js";
import { seededRandom, type Random } from "../../../../lib/stats/random.js";
import type { EngineSample, RequestRecord, RunRecord } from "../../../../lib/measure/records.js";
import type { JsonObject } from "../../../../../../lib/models/files/json-file.js";
import type { TargetFacts } from "../../../../lib/targets/target-facts.js";
import { dataOf, factsOf, QUIET_HOST, requestOf } from "../../sample-data.js";

interface Model {
  readonly label: string;
  readonly precision: string;
  readonly isMoe: boolean;
  /** Of one request alone: prompt, and each token after it. */
  readonly prefillMs: number;
  readonly stepMs: number;
  /** What each more request adds to a step, as a part of it. */
  readonly perRequest: number;
  readonly manifest: JsonObject | null;
}

const RANDOM_WEIGHTS = {
  format: "openvino-llm-model",
  formatVersion: 1,
  weights: "random",
  layersShare: 0.25,
};
const DENSE: readonly Model[] = [
  {
    label: "Phi-4-mini-instruct-int4",
    precision: "INT4",
    isMoe: false,
    prefillMs: 40,
    stepMs: 28,
    perRequest: 0.09,
    manifest: { name: "Phi-4-mini-instruct", quality: { perplexity: 9.81, similarity: 0.97 } },
  },
  {
    label: "Phi-4-mini-instruct-int8",
    precision: "INT8",
    isMoe: false,
    prefillMs: 36,
    stepMs: 49,
    perRequest: 0.03,
    manifest: null,
  },
];

const MOE: readonly Model[] = [
  {
    label: "gpt-oss-20b-int4",
    precision: "INT4",
    isMoe: true,
    prefillMs: 90,
    stepMs: 35,
    perRequest: 0.3,
    manifest: RANDOM_WEIGHTS,
  },
  {
    label: "gpt-oss-20b-int8",
    precision: "INT8",
    isMoe: true,
    prefillMs: 95,
    stepMs: 54,
    perRequest: 0.2,
    manifest: RANDOM_WEIGHTS,
  },
];

/** The benchmark, the same each time; `moe` takes the place of "gpt-oss-20b" in labels. */
export function fullData({ outputLength = 24, moe = "gpt-oss-20b" } = {}): BenchData {
  const models = [
    ...DENSE,
    ...MOE.map((model) => ({ ...model, label: model.label.replace("gpt-oss-20b", moe) })),
  ];
  return dataOf(
    { levels: [1, 2, 4, 8, 16, 32], repeats: 3, inputLength: 128, outputLength },
    {
      models: models.map(({ label }) => label),
      targets: models.map(targetOf),
      runs: ({ runs, options }) => runs.map((run) => measured(run, models, options.outputLength)),
    },
  );
}

function targetOf({ label, precision, isMoe, manifest }: Model): TargetFacts {
  return factsOf(label, {
    files: {
      path: `/models/${label}`,
      precision,
      weightBytes: { u4: 2e9, f16: 3e8 },
      isMoe,
      runtimeOptions: { ACTIVATIONS_SCALE_FACTOR: "8.0" },
      manifest,
    },
  });
}

function measured(planned: PlannedRun, models: readonly Model[], outputLength: number): RunRecord {
  const { target, concurrency, repeat, numPrompts, numWarmups, firstPrompt } = planned;
  const model = models.find(({ label }) => label === target);
  if (model === undefined) throw new Error(`No model ${target}.`);
  const random = seededRandom(7, target, concurrency, repeat);
  const drift = 1 + 0.04 * random.float();
  const stepMs = model.stepMs * (1 + model.perRequest * (concurrency - 1)) * drift;
  const requests: RequestRecord[] = [];
  let sentMs = 0;
  while (requests.length < numPrompts) {
    const producedMs = tokenTimes(model.prefillMs * concurrency * drift, stepMs, outputLength, random);
    const endedMs = sentMs + (producedMs.at(-1) ?? 0);
    for (let i = 0; i < concurrency; i++) {
      const index = requests.length;
      requests.push(
        requestOf({
          index,
          sentMs,
          endedMs,
          waitMs: sentMs,
          producedMs,
          deliveredMs: producedMs.map((ms) => ms + 0.2),
          promptTokens: 128,
          expectedPromptTokens: 128,
          expectedTokens: outputLength,
          prefixKey: `${target}-${firstPrompt + numWarmups + index}`,
        }),
      );
    }
    sentMs = endedMs;
  }
  return {
    target,
    concurrency,
    repeat,
    startedAt: "2026-01-31T12:00:00.000Z",
    durationMs: sentMs,
    warmupKeys: Array.from({ length: numWarmups }, (_, index) => `${target}-${firstPrompt + index}`),
    host: { ...QUIET_HOST, othersCpuShare: 0.04 + 0.03 * random.float() },
    samples: samplesOf(sentMs, concurrency, stepMs),
    requests,
  };
}

/** Every twentieth gap or so is a stall. */
function tokenTimes(ttftMs: number, stepMs: number, count: number, random: Random): number[] {
  const times = [ttftMs];
  while (times.length < count) {
    const factor = random.float() < 0.04 ? 3.5 + 2 * random.float() : 0.9 + 0.2 * random.float();
    times.push((times.at(-1) ?? 0) + stepMs * factor);
  }
  return times.map((ms) => Math.round(ms * 1000) / 1000);
}

function samplesOf(durationMs: number, running: number, stepMs: number): EngineSample[] {
  return Array.from({ length: Math.floor(durationMs / 250) }, (_, index) => ({
    atMs: 250 * (index + 1),
    running,
    waiting: 0,
    cacheUsagePercent: running * (1 + (index % 8) * 0.2),
    cacheSizeBytes: 2e9,
    stepSequences: running,
    stepMs,
  }));
}
