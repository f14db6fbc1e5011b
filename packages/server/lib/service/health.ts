/** Whether requests should be sent here: loaded, not draining, and every engine that has work makes steps. */
import type { ModelRegistry } from "../models/model-registry.js";
import type { ServedModel } from "../models/served-model.js";

/** What a server is doing. */
export type ServiceState = "loading" | "ready" | "draining";

/**
 * Looks at the engines once a second. Intervals are counted, not time: a process that was stopped missed none of them, but the
 * one in which it was stopped may have had no time for a step, so it takes one more than there is patience for.
 */
export class StepWatch {
  readonly #models: ModelRegistry;
  readonly #patience: number;
  readonly #seen = new Map<ServedModel, { steps: number; intervals: number }>();

  /** @param patience - whole intervals without a step, though requests run, after which an engine hangs */
  constructor(models: ModelRegistry, patience: number) {
    this.#models = models;
    this.#patience = patience;
  }

  /** Once each interval. */
  tick(): void {
    for (const model of this.#models.all) {
      model.stats.sample(model.llm.producedTokens);
      const { running, totals } = model.llm.metrics();
      const seen = this.#seen.get(model);
      const isStill = running > 0 && seen?.steps === totals.steps;
      this.#seen.set(model, { steps: totals.steps, intervals: isStill ? (seen?.intervals ?? 0) + 1 : 0 });
    }
  }

  /** The names of the models whose engines hang or have failed. */
  hanging(): string[] {
    return this.#models.all
      .filter((model) => !model.llm.healthy || (this.#seen.get(model)?.intervals ?? 0) > this.#patience)
      .map(({ name }) => name);
  }
}
