/** The pipelines of one kind that a provider has, by the names that they were asked for by. */
import { loadError, type ModelType } from "../errors/sdk-error.js";
import { SharedPipeline } from "./shared-pipeline.js";

/** What every pipeline is. */
export interface Loaded {
  readonly model: { readonly name: string };
  close(): Promise<void>;
}

/** Each is loaded once. */
export class NamedPipelines<Pipeline extends Loaded> {
  readonly #kind: ModelType;
  readonly #load: (id: string) => Promise<Pipeline>;
  readonly #named = new Map<string, SharedPipeline<Pipeline>>();

  constructor(kind: ModelType, load: (id: string) => Promise<Pipeline>) {
    this.#kind = kind;
    this.#load = load;
  }

  of(model: string | Pipeline): SharedPipeline<Pipeline> {
    if (typeof model !== "string") return new SharedPipeline(() => Promise.resolve(model));
    let shared = this.#named.get(model);
    if (shared === undefined) {
      shared = new SharedPipeline(async () => {
        try {
          return await this.#load(model);
        } catch (error) {
          throw loadError(error, model, this.#kind);
        }
      });
      this.#named.set(model, shared);
    }
    return shared;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#named.values()].map((shared) => shared.close()));
  }
}
