/** POST /v1/completions. */
import type { ContinuousBatchingPipeline, GenerationInput } from "openvino-llm";

import { runStreamed, runWhole } from "../../generation/run-calls.js";
import { COUNT, has, listOf, only, TEXT, USAGE } from "../../schema/answers.js";
import { nullable } from "../../schema/fields.js";
import { newIdentity } from "../openai/answer-identity.js";
import { openAiError, openAiFailed } from "../openai/openai-error.js";
import { wantsUsage } from "../openai/sampling.js";
import { tokenTextsOf } from "../openai/token-texts.js";
import type { Operation } from "../operation.js";
import {
  completion,
  completionUsageEvent,
  CompletionWriter,
  type CompletionSettings,
} from "./from-engine.js";
import { COMPLETION_SCHEMA, type CompletionBody } from "./schema.js";
import { COMPLETION_NAMES, completionCalls } from "./to-engine.js";

export const completions: Operation<CompletionBody> = {
  id: "createCompletion",
  summary: "Go on with a text",
  tracedAs: "text_completion",
  schema: COMPLETION_SCHEMA,
  answer: has({
    id: TEXT,
    object: only("text_completion"),
    created: COUNT,
    model: TEXT,
    choices: listOf(
      has({
        index: COUNT,
        text: TEXT,
        logprobs: nullable({ type: "object" }),
        finish_reason: { enum: ["stop", "length"] },
      }),
    ),
    usage: USAGE,
    system_fingerprint: TEXT,
  }),
  streams: true,
  fieldNames: COMPLETION_NAMES,
  errorBody: openAiError,
  run: async (body, context) => {
    const model = context.models.find(body.model);
    const calls = completionCalls(body);
    const settings: CompletionSettings = {
      identity: newIdentity("cmpl-", model),
      texts: typeof body.logprobs === "number" ? await tokenTextsOf(model.llm) : null,
      echoes: body.echo === true ? await Promise.all(calls.map(({ input }) => echoOf(model.llm, input))) : [],
      copies: body.n ?? 1,
      includeUsage: wantsUsage(body),
    };
    if (body.stream !== true) {
      return { kind: "whole", body: completion(await runWhole(model, calls, context), settings) };
    }
    const writers = calls.map((_, index) => new CompletionWriter(settings, index));
    const events = await runStreamed(model, calls, writers, context, (results) =>
      settings.includeUsage ? completionUsageEvent(results, settings) : null,
    );
    return { kind: "stream", events, failed: openAiFailed, end: "[DONE]" };
  },
};

/** A prompt as text. */
async function echoOf(llm: ContinuousBatchingPipeline, input: GenerationInput): Promise<string> {
  if (typeof input === "string") return input;
  return "tokenIds" in input ? llm.tokenizer.decode(input.tokenIds) : "";
}
