/**
 * openvino-llm/bench: measures language models by the method of vLLM's serving benchmark, in this process.
 *
 * `planBench` says what is to be done, `runBench` does it and tells of it as it goes on, a `BenchFolder` or a `MemoryStore`
 * keeps the stamps, `summarize` makes all figures of them.
 */

export {
  planBench,
  promptCount,
  workloadOf,
  type BenchPlan,
  type PlannedRun,
  type PlanTarget,
} from "./plan.js";
export { resolveBenchOptions } from "./options.js";
export { type BenchOptions, type EngineName, type ResolvedBenchOptions } from "./bench-options.js";
export type { HttpOptions, ResolvedHttpOptions } from "./http/options.js";
export type { HttpEndpoint } from "./http/server-url.js";
export { httpTargetOpener, targetOpener } from "./http/open-http-target.js";
export type { HttpAccess } from "./http/client.js";
export { servedModelNames, type ServedModel, type ServerFacts } from "./http/server-facts.js";
export type { OptionalKey } from "./http/request-body.js";
export { httpCosts, type HttpCost } from "./http-cost.js";
export { PRESETS } from "./presets.js";
export { type PresetName } from "./bench-options.js";
export { arrivalTimesMs, type ArrivalOptions } from "./arrivals.js";
export {
  givenPrompts,
  prefixKey,
  randomLength,
  randomPrompts,
  type BenchPrompt,
  type PromptSource,
  type Vocabulary,
} from "./prompts.js";
export { readDataset } from "./dataset.js";
export { seededRandom, type Random } from "./random.js";
export { generatorTarget, type BenchRequest, type BenchTarget, type RequestOutcome } from "./target.js";
export {
  openGenerator,
  openLocalTarget,
  type GeneratorTarget,
  type KnownFacts,
  type OpenedTarget,
  type OpenTarget,
} from "./open-target.js";
export type {
  InferenceFacts,
  KernelShare,
  NoInferenceFacts,
  PhaseProfile,
} from "../host/kernels/inference-facts.js";
export type { OneDnnKernel } from "../host/kernels/onednn-log.js";
export type { OneDnnIsa } from "../host/kernels/instruction-sets.js";
export { ISA_LIMITS, isaStepsHere, type IsaLimit } from "../host/kernels/isa-limit.js";
export type { PrecisionHint, TargetFacts } from "./target-facts.js";
export type { ModelFacts } from "./model-facts.js";
export {
  runLevel,
  type LevelEvent,
  type LevelMeasurement,
  type LevelOptions,
  type LevelWorkload,
} from "./run-level.js";
export { runBench, type BenchEvent, type Position, type RunBenchOptions } from "./run-bench.js";
export { Forecast, type ProbeFigures, type ProbeResult } from "./forecast.js";
export { BenchFolder, parseBenchData, readBenchFolder } from "./folder.js";
export { type BenchData } from "./bench-data.js";
export { MemoryStore, type BenchStore } from "./store.js";
export type { EngineSample, HostRecord, RequestRecord, RunKey, RunRecord } from "./records.js";
export { captureEnvironment, type Environment } from "./environment.js";
export type { ReadText } from "../host/cgroup.js";
export type { CpuCache, MemoryModules, NumaNode } from "./system-files.js";
export {
  distributionOf,
  keepsServiceLevels,
  latencyMetrics,
  requestLatencies,
  runMetrics,
  type Distribution,
  type LatencyMetrics,
  type MetricsOptions,
  type RequestLatencies,
  type RunMetrics,
  type ServiceLevels,
} from "./metrics.js";
export { vllmResult, type VllmContext, type VllmResult } from "./vllm-result.js";
export {
  bootstrapInterval,
  bootstrapRatio,
  estimateOf,
  type BootstrapOptions,
  type Estimate,
  type Interval,
} from "./statistics.js";
export {
  checkIdentity,
  densityPairs,
  precisionPairs,
  scalingEfficiency,
  speedRatio,
  type IdentityCheck,
  type LevelFigures,
  type ModelTraits,
  type Pair,
  type SpeedRatio,
} from "./scaling.js";
export { PUBLISHED_RATIOS, PUBLISHED_SERIES, PUBLISHED_SOURCE } from "./published.js";
export type { PublishedRatios, PublishedSeries } from "./published.js";
export type { HostSummary } from "./host-summary.js";
export { selfChecks, type SelfCheck, type SelfCheckStatus } from "./self-checks.js";
export {
  summarize,
  type BenchSummary,
  type LevelSummary,
  type RatioSummary,
  type ServiceLevelVerdict,
} from "./summary.js";
export { compareBenchmarks } from "./compare.js";
export {
  COMPARED_METRICS,
  type BenchComparison,
  type BothSides,
  type ComparedMean,
  type ComparedMetric,
  type CompareOptions,
  type LevelComparison,
  type MetricComparison,
} from "./comparison.js";
export type { SettingDifference, TargetPair } from "./compare-settings.js";
export { comparisonMarkdown } from "./compare-markdown.js";
export { bootstrapMeanRatio, type RepeatedSample, type ValuePart } from "./mean-ratio.js";
export { mannWhitney, type MannWhitney } from "./mann-whitney.js";
export {
  orderTests,
  verdictOf,
  type Evidence,
  type OrderTest,
  type RatioInterval,
  type TestedValues,
  type Verdict,
} from "./verdict.js";
export { derivedFiles, detailFiles, writeOutputs, type DerivedFile } from "./outputs.js";
export { markdownReport } from "./report-markdown.js";
export { htmlReport } from "./report-html/report.js";
