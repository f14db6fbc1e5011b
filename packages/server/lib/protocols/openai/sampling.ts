/** The fields about how a text is generated that chat and completions have in common: OpenAI's, and vLLM's beside them. */
import type { GenerationOptions } from "openvino-llm";

import { badRequest } from "../../errors/api-error.js";
import { given } from "../../schema/given.js";
import {
  booleanField,
  integerField,
  nullable,
  numberField,
  textField,
  type JsonSchema,
} from "../../schema/fields.js";

const MAX_INT32 = 2 ** 31 - 1;
/** vLLM's neutral value of `top_k` is -1, ours is 0. */
const NO_TOP_K = -1;

/** Of the body of a request. Null stands for leaving a field out. */
export interface SamplingFields {
  readonly model?: string | null;
  readonly stream?: boolean | null;
  readonly stream_options?: { readonly include_usage?: boolean | null } | null;
  readonly n?: number | null;
  readonly max_tokens?: number | null;
  readonly min_tokens?: number | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly top_k?: number | null;
  readonly min_p?: number | null;
  readonly seed?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly stop_token_ids?: readonly number[] | null;
  readonly include_stop_str_in_output?: boolean | null;
  readonly ignore_eos?: boolean | null;
  readonly frequency_penalty?: number | null;
  readonly presence_penalty?: number | null;
  readonly repetition_penalty?: number | null;
  readonly logit_bias?: Readonly<Record<string, unknown>> | null;
  readonly priority?: number | null;
}

/** Their schemas. */
export const SAMPLING_PROPERTIES: Readonly<Record<keyof SamplingFields, JsonSchema>> = {
  model: textField("The model's name; may be left out where one is served."),
  stream: booleanField("Server-sent events, one for each token. Default false."),
  stream_options: nullable({
    type: "object",
    properties: { include_usage: booleanField("A last event with the usage. Default false.") },
  }),
  n: integerField(1, 128, "Answers to one prompt. Default 1."),
  max_tokens: integerField(
    1,
    MAX_INT32,
    "Tokens to generate at most. Default: what the context has room for.",
  ),
  min_tokens: integerField(0, MAX_INT32, "Tokens before which the text does not end. Default 0."),
  temperature: numberField(0, 100, "0 takes the likeliest token each time. Default: the model's own."),
  top_p: nullable({
    type: "number",
    exclusiveMinimum: 0,
    maximum: 1,
    description: "Default 1, which is off.",
  }),
  top_k: integerField(NO_TOP_K, MAX_INT32, "Default off, which -1 and 0 are too."),
  min_p: nullable({
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    description: "Default 0, which is off.",
  }),
  seed: nullable({ type: "integer", description: "Seed of sampling. Default: one for each request." }),
  stop: {
    anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, maxItems: 64 }, { type: "null" }],
    description: "Texts that end the answer and are not in it.",
  },
  stop_token_ids: nullable({ type: "array", items: { type: "integer", minimum: 0, maximum: MAX_INT32 } }),
  include_stop_str_in_output: booleanField("Keep the stop text. Default false."),
  ignore_eos: booleanField("Go on behind the model's end token. Default false."),
  frequency_penalty: numberField(-2, 2, "Default 0."),
  presence_penalty: numberField(-2, 2, "Default 0."),
  repetition_penalty: nullable({
    type: "number",
    exclusiveMinimum: 0,
    maximum: 100,
    description: "Default 1.",
  }),
  logit_bias: nullable({ type: "object", description: "Not supported: must be empty." }),
  priority: integerField(
    -(2 ** 31),
    MAX_INT32,
    "Lower comes first; beyond -8 and 8 it makes no difference. Default 0.",
  ),
};

/** What the library's options are called in a request. */
export const SAMPLING_NAMES: Readonly<Record<string, string>> = {
  maxNewTokens: "max_tokens",
  minNewTokens: "min_tokens",
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  minP: "min_p",
  rngSeed: "seed",
  stopStrings: "stop",
  stopTokenIds: "stop_token_ids",
  ignoreEos: "ignore_eos",
  frequencyPenalty: "frequency_penalty",
  presencePenalty: "presence_penalty",
  repetitionPenalty: "repetition_penalty",
};

/** Whether a stream has the usage. */
export function wantsUsage({ stream_options: options }: SamplingFields): boolean {
  return options?.include_usage === true;
}

/**
 * The library's options.
 *
 * @param copy - which of `n` answers: each has a seed of its own
 * @throws ApiError 400
 */
export function generationOptionsOf(
  body: SamplingFields,
  copy: number,
): GenerationOptions & { priority: number } {
  if (Object.keys(body.logit_bias ?? {}).length > 0) {
    throw badRequest("The field logit_bias is not supported: leave it out, or leave it empty.", "logit_bias");
  }
  const { temperature, top_p: topP, min_p: minP, seed } = body;
  const topK = Math.max(0, body.top_k ?? 0);
  const isNarrowed = (topP ?? 1) < 1 || topK > 0 || (minP ?? 0) > 0;
  return {
    priority: Math.max(-8, Math.min(8, body.priority ?? 0)),
    ...given("maxNewTokens", body.max_tokens),
    ...given("minNewTokens", body.min_tokens),
    ...given("temperature", temperature),
    // Whoever narrows what is sampled from wants to sample.
    ...(isNarrowed && (temperature ?? null) === null ? { doSample: true } : {}),
    ...given("topP", topP),
    ...given("topK", (body.top_k ?? null) === null ? null : topK),
    ...given("minP", minP),
    ...given("rngSeed", (seed ?? null) === null ? null : seedOf(seed as number, copy)),
    ...given("stopStrings", stopStringsOf(body.stop)),
    ...given("stopTokenIds", body.stop_token_ids),
    ...given("includeStopStrInOutput", body.include_stop_str_in_output),
    ...given("ignoreEos", body.ignore_eos),
    ...given("frequencyPenalty", body.frequency_penalty),
    ...given("presencePenalty", body.presence_penalty),
    ...given("repetitionPenalty", body.repetition_penalty),
  };
}

/** Any integer is a seed to OpenAI. */
function seedOf(seed: number, copy: number): number {
  return (Math.abs(seed) + copy) % 2 ** 53;
}

function stopStringsOf(stop: string | readonly string[] | null | undefined): string[] | null {
  const texts = (typeof stop === "string" ? [stop] : (stop ?? [])).filter((text) => text !== "");
  return texts.length === 0 ? null : texts;
}
