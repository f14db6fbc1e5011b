/** Service levels in words. Pure. */
import type { ServiceLevels } from "../../measure/metrics.js";

const NAMES: ReadonlyArray<readonly [key: keyof ServiceLevels, name: string]> = [
  ["ttftMs", "TTFT"],
  ["tpotMs", "TPOT"],
  ["e2elMs", "E2EL"],
];

/** "TTFT at most 3,000 ms, TPOT at most 100 ms"; empty where there is no limit. */
export function limitsText(limits: ServiceLevels): string {
  return NAMES.flatMap(([key, name]) => {
    const limit = limits[key];
    return limit === undefined ? [] : [`${name} at most ${limitText(limit)}`];
  }).join(", ");
}

/** "TTFT, TPOT". */
export function missedText(missed: ReadonlyArray<keyof ServiceLevels>): string {
  return NAMES.flatMap(([key, name]) => (missed.includes(key) ? [name] : [])).join(", ");
}

/** "3,000 ms". */
export function limitText(ms: number): string {
  return `${ms.toLocaleString("en-US")} ms`;
}
