/** A run in the form in which `vllm bench serve --save-result` writes it, so that scripts for that read ours. */
import {
  DEFAULT_PERCENTILES,
  isCompleted,
  percentileName,
  requestLatencies,
  runMetrics,
  type Distribution,
  type MetricsOptions,
} from "./metrics.js";
import type { RunRecord } from "./records.js";

/** What the form has beside the figures. */
export interface VllmContext extends MetricsOptions {
  /** "openai", "openai-chat" for a server; ours is "openvino-llm". */
  readonly endpointType: string;
  readonly label: string | null;
  readonly modelId: string;
  /** Requests per second; "inf" for all at once. */
  readonly requestRate: number | "inf";
  readonly burstiness: number;
  /** Add one entry per request: lengths, stamps, texts, errors. Default false. */
  readonly detail?: boolean;
}

/** vLLM's keys, in snake_case as there; keys that vLLM does not have follow at the end. */
export interface VllmResult {
  readonly date: string;
  readonly endpoint_type: string;
  readonly backend: string;
  readonly label: string | null;
  readonly model_id: string;
  readonly tokenizer_id: string;
  readonly num_prompts: number;
  readonly request_rate: number | "inf";
  readonly burstiness: number;
  readonly max_concurrency: number;
  /** Seconds. */
  readonly duration: number;
  readonly completed: number;
  readonly failed: number;
  readonly total_input_tokens: number;
  readonly total_output_tokens: number;
  readonly request_throughput: number;
  readonly request_goodput: number | null;
  readonly output_throughput: number;
  readonly total_token_throughput: number;
  readonly max_concurrent_requests: number;
  /** One for each request, failed ones too; the times in seconds. */
  readonly input_lens?: readonly number[];
  readonly output_lens?: readonly number[];
  readonly ttfts?: readonly number[];
  readonly itls?: ReadonlyArray<readonly number[]>;
  readonly start_times?: readonly number[];
  readonly generated_texts?: readonly string[];
  readonly errors?: readonly string[];
  /** `mean_ttft_ms`, `median_…`, `std_…`, `p99_…`, and `n_…`, for ttft, tpot, itl and e2el. */
  readonly [figure: `${string}_ms`]: number;
  readonly [samples: `n_${string}`]: number;
  readonly repeat: number;
  readonly target: string;
}

type Figures = Record<`${string}_ms` | `n_${string}`, number>;

/** The run in vLLM's form. */
export function vllmResult(run: RunRecord, context: VllmContext): VllmResult {
  const { percentiles = DEFAULT_PERCENTILES } = context;
  const metrics = runMetrics(run, context);
  return {
    date: vllmDate(run.startedAt),
    endpoint_type: context.endpointType,
    backend: context.endpointType,
    label: context.label,
    model_id: context.modelId,
    tokenizer_id: context.modelId,
    num_prompts: run.requests.length,
    request_rate: context.requestRate,
    burstiness: context.burstiness,
    max_concurrency: run.concurrency,
    duration: run.durationMs / 1000,
    completed: metrics.completed,
    failed: metrics.failed,
    total_input_tokens: metrics.totalInputTokens,
    total_output_tokens: metrics.totalOutputTokens,
    request_throughput: metrics.requestThroughput,
    request_goodput: metrics.requestGoodput,
    output_throughput: metrics.outputThroughput,
    total_token_throughput: metrics.totalTokenThroughput,
    max_concurrent_requests: metrics.maxConcurrentRequests,
    ...figures("ttft", metrics.ttftMs, percentiles),
    ...figures("tpot", metrics.tpotMs, percentiles),
    ...figures("itl", metrics.itlMs, percentiles),
    ...figures("e2el", metrics.e2elMs, percentiles),
    ...(context.detail === true ? detailOf(run, context) : {}),
    target: run.target,
    repeat: run.repeat,
  };
}

function figures(name: string, spread: Distribution, percentiles: readonly number[]): Figures {
  const entries = percentiles.map((percent) => {
    const percentile = percentileName(percent);
    return [`${percentile}_${name}_ms`, spread.percentiles[percentile] ?? 0] as const;
  });
  return {
    [`mean_${name}_ms`]: spread.mean,
    [`median_${name}_ms`]: spread.median,
    [`std_${name}_ms`]: spread.std,
    ...Object.fromEntries(entries),
    [`n_${name}`]: spread.n,
  };
}

function detailOf({ requests }: RunRecord, { stamps }: VllmContext) {
  const seconds = (ms: number) => ms / 1000;
  const latencies = requests.map((request) =>
    isCompleted(request) ? requestLatencies(request, stamps) : null,
  );
  return {
    input_lens: requests.map(({ promptTokens }) => promptTokens),
    output_lens: requests.map((request) => (isCompleted(request) ? request.producedMs.length : 0)),
    ttfts: latencies.map((latency) => seconds(latency?.ttftMs ?? 0)),
    itls: latencies.map((latency) => (latency?.itlsMs ?? []).map(seconds)),
    start_times: requests.map(({ sentMs }) => seconds(sentMs)),
    generated_texts: requests.map(({ text }) => text),
    errors: requests.map(({ error }) => error ?? ""),
  };
}

/** "20260131-235959", in UTC. */
function vllmDate(iso: string): string {
  return iso.slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}
