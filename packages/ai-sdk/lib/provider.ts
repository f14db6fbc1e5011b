/** The provider: models by their names, or made of pipelines that are loaded. */
import { NoSuchModelError } from "@ai-sdk/provider";
import {
  ContinuousBatchingPipeline,
  TextEmbeddingPipeline,
  TextRerankPipeline,
  type BatchingLoadOptions,
  type TextEmbeddingLoadOptions,
  type TextGenerator,
  type TextRerankLoadOptions,
} from "openvino-llm";

import { invalidArgument } from "./errors/sdk-error.js";
import { OpenVINOEmbeddingModel } from "./models/embedding-model.js";
import { OpenVINOLanguageModel } from "./models/language-model.js";
import { OpenVINORerankingModel } from "./models/reranking-model.js";
import { NamedPipelines, type Loaded } from "./models/named-pipelines.js";
import type { SpecificationVersion } from "./spec/shared.js";

/** How models that are asked for by name are loaded. */
export interface OpenVINOLoadSettings {
  /** Options of `ContinuousBatchingPipeline.load()`. Default none. */
  readonly languageModel?: BatchingLoadOptions | undefined;
  /** Options of `TextEmbeddingPipeline.load()`; the model's own `poolingType` above all. Default none. */
  readonly embeddingModel?: TextEmbeddingLoadOptions | undefined;
  /** Options of `TextRerankPipeline.load()`. Default none. */
  readonly rerankingModel?: TextRerankLoadOptions | undefined;
}

/**
 * Settings of {@link createOpenVINO}.
 *
 * @typeParam Version - that of the specification
 */
export interface OpenVINOProviderSettings<Version extends SpecificationVersion = SpecificationVersion> {
  /** "v4" for `ai` 7, "v3" for `ai` 6. Default "v4". */
  readonly specificationVersion?: Version | undefined;
  /** How models that are asked for by name are loaded. Default: the library's defaults. */
  readonly load?: OpenVINOLoadSettings | undefined;
}

/**
 * A provider of the AI SDK: `ProviderV4`, or `ProviderV3`. A model's name is that of one in the cache or of an npm package
 * `openvino-llm-model-…`, or it is the path of a folder with OpenVINO IR or of a .gguf file. It is loaded by the first call
 * that needs it, once for the whole provider, and never downloaded.
 *
 * @typeParam Version - that of the specification
 */
export interface OpenVINOProvider<Version extends SpecificationVersion = "v4"> {
  /** The same as `languageModel()`. */
  (model: string | TextGenerator): OpenVINOLanguageModel<Version>;
  /** Version of the AI SDK's specification. */
  readonly specificationVersion: Version;
  /** A language model, by its name or of a pipeline that is loaded. */
  languageModel(model: string | TextGenerator): OpenVINOLanguageModel<Version>;
  /** An embedding model, by its name or of a pipeline that is loaded. */
  embeddingModel(model: string | TextEmbeddingPipeline): OpenVINOEmbeddingModel<Version>;
  /** A reranking model, by its name or of a pipeline that is loaded. */
  rerankingModel(model: string | TextRerankPipeline): OpenVINORerankingModel<Version>;
  /** There are none. @throws NoSuchModelError */
  imageModel(modelId: string): never;
  /**
   * Closes the pipelines that the provider itself has loaded: what runs fails with ERR_CLOSED. A later call loads its model
   * again. Idempotent.
   */
  close(): Promise<void>;
}

/**
 * Makes a provider.
 *
 * @throws InvalidArgumentError
 */
export function createOpenVINO<const Version extends SpecificationVersion = "v4">(
  settings: OpenVINOProviderSettings<Version> = {},
): OpenVINOProvider<Version> {
  const version = checkedVersion(settings);
  const { load = {} } = settings;
  const language = new NamedPipelines<TextGenerator>("languageModel", (id) =>
    ContinuousBatchingPipeline.load(id, load.languageModel),
  );
  const embedding = new NamedPipelines("embeddingModel", (id) =>
    TextEmbeddingPipeline.load(id, load.embeddingModel),
  );
  const reranking = new NamedPipelines("rerankingModel", (id) =>
    TextRerankPipeline.load(id, load.rerankingModel),
  );

  const languageModel = (model: string | TextGenerator): OpenVINOLanguageModel<Version> =>
    new OpenVINOLanguageModel(version, idOf(model), language.of(model));
  return Object.assign((model: string | TextGenerator) => languageModel(model), {
    specificationVersion: version,
    languageModel,
    embeddingModel: (model: string | TextEmbeddingPipeline) =>
      new OpenVINOEmbeddingModel(version, idOf(model), embedding.of(model)),
    rerankingModel: (model: string | TextRerankPipeline) =>
      new OpenVINORerankingModel(version, idOf(model), reranking.of(model)),
    imageModel: (modelId: string): never => {
      throw new NoSuchModelError({ modelId, modelType: "imageModel" });
    },
    close: async () => {
      await Promise.all([language.close(), embedding.close(), reranking.close()]);
    },
  });
}

/** The default provider, of version 4: for `ai` 7, with the library's defaults. */
export const openvino: OpenVINOProvider = createOpenVINO();

function idOf(model: string | Loaded): string {
  return typeof model === "string" ? model : model.model.name;
}

function checkedVersion<Version extends SpecificationVersion>({
  specificationVersion: version = "v4" as Version,
}: OpenVINOProviderSettings<Version>): Version {
  if (version === "v3" || version === "v4") return version;
  throw invalidArgument(
    "specificationVersion",
    `Expected "v4" or "v3" for specificationVersion but received ${JSON.stringify(version)}.`,
  );
}
