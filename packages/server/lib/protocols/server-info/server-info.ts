/** What a server reports of itself: metrics, load, models, versions. Routers ask for it, so the names are theirs. */
import type { ServedModel } from "../../models/served-model.js";
import { COUNT, has, listOf, NUMBER, TEXT, BOOLEAN } from "../../schema/answers.js";
import { nullable } from "../../schema/fields.js";
import { openAiError } from "../openai/openai-error.js";
import type { Operation } from "../operation.js";
import { PROMETHEUS_TYPE, prometheusText, waitingOf } from "./prometheus.js";

/** GET /metrics. */
export const metrics: Operation = {
  id: "metrics",
  summary: "Figures in Prometheus' text format",
  answer: null,
  schema: null,
  errorBody: openAiError,
  run: (_, { models }) => ({ kind: "text", contentType: PROMETHEUS_TYPE, text: prometheusText(models.all) }),
};

/** GET /v1/loads, as SGLang's routers poll it: all models together. */
export const loads: Operation = {
  id: "loads",
  summary: "How much there is to do",
  answer: has({
    timestamp: TEXT,
    dp_rank_count: COUNT,
    loads: listOf(
      has({
        dp_rank: COUNT,
        num_running_reqs: COUNT,
        num_waiting_reqs: COUNT,
        token_usage: { type: "number", minimum: 0, maximum: 1 },
        gen_throughput: NUMBER,
        max_running_requests: COUNT,
      }),
    ),
  }),
  schema: null,
  errorBody: openAiError,
  run: (_, { models }) => ({
    kind: "whole",
    body: { timestamp: new Date().toISOString(), dp_rank_count: 1, loads: [loadOf(models.all)] },
  }),
};

function loadOf(models: readonly ServedModel[]): unknown {
  const engines = models.map(({ llm }) => llm.metrics());
  const sum = (of: (model: ServedModel) => number): number =>
    models.reduce((total, model) => total + of(model), 0);
  return {
    dp_rank: 0,
    num_running_reqs: engines.reduce((total, { running }) => total + running, 0),
    num_waiting_reqs: sum(waitingOf),
    token_usage: Math.max(0, ...engines.map(({ cacheUsagePercent }) => cacheUsagePercent / 100)),
    gen_throughput: sum(({ stats }) => stats.tokensPerSecond),
    max_running_requests: sum(({ llm }) => llm.schedulerConfig().maxNumSeqs),
  };
}

/** GET /server_info. */
export const serverInfo: Operation = {
  id: "serverInfo",
  summary: "Version, models and their settings",
  answer: has({ server: TEXT, version: TEXT, models: listOf(has({ name: TEXT, model_path: TEXT })) }),
  schema: null,
  errorBody: openAiError,
  run: (_, { models, version }) => ({
    kind: "whole",
    body: {
      server: "openvino-llm-server",
      version,
      models: models.all.map(({ name, llm, capacity }) => ({
        name,
        model_path: llm.model.path,
        device: llm.model.device,
        max_model_len: llm.model.contextLength,
        max_running_requests: llm.schedulerConfig().maxNumSeqs,
        max_requests: capacity,
        scheduler: llm.schedulerConfig(),
        properties: llm.properties,
        profile: llm.profile,
      })),
    },
  }),
};

/** GET /model_info: of the first model. */
export const modelInfo: Operation = {
  id: "modelInfo",
  summary: "The first model",
  answer: has({
    model_path: nullable(TEXT),
    tokenizer_path: nullable(TEXT),
    served_model_name: nullable(TEXT),
    max_model_len: nullable(COUNT),
    is_generation: BOOLEAN,
  }),
  schema: null,
  errorBody: openAiError,
  run: (_, { models }) => {
    const [first] = models.all;
    const path = first?.llm.model.path ?? null;
    return {
      kind: "whole",
      body: {
        model_path: path,
        tokenizer_path: path,
        served_model_name: first?.name ?? null,
        max_model_len: first?.llm.model.contextLength ?? null,
        is_generation: true,
      },
    };
  },
};

/** GET /version. */
export const versionInfo: Operation = {
  id: "version",
  summary: "The server's version",
  answer: has({ version: TEXT }),
  schema: null,
  errorBody: openAiError,
  run: (_, { version }) => ({ kind: "whole", body: { version } }),
};
