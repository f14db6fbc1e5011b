/** POST /v1/responses: OpenAI's newer API, stateless. */
import { runStreamed, runWhole } from "../../generation/run-calls.js";
import { COUNT, has, listOf, only, TEXT } from "../../schema/answers.js";
import { newId } from "../openai/answer-identity.js";
import { openAiError } from "../openai/openai-error.js";
import type { Operation } from "../operation.js";
import { responseOf, ResponseWriter } from "./from-engine.js";
import { RESPONSES_SCHEMA, type ResponsesBody } from "./schema.js";
import { RESPONSES_NAMES, responseCalls } from "./to-engine.js";

export const responses: Operation<ResponsesBody> = {
  id: "createResponse",
  summary: "Answer by OpenAI's Responses API, without keeping anything",
  tracedAs: "chat",
  schema: RESPONSES_SCHEMA,
  answer: has({
    id: TEXT,
    object: only("response"),
    created_at: COUNT,
    status: { enum: ["completed", "incomplete"] },
    model: TEXT,
    output: listOf(has({ id: TEXT, type: { enum: ["message", "reasoning", "function_call"] } })),
    usage: has({ input_tokens: COUNT, output_tokens: COUNT, total_tokens: COUNT }),
  }),
  streams: true,
  fieldNames: RESPONSES_NAMES,
  errorBody: openAiError,
  run: async (body, context) => {
    const model = context.models.find(body.model);
    const calls = responseCalls(body, model.chatOptions);
    const identity = { id: newId("resp_"), created: Math.floor(Date.now() / 1000), model: model.name };
    if (body.stream === true) {
      const writer = new ResponseWriter(identity, body);
      const events = await runStreamed(model, calls, [writer], context);
      return { kind: "stream", events, failed: (error) => writer.failed(error), end: null };
    }
    const results = await runWhole(model, calls, context);
    return { kind: "whole", body: results.map((result) => responseOf(result, identity, body))[0] };
  },
};
