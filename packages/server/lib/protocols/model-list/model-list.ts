/** GET /v1/models and /v1/models/{id}. */
import type { ServedModel } from "../../models/served-model.js";
import { openAiError } from "../openai/openai-error.js";
import type { Operation } from "../operation.js";

export const listModels: Operation = {
  id: "listModels",
  summary: "The models that are served",
  schema: null,
  errorBody: openAiError,
  run: (_, { models }) => ({ kind: "whole", body: { object: "list", data: models.all.map(modelOf) } }),
};

/** One of them, by its name. */
export function retrieveModel(name: string): Operation {
  return {
    id: "retrieveModel",
    summary: "One of them",
    schema: null,
    errorBody: openAiError,
    run: (_, { models }) => ({ kind: "whole", body: modelOf(models.find(name)) }),
  };
}

function modelOf({ name, llm, createdSeconds }: ServedModel): unknown {
  return {
    id: name,
    object: "model",
    created: createdSeconds,
    owned_by: "openvino-llm",
    root: llm.model.path,
    parent: null,
    max_model_len: llm.model.contextLength,
  };
}
