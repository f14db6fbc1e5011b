/** From what is to be served to models that are. */
import { ContinuousBatchingPipeline, TextEmbeddingPipeline, TextRerankPipeline } from "openvino-llm";

import type { AnyServedModel } from "../models/model-registry.js";
import { ServedModel } from "../models/served-model.js";
import { ServedTextModel } from "../models/served-text-model.js";
import type { LoadedModelToServe, LoadedTextModelToServe, ServerOptions } from "./server-options.js";

/** A model, and whether who serves it closes it. */
export interface ModelInService {
  readonly served: AnyServedModel;
  readonly close: () => Promise<void>;
}

/** One that is loaded already. */
export function servedOf(entry: LoadedModelToServe | LoadedTextModelToServe): ModelInService {
  if ("llm" in entry) return { served: new ServedModel(entry.name, entry.llm, entry), close: async () => {} };
  const { name, pipeline } = entry;
  const task = pipeline instanceof TextEmbeddingPipeline ? "embeddings" : "rerank";
  const served = new ServedTextModel(name, task, pipeline, entry);
  return { served, close: () => served.close() };
}

/** Loads one where that is to be done. @throws (by rejection) what the pipelines' `load()` throws */
export async function loadToServe(
  entry: ServerOptions["models"][number],
  signal: AbortSignal,
): Promise<ModelInService> {
  if (!("model" in entry)) return servedOf(entry);
  if (entry.task !== "embeddings" && entry.task !== "rerank") {
    const llm = await ContinuousBatchingPipeline.load(entry.model, { ...entry.load, signal });
    const served = new ServedModel(entry.name ?? llm.model.name, llm, entry);
    return { served, close: () => llm.close() };
  }
  const Pipeline = entry.task === "embeddings" ? TextEmbeddingPipeline : TextRerankPipeline;
  const pipeline = await Pipeline.load(entry.model, { ...entry.load, signal });
  const served = new ServedTextModel(entry.name ?? pipeline.model.name, entry.task, pipeline, entry);
  return { served, close: async () => void (await Promise.all([served.close(), pipeline.close()])) };
}
