import type { HttpCost } from "../summary/http-cost.js";
import { figure, NONE, sureness } from "./report-text.js";
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

function withInterval(estimate: Estimate, text: (value: number) => string): string {
  const sure = sureness(estimate, text);
  return sure === null ? text(estimate.mean) : `${text(estimate.mean)} (${sure})`;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${figure(Math.abs(value))}`;
}
