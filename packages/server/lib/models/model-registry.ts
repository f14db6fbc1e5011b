/** The models of a server, by name. */
import { ApiError, badRequest } from "../errors/api-error.js";
import type { ServedModel } from "./served-model.js";

export class ModelRegistry {
  readonly #models = new Map<string, ServedModel>();

  /** @throws RangeError for a name that is taken */
  add(model: ServedModel): void {
    if (this.#models.has(model.name)) {
      throw Object.assign(new RangeError(`Expected another name than ${model.name}, which is taken.`), {
        code: "ERR_OUT_OF_RANGE",
      });
    }
    this.#models.set(model.name, model);
  }

  /** In the order in which they were added. */
  get all(): readonly ServedModel[] {
    return [...this.#models.values()];
  }

  /**
   * The model that a request names; the only one where it names none.
   *
   * @throws ApiError 404, 400
   */
  find(name: string | null | undefined): ServedModel {
    if (name === null || name === undefined || name === "") {
      const [first, second] = this.#models.values();
      if (first !== undefined && second === undefined) return first;
      throw badRequest(`Expected the name of a model: ${this.#names()}.`, "model");
    }
    const model = this.#models.get(name);
    if (model !== undefined) return model;
    throw new ApiError({
      status: 404,
      message: `There is no model ${JSON.stringify(name.slice(0, 200))}. There are: ${this.#names()}.`,
      param: "model",
      code: "model_not_found",
    });
  }

  #names(): string {
    return this.#models.size === 0 ? "none" : [...this.#models.keys()].join(", ");
  }
}
