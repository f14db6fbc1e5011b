/**
 * openvino-llm-bench: measures language models by the method of vLLM's serving benchmark, in this process.
 *
 * `planBench` says what is to be done, `runBench` does it and reports it as it goes on, a `BenchFolder` or a
 * `MemoryStore` keeps the stamps, `summarize` makes all figures of them.
 */

export {
  planBench,
  promptCount,
  workloadOf,
  type BenchPlan,
  type PlannedRun,
  type PlanTarget,
} from "./plan/plan.js";
export { resolveBenchOptions } from "./plan/resolve-bench-options.js";
export { type BenchOptions, type EngineName, type ResolvedBenchOptions } from "./plan/bench-options.js";
export type { HttpOptions, ResolvedHttpOptions } from "./plan/http-options.js";
export type { ResolvedServeOptions, ServeOptions } from "./plan/serve-options.js";
export type { HttpEndpoint } from "./plan/server-url.js";
export { httpTargetOpener, targetOpener } from "./http/open-http-target.js";
export type { HttpAccess } from "./http/client.js";
export { servedModelNames } from "./http/read-server.js";
export { type ServedModel, type ServerFacts } from "./targets/server-facts.js";
export type { OptionalKey } from "./targets/server-facts.js";
export { httpCosts, type HttpCost } from "./summary/http-cost.js";
export { PRESETS } from "./plan/presets.js";
export { type PresetName } from "./plan/bench-options.js";
export { arrivalTimesMs, type ArrivalOptions } from "./plan/arrivals.js";
export {
  givenPrompts,
  prefixKey,
  randomLength,
  randomPrompts,
  type BenchPrompt,
  type PromptSource,
  type Vocabulary,
} from "./prompts/prompts.js";
export { readDataset } from "./prompts/dataset.js";
export { seededRandom, type Random } from "./stats/random.js";
export {
  generatorTarget,
  type BenchRequest,
  type BenchTarget,
  type RequestOutcome,
} from "./measure/target.js";
export {
  openGenerator,
  openLocalTarget,
  type GeneratorTarget,
  type KnownFacts,
  type OpenedTarget,
  type OpenTarget,
} from "./targets/open-target.js";
export type { InferenceFacts, KernelShare, NoInferenceFacts, PhaseProfile } from "openvino-llm/internal";
export type { OneDnnKernel } from "openvino-llm/internal";
export type { OneDnnIsa } from "openvino-llm/internal";
export { ISA_LIMITS, isaStepsHere, type IsaLimit } from "openvino-llm/internal";
export type { PrecisionHint, TargetFacts } from "./targets/target-facts.js";
export type { ModelFacts } from "./targets/model-facts.js";
export {
  runLevel,
  type LevelEvent,
  type LevelMeasurement,
  type LevelOptions,
  type LevelWorkload,
} from "./measure/run-level.js";
export { runBench, type BenchEvent, type Position, type RunBenchOptions } from "./run/run-bench.js";
export { Forecast, type ProbeFigures, type ProbeResult } from "./run/forecast.js";
export { BenchFolder, parseBenchData, readBenchFolder } from "./results/folder.js";
export { type BenchData } from "./results/bench-data.js";
export { MemoryStore, type BenchStore } from "./results/store.js";
export type { EngineSample, HostRecord, RequestRecord, RunKey, RunRecord } from "./measure/records.js";
export { captureEnvironment, type Environment } from "./results/environment.js";
export type { ReadText } from "openvino-llm/internal";
export type { CpuCache, MemoryModules, NumaNode } from "./results/system-files.js";
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
} from "./measure/metrics.js";
export { vllmResult, type VllmContext, type VllmResult } from "./measure/vllm-result.js";
export {
  bootstrapInterval,
  bootstrapRatio,
  estimateOf,
  type BootstrapOptions,
  type Estimate,
  type Interval,
} from "./stats/statistics.js";
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
} from "./stats/scaling.js";
export { PUBLISHED_RATIOS, PUBLISHED_SERIES, PUBLISHED_SOURCE } from "./report/published.js";
export type { PublishedRatios, PublishedSeries } from "./report/published.js";
export type { HostSummary } from "./summary/host-summary.js";
export type { LevelRoofline, MeasuredWork, TargetRoofline } from "./summary/roofline.js";
export type { WorkLimit } from "./summary/limit-model.js";
export { measureMachineLimits, type MachineLimits, type NoMachineLimits } from "./targets/machine-limits.js";
export type { MultiplyRate } from "openvino-llm/internal";
export type { StepNeeds } from "openvino-llm/models";
export { selfChecks, type SelfCheck, type SelfCheckStatus } from "./summary/self-checks.js";
export {
  summarize,
  type BenchSummary,
  type LevelSummary,
  type RatioSummary,
  type ServiceLevelVerdict,
} from "./summary/summary.js";
export { compareBenchmarks } from "./compare/compare.js";
export {
  COMPARED_METRICS,
  type BenchComparison,
  type BothSides,
  type ComparedMean,
  type ComparedMetric,
  type CompareOptions,
  type LevelComparison,
  type MetricComparison,
} from "./compare/comparison.js";
export type { SettingDifference, TargetPair } from "./compare/compare-settings.js";
export { comparisonMarkdown } from "./compare/compare-markdown.js";
export { compareLive, type LiveContext } from "./against/compare-live.js";
export type { MeasuredSample, LiveSample, Side } from "./against/compare-in-turns.js";
export type {
  LiveComparison,
  LiveEnd,
  LiveFigure,
  LiveLevel,
  LiveMetric,
  LiveOptions,
  LiveResult,
  LiveSide,
  LiveVerdict,
} from "./against/live-comparison.js";
export { liveMarkdown } from "./against/live-markdown.js";
export { findCapacity, type CapacityContext } from "./capacity/find-capacity.js";
export type {
  CapacityCurve,
  CapacityOptions,
  CapacityPoint,
  CapacityReport,
  LoadKind,
} from "./capacity/capacity-report.js";
export type { CapacityEvent } from "./capacity/search-capacity.js";
export type { ShareState } from "./capacity/share-test.js";
export { capacityLine, capacityMarkdown } from "./capacity/capacity-text.js";
export { capacityHtml } from "./capacity/capacity-html.js";
export { bootstrapMeanRatio, type RepeatedSample, type ValuePart } from "./stats/mean-ratio.js";
export { repeatedMean, type RepeatedMeanOptions } from "./stats/repeated-mean.js";
export { mannWhitney, type MannWhitney } from "./stats/mann-whitney.js";
export {
  orderTests,
  verdictOf,
  type Evidence,
  type OrderTest,
  type RatioInterval,
  type TestedValues,
  type Verdict,
} from "./stats/verdict.js";
export { derivedFiles, detailFiles, writeOutputs, type DerivedFile } from "./report/outputs.js";
export { markdownReport } from "./report/report-markdown.js";
export { htmlReport } from "./report/html/report.js";
export { tuneModel, type TuneContext, type TuneEvent, type TuneReport } from "./tune/tune-model.js";
export { type ResolvedTuneOptions, type TuneOptions } from "./tune/tune-options.js";
export { type QualityLimits } from "./tune/judge-quality.js";
export { tuneMarkdown } from "./tune/tune-markdown.js";
export type { TuneObjective } from "./tune/search/objective.js";
export type { TunedScheduler, TunedSettings } from "./tune/search/settings.js";
export type {
  Candidate,
  CandidateReport,
  Leave,
  LeaveReason,
  LevelMeans,
} from "./tune/search/candidate-book.js";
export type { LevelEvidence, TuneEvidence } from "./tune/search/comparison.js";
export type { RatioEstimate } from "./tune/search/sequential.js";
export type { SearchEnd, SearchResult } from "./tune/search/search.js";
export type { SearchEvent } from "./tune/search/search-state.js";
export type { AnswerQuality, TuneSample } from "./tune/search/tune-engine.js";
export { tuneFormats } from "./tune/formats/tune-formats.js";
export { formatsMarkdown } from "./tune/formats/formats-markdown.js";
export type {
  FormatReport,
  TuneFormatsContext,
  TuneFormatsEvent,
  TuneFormatsOptions,
  TuneFormatsReport,
} from "./tune/formats/formats-report.js";
export type { Recommendation } from "./tune/formats/recommend.js";
export type { ModelTools } from "./tune/formats/model-tools.js";
export type { FormatOptions } from "./tune/formats/weight-formats.js";
