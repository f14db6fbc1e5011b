/** Figures and names as both reports write them. Pure. */
import { randomWeightsOf } from "openvino-llm/internal";
import type { JsonObject } from "openvino-llm/models";
import { MIN_SAMPLES_FOR_P99, type Distribution } from "../measure/metrics.js";
import type { Estimate } from "../stats/statistics.js";

/** Stands for what there is not. */
export const NONE = "–";

/** What figures of a model with random weights must never be without; null for a trained one. */
export function caveatOf(manifest: JsonObject | null): string | null {
  const random = randomWeightsOf(manifest);
  if (random === null) return null;
  const layers = random.layersShare < 1 ? `, ${Math.round(random.layersShare * 100)} % of the layers` : "";
  return `random weights${layers}`;
}

/** What a title calls a model: "phi-int4 (random weights)". */
export function titleOf(label: string, manifest: JsonObject | null): string {
  const caveat = caveatOf(manifest);
  return caveat === null ? label : `${label} (${caveat})`;
}

/** A figure with about three digits that count. */
export function figure(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 10 ? 2 : size < 1000 ? 1 : 0);
}

/** How sure a mean is: its interval, or the repeats themselves where they are too few for one. Null for a single one. */
export function sureness(
  { low, high, values }: Estimate,
  text: (value: number) => string = figure,
): string | null {
  if (low !== null && high !== null) return `${text(low)} to ${text(high)}`;
  return values.length > 1 ? values.map((value) => text(value)).join(", ") : null;
}

/** A part of 1 in percent. */
export function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

/** A part that is not always known. */
export function shareText(part: number | null): string {
  return part === null ? NONE : percent(part);
}

/** How many times as fast. */
export function timesText(ratio: number | null): string {
  return ratio === null ? NONE : `${ratio.toFixed(2)}x`;
}

/** A percentile by its name, such as "p95"; none where there are too few samples for it. */
export function percentileText({ n, percentiles }: Distribution, name: string): string {
  const value = percentiles[name];
  const needed = Number(name.slice(1)) >= 99 ? MIN_SAMPLES_FOR_P99 : 1;
  return value === undefined || n < needed ? NONE : figure(value);
}
