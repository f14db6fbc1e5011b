/** The models of a server, by name. */
import { TextEmbeddingPipeline, TextRerankPipeline } from "openvino-llm";

import { ApiError, badRequest } from "../errors/api-error.js";
import type { ServedModel } from "./served-model.js";
import type { ServedTextModel } from "./served-text-model.js";

/** A model of any kind. */
export type AnyServedModel = ServedModel | ServedTextModel;

/** A model for texts with its pipeline, of the class that its task says. */
interface FoundTextModel<Pipeline> {
  readonly model: ServedTextModel;
  readonly pipeline: Pipeline;
}

export class ModelRegistry {
  readonly #models = new Map<string, AnyServedModel>();

  /** @throws RangeError for a name that is taken */
  add(model: AnyServedModel): void {
    if (this.#models.has(model.name)) {
      throw Object.assign(new RangeError(`Expected a new model name but ${model.name} is taken.`), {
        code: "ERR_OUT_OF_RANGE",
      });
    }
    this.#models.set(model.name, model);
  }

  /** All of them, in the order in which they were added. */
  get listed(): readonly AnyServedModel[] {
    return [...this.#models.values()];
  }

  /** Those that generate. */
  get all(): readonly ServedModel[] {
    return this.listed.filter((model): model is ServedModel => model.task === "text_generation");
  }

  /** Any, by its name. @throws ApiError 404 */
  named(name: string): AnyServedModel {
    return this.#models.get(name) ?? this.#missing(name);
  }

  /**
   * The model that generates which a request names; the only one of its kind where it names none.
   *
   * @throws ApiError 404, 400
   */
  find(name: string | null | undefined): ServedModel {
    const model = this.#find(name, "text_generation");
    return model.task === "text_generation" ? model : this.#wrongTask(model, "text_generation");
  }

  /** The same for one that embeds. @throws ApiError 404, 400 */
  findEmbedding(name: string | null | undefined): FoundTextModel<TextEmbeddingPipeline> {
    const model = this.#find(name, "embeddings");
    if (model.task === "embeddings" && model.pipeline instanceof TextEmbeddingPipeline) {
      return { model, pipeline: model.pipeline };
    }
    return this.#wrongTask(model, "embeddings");
  }

  /** The same for one that ranks. @throws ApiError 404, 400 */
  findReranker(name: string | null | undefined): FoundTextModel<TextRerankPipeline> {
    const model = this.#find(name, "rerank");
    if (model.task === "rerank" && model.pipeline instanceof TextRerankPipeline) {
      return { model, pipeline: model.pipeline };
    }
    return this.#wrongTask(model, "rerank");
  }

  #find(name: string | null | undefined, task: AnyServedModel["task"]): AnyServedModel {
    if (name !== null && name !== undefined && name !== "") return this.named(name);
    const [first, second] = this.listed.filter((model) => model.task === task);
    if (first !== undefined && second === undefined) return first;
    throw badRequest(
      `Expected the name of a model for ${task} but received none. There are: ${this.#names(task)}.`,
      "model",
    );
  }

  #missing(name: string): never {
    throw new ApiError({
      status: 404,
      message: `There is no model ${JSON.stringify(name.slice(0, 200))}. There are: ${this.#names(null)}.`,
      param: "model",
      code: "model_not_found",
    });
  }

  #wrongTask({ name, task }: AnyServedModel, wanted: AnyServedModel["task"]): never {
    const message = `${name} is a model for ${task}. For ${wanted} there are: ${this.#names(wanted)}.`;
    throw badRequest(message, "model", "wrong_task");
  }

  #names(task: AnyServedModel["task"] | null): string {
    const names = this.listed.filter((model) => task === null || model.task === task).map(({ name }) => name);
    return names.length === 0 ? "none" : names.join(", ");
  }
}
