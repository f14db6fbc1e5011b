import { describe, expect, it } from "vitest";
import type { EngineMetrics } from "openvino-llm";
import { ModelRegistry } from "../../lib/models/model-registry.js";
import { ModelStats } from "../../lib/models/model-stats.js";
import type { ServedModel } from "../../lib/models/served-model.js";
import { StepWatch } from "../../lib/service/health.js";

/** An engine whose figures are given. */
function watched() {
  const engine = { running: 0, steps: 0, healthy: true };
  const llm = {
    producedTokens: 0,
    metrics: () => ({ running: engine.running, totals: { steps: engine.steps } }) as EngineMetrics,
    get healthy() {
      return engine.healthy;
    },
  };
  const models = new ModelRegistry();
  models.add({ name: "m", task: "text_generation", llm, stats: new ModelStats() } as unknown as ServedModel);
  const watch = new StepWatch(models, 3);
  const ticks = (count: number) => {
    for (let tick = 0; tick < count; tick++) watch.tick();
  };
  return { engine, watch, ticks };
}

describe("the watch over steps", () => {
  it("finds an engine that makes none although requests run, and that it goes on", () => {
    const { engine, watch, ticks } = watched();
    engine.running = 1;
    ticks(4);
    expect(watch.hanging()).toEqual([]);
    ticks(1);
    expect(watch.hanging()).toEqual(["m"]);
    engine.steps++;
    ticks(1);
    expect(watch.hanging()).toEqual([]);
  });

  it("finds nothing wrong with an engine that has nothing to do", () => {
    const { watch, ticks } = watched();
    ticks(10);
    expect(watch.hanging()).toEqual([]);
  });

  it("finds one that has failed at once", () => {
    const { engine, watch } = watched();
    engine.healthy = false;
    expect(watch.hanging()).toEqual(["m"]);
  });
});
