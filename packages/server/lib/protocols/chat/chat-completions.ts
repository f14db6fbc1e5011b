/** POST /v1/chat/completions. */
import { runStreamed, runWhole } from "../../generation/run-calls.js";
import { COUNT, has, listOf, only, TEXT, USAGE } from "../../schema/answers.js";
import { nullable } from "../../schema/fields.js";
import { newIdentity } from "../openai/answer-identity.js";
import { openAiError, openAiFailed } from "../openai/openai-error.js";
import { wantsUsage } from "../openai/sampling.js";
import { tokenTextsOf } from "../openai/token-texts.js";
import type { Operation } from "../operation.js";
import { chatCompletion, ChatDeltaWriter, chatUsageEvent } from "./from-engine.js";
import { CHAT_SCHEMA, type ChatBody } from "./schema.js";
import { CHAT_NAMES, chatCalls } from "./to-engine.js";

export const chatCompletions: Operation<ChatBody> = {
  id: "createChatCompletion",
  summary: "Answer a chat",
  tracedAs: "chat",
  schema: CHAT_SCHEMA,
  answer: has({
    id: TEXT,
    object: only("chat.completion"),
    created: COUNT,
    model: TEXT,
    choices: listOf(
      has({
        index: COUNT,
        message: has({ role: only("assistant"), content: nullable(TEXT), refusal: { type: "null" } }),
        logprobs: nullable({ type: "object" }),
        finish_reason: { enum: ["stop", "length", "tool_calls"] },
      }),
    ),
    usage: USAGE,
    system_fingerprint: TEXT,
  }),
  streams: true,
  fieldNames: CHAT_NAMES,
  errorBody: openAiError,
  run: async (body, context) => {
    const model = context.models.find(body.model);
    const calls = chatCalls(body, model.chatOptions);
    const identity = newIdentity("chatcmpl-", model);
    const texts = body.logprobs === true ? await tokenTextsOf(model.llm) : null;
    if (body.stream !== true) {
      const results = await runWhole(model, calls, context);
      return { kind: "whole", body: chatCompletion(results, identity, texts) };
    }
    const includeUsage = wantsUsage(body);
    const settings = { identity, texts, includeUsage };
    const writers = calls.map((_, index) => new ChatDeltaWriter(settings, index));
    const events = await runStreamed(model, calls, writers, context, (results) =>
      includeUsage ? chatUsageEvent(results, identity) : null,
    );
    return { kind: "stream", events, failed: openAiFailed, end: "[DONE]" };
  },
};
