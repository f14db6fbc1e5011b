/** POST /v1/messages and /v1/messages/count_tokens: Anthropic's API. */
import { runStreamed, runWhole } from "../../generation/run-calls.js";
import { COUNT, has, listOf, only, TEXT } from "../../schema/answers.js";
import { nullable } from "../../schema/fields.js";
import { newId } from "../openai/answer-identity.js";
import type { Operation } from "../operation.js";
import { anthropicError, messageFailed, messageOf, MessageWriter } from "./from-engine.js";
import { COUNT_SCHEMA, MESSAGES_SCHEMA, type MessagesBody, type MessagesPrompt } from "./schema.js";
import { MESSAGES_NAMES, messagesCall, promptOf } from "./to-engine.js";

export const messages: Operation<MessagesBody> = {
  id: "createMessage",
  summary: "Answer a chat by Anthropic's API",
  tracedAs: "chat",
  schema: MESSAGES_SCHEMA,
  answer: has({
    id: TEXT,
    type: only("message"),
    role: only("assistant"),
    model: TEXT,
    content: listOf(has({ type: { enum: ["text", "thinking", "tool_use"] } })),
    stop_reason: { enum: ["end_turn", "max_tokens", "stop_sequence", "tool_use"] },
    stop_sequence: nullable(TEXT),
    usage: has({ input_tokens: COUNT, output_tokens: COUNT }),
  }),
  streams: true,
  fieldNames: MESSAGES_NAMES,
  errorBody: anthropicError,
  run: async (body, context) => {
    const model = context.models.find(body.model);
    const calls = [messagesCall(body, model.chatOptions)];
    const identity = { id: newId("msg_"), model: model.name };
    if (body.stream === true) {
      const events = await runStreamed(model, calls, [new MessageWriter(identity)], context);
      return { kind: "stream", events, failed: messageFailed, end: null };
    }
    const results = await runWhole(model, calls, context);
    return { kind: "whole", body: results.map((result) => messageOf(result, identity))[0] };
  },
};

export const countTokens: Operation<MessagesPrompt> = {
  id: "countMessageTokens",
  summary: "The tokens of a chat",
  schema: COUNT_SCHEMA,
  answer: has({ input_tokens: COUNT }),
  fieldNames: MESSAGES_NAMES,
  errorBody: anthropicError,
  run: async (body, { models }) => {
    const { llm, chatOptions } = models.find(body.model);
    const { input, options } = promptOf(body, chatOptions);
    return { kind: "whole", body: { input_tokens: await llm.countPromptTokens(input, options) } };
  },
};
