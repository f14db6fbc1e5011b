/** Whether models fit into memory beside each other. */
import { stat } from "node:fs/promises";
import { join } from "node:path";

import { freeMemory } from "openvino-llm/internal";
import { resolveModel } from "openvino-llm/models";
import type { PlanTarget } from "../plan/plan.js";

/** Beside its weights, what a model takes at least: kernels, activations, cache. */
const EXTRA_BYTES = 256e6;
/** A plugin keeps weights in an order of its own, while their file is mapped. */
const COPIES = 1.5;

/** Memory that a model of these weights needs, roughly. */
export function memoryNeeded(weightBytes: number): number {
  return weightBytes * COPIES + EXTRA_BYTES;
}

/**
 * The targets of a group that can be loaded at the same time: all of them, or each alone.
 *
 * @param available - bytes that are free
 */
export async function groupsThatFit(
  group: readonly PlanTarget[],
  available = freeMemory(),
): Promise<ReadonlyArray<readonly PlanTarget[]>> {
  const [first, ...others] = group.filter(({ http }) => !http);
  if (first === undefined || others.length === 0) return [group];
  const needed = memoryNeeded(await weightBytes(first.model)) * (1 + others.length);
  return needed <= available ? [group] : group.map((target) => [target]);
}

/** Bytes of a model's weights on the disk; 0 where there is no such model, which loading it will report. */
export async function weightBytes(model: string): Promise<number> {
  try {
    const found = await resolveModel(model);
    const file = found.kind === "ir" ? join(found.dir, "openvino_model.bin") : found.path;
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}
