/** Figures in Prometheus' text format. */
import type { Histogram } from "../../models/histogram.js";
import type { ServedModel } from "../../models/served-model.js";

/** The format's content type. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** One figure of a model; with a label beside the model's name, or none. */
interface Sample {
  readonly value: number;
  readonly label?: readonly [name: string, value: string];
}

interface Figure {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly of: (model: ServedModel) => readonly Sample[];
}

interface Distribution {
  readonly name: string;
  readonly help: string;
  readonly of: (model: ServedModel) => Histogram;
}

const one = (value: number): readonly Sample[] => [{ value }];

/** vLLM's names come with its prefix, in its units; ours with our own. */
const FIGURES: readonly Figure[] = [
  {
    name: "vllm:num_requests_running",
    type: "gauge",
    help: "Requests inside the engine.",
    of: ({ llm }) => one(llm.metrics().running),
  },
  {
    name: "vllm:num_requests_waiting",
    type: "gauge",
    help: "Requests that wait.",
    of: (model) => one(waitingOf(model)),
  },
  {
    name: "vllm:kv_cache_usage_perc",
    type: "gauge",
    help: "Part of the allocated key-value cache that is in use, 0 to 1.",
    of: ({ llm }) => one(llm.metrics().cacheUsagePercent / 100),
  },
  {
    name: "vllm:prompt_tokens_total",
    type: "counter",
    help: "Tokens of all prompts.",
    of: ({ llm }) => one(llm.metrics().totals.promptTokens),
  },
  {
    name: "vllm:generation_tokens_total",
    type: "counter",
    help: "Tokens of all answers.",
    of: ({ llm }) => one(llm.metrics().totals.completionTokens),
  },
  {
    name: "vllm:request_success_total",
    type: "counter",
    help: "Requests that ended with an answer, by why.",
    of: ({ stats }) =>
      [...stats.ended]
        .filter(([end]) => end !== "error")
        .map(([end, value]) => ({ value, label: ["finished_reason", end] as const })),
  },
  {
    name: "openvino_llm_requests_failed_total",
    type: "counter",
    help: "Requests that ended with an error.",
    of: ({ stats }) => one(stats.ended.get("error") ?? 0),
  },
  {
    name: "openvino_llm_requests_refused_total",
    type: "counter",
    help: "Requests that found no room.",
    of: ({ stats }) => one(stats.refused),
  },
  {
    name: "openvino_llm_engine_steps_total",
    type: "counter",
    help: "Inferences.",
    of: ({ llm }) => one(llm.metrics().totals.steps),
  },
  {
    name: "openvino_llm_kv_cache_bytes",
    type: "gauge",
    help: "Size of the key-value cache.",
    of: ({ llm }) => one(llm.metrics().cacheSizeBytes),
  },
  {
    name: "openvino_llm_requests_max",
    type: "gauge",
    help: "Requests that run or wait at most.",
    of: ({ capacity }) => one(capacity),
  },
];

const DISTRIBUTIONS: readonly Distribution[] = [
  {
    name: "vllm:time_to_first_token_seconds",
    help: "From the request to its first token.",
    of: ({ stats }) => stats.timeToFirstToken,
  },
  {
    name: "vllm:inter_token_latency_seconds",
    help: "Between the steps of a request.",
    of: ({ stats }) => stats.interTokenLatency,
  },
  {
    name: "vllm:request_time_per_output_token_seconds",
    help: "Mean time of the tokens of a request behind the first.",
    of: ({ stats }) => stats.timePerOutputToken,
  },
  {
    name: "vllm:e2e_request_latency_seconds",
    help: "From the request to its last token.",
    of: ({ stats }) => stats.endToEndLatency,
  },
  {
    name: "vllm:request_queue_time_seconds",
    help: "From the request until the engine took it.",
    of: ({ stats }) => stats.queueTime,
  },
];

/** Requests that were taken in and are not in the engine. */
export function waitingOf({ admitted, llm }: ServedModel): number {
  return Math.max(0, admitted - llm.metrics().running);
}

/** The whole text. */
export function prometheusText(models: readonly ServedModel[]): string {
  const lines: string[] = [];
  for (const { name, type, help, of } of FIGURES) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const model of models) {
      for (const { value, label } of of(model)) lines.push(`${name}{${labels(model, label)}} ${value}`);
    }
  }
  for (const { name, help, of } of DISTRIBUTIONS) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} histogram`);
    for (const model of models) lines.push(...histogramLines(name, model, of(model)));
  }
  return `${lines.join("\n")}\n`;
}

function histogramLines(name: string, model: ServedModel, { bounds, cumulative, sum }: Histogram): string[] {
  const counts = cumulative;
  return [
    ...counts.map(
      (count, index) => `${name}_bucket{${labels(model, ["le", String(bounds[index] ?? "+Inf")])}} ${count}`,
    ),
    `${name}_sum{${labels(model)}} ${sum}`,
    `${name}_count{${labels(model)}} ${counts.at(-1) ?? 0}`,
  ];
}

function labels({ name }: ServedModel, more?: readonly [string, string]): string {
  const own = `model_name="${escaped(name)}"`;
  return more === undefined ? own : `${own},${more[0]}="${escaped(more[1])}"`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
