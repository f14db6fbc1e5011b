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
  /** A name for the run, of one's own; null for none. */
  readonly label: string | null;
  /** What the model is called, or its path. */
  readonly modelId: string;
  /** Requests per second; "inf" for all at once. */
  readonly requestRate: number | "inf";
  /** Evenness of the gaps between arrivals: 1 is a Poisson process. */
  readonly burstiness: number;
  /** Add one entry per request: lengths, stamps, texts, errors. Default false. */
  readonly detail?: boolean;
}

/** vLLM's keys, in snake_case as there; keys that vLLM does not have follow at the end. */
export interface VllmResult {
  /** When the run began: "20260131-235959", UTC. */
  readonly date: string;
  /** "openai", "openai-chat" for a server; ours is "openvino-llm". */
  readonly endpoint_type: string;
  /** The same as `endpoint_type`. */
  readonly backend: string;
  /** A name for the run; null for none. */
  readonly label: string | null;
  /** What the model is called, or its path. */
  readonly model_id: string;
  /** The same as `model_id`. */
  readonly tokenizer_id: string;
  /** Requests that were sent, failed ones too. */
  readonly num_prompts: number;
  /** Requests per second; "inf" for all at once. */
  readonly request_rate: number | "inf";
  /** Evenness of the gaps between arrivals: 1 is a Poisson process. */
  readonly burstiness: number;
  /** The client's limit of requests in flight. */
  readonly max_concurrency: number;
  /** The first request arrived → all had ended, in seconds. */
  readonly duration: number;
  /** Requests that did not fail and gave a token. */
  readonly completed: number;
  /** All other requests. */
  readonly failed: number;
  /** Tokens of the prompts of the completed requests. */
  readonly total_input_tokens: number;
  /** Tokens that the completed requests generated. */
  readonly total_output_tokens: number;
  /** Completed requests per second. */
  readonly request_throughput: number;
  /** Requests per second within all service levels; null where none is given. */
  readonly request_goodput: number | null;
  /** Output tokens per second. */
  readonly output_throughput: number;
  /** Input and output tokens per second. */
  readonly total_token_throughput: number;
  /** Requests that were in flight at once, at most. */
  readonly max_concurrent_requests: number;
  /** Tokens of each prompt. The lists have one entry for each request, failed ones too, and only with `detail`. */
  readonly input_lens?: readonly number[];
  /** Tokens of each answer; 0 of a failed request. */
  readonly output_lens?: readonly number[];
  /** Times to first token in seconds; 0 of a failed request. */
  readonly ttfts?: readonly number[];
  /** Gaps between the tokens of each request in seconds; empty of a failed one. */
  readonly itls?: ReadonlyArray<readonly number[]>;
  /** Start of the run → sent, in seconds. */
  readonly start_times?: readonly number[];
  /** The answers. */
  readonly generated_texts?: readonly string[];
  /** What each request failed with; "" for none. */
  readonly errors?: readonly string[];
  /** `mean_ttft_ms`, `median_…`, `std_…`, `p99_…`, and `n_…`, for ttft, tpot, itl and e2el. */
  readonly [figure: `${string}_ms`]: number;
  readonly [samples: `n_${string}`]: number;
  /** Number of the repeat, from 1; not one of vLLM's keys. */
  readonly repeat: number;
  /** Label of the target in the plan; not one of vLLM's keys. */
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
