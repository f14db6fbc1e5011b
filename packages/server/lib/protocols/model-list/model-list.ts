/** GET /v1/models and /v1/models/{id}. */
import type { AnyServedModel } from "../../models/model-registry.js";
import { COUNT, has, listOf, only, TEXT } from "../../schema/answers.js";
import { nullable } from "../../schema/fields.js";
import { openAiError } from "../openai/openai-error.js";
import type { Operation } from "../operation.js";

const MODEL = has({
  id: TEXT,
  object: only("model"),
  created: COUNT,
  owned_by: TEXT,
  root: TEXT,
  max_model_len: nullable(COUNT),
});

export const listModels: Operation = {
  id: "listModels",
  summary: "The models that are served",
  schema: null,
  answer: has({ object: only("list"), data: listOf(MODEL) }),
  errorBody: openAiError,
  run: (_, { models }) => ({ kind: "whole", body: { object: "list", data: models.listed.map(modelOf) } }),
};

/** One of them, by its name. */
export function retrieveModel(name: string): Operation {
  return {
    id: "retrieveModel",
    summary: "One of them",
    schema: null,
    answer: MODEL,
    errorBody: openAiError,
    run: (_, { models }) => ({ kind: "whole", body: modelOf(models.named(name)) }),
  };
}

function modelOf({ name, root, contextLength, createdSeconds }: AnyServedModel): unknown {
  return {
    id: name,
    object: "model",
    created: createdSeconds,
    owned_by: "openvino-llm",
    root,
    parent: null,
    max_model_len: contextLength,
  };
}
