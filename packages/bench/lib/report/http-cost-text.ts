import type { HttpCost } from "../summary/http-cost.js";
import { figure, NONE } from "./report-text.js";
import type { Estimate } from "../stats/statistics.js";

/** What HTTP costs as a table, the head first: differences with their sign, each with its interval over the repeats. */
export function httpCostTable(costs: readonly HttpCost[]): string[][] {
  const head = ["concurrency", "over HTTP", "in the process", "TPOT, µs per token", "TTFT, ms", "throughput"];
  return [
    head,
    ...costs.map(({ concurrency, http, inProcess, tpotUs, ttftMs, throughputRatio }) => [
      String(concurrency),
      http,
      inProcess,
      tpotUs === null ? NONE : withInterval(tpotUs, signed),
      withInterval(ttftMs, signed),
      withInterval(throughputRatio, (ratio) => `${ratio.toFixed(3)}x`),
    ]),
  ];
}

function withInterval({ mean, low, high }: Estimate, text: (value: number) => string): string {
  return low === null || high === null ? text(mean) : `${text(mean)} (${text(low)} to ${text(high)})`;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${figure(Math.abs(value))}`;
}
