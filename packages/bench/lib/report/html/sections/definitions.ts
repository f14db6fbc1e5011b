import { MIN_SAMPLES_FOR_P99 } from "../../../measure/metrics.js";
import { IDENTITY_TOLERANCE } from "../../../stats/scaling.js";
import type { Section } from "../context.js";
import { html } from "../markup.js";
import { STALL_FACTOR } from "../stalls.js";

const DEFINITIONS: ReadonlyArray<readonly [term: string, meaning: string]> = [
  ["Requests at once", "The most that are in flight. Waiting for a place is in no latency."],
  ["TTFT", "Time to first token: sent → first token."],
  ["ITL", "Inter-token latency: the gap between two tokens of a request; tokens of one step count as one."],
  ["TPOT", "Time per output token of a request: (last token − first token) / (tokens − 1)."],
  ["E2EL", "End-to-end latency: sent → last token."],
  [
    "Output throughput",
    "Tokens of all completed requests over the duration of the run, from the first request to the last end.",
  ],
  ["Goodput", "Requests that keep every service level, over the duration."],
  ["Scaling efficiency", "Throughput over that of one request at once, over the number of requests at once."],
  [
    "Interval",
    "95 % confidence. Of latencies by drawing repeats and the requests in them anew, widened where the repeats differ by more than their requests explain; of throughputs by Student's t over the repeats. Never below 0. Two repeats are too few for one and stand below their mean themselves.",
  ],
  [
    "Percentiles",
    `Linear interpolation, as numpy does. From p99 on they are left out below ${MIN_SAMPLES_FOR_P99} samples. The standard deviation is that of the population.`,
  ],
  ["Stall", `A gap of more than ${STALL_FACTOR} times the median gap of its run.`],
  [
    "Identity",
    `In a closed loop of equal requests: throughput = c · tokens / (TTFT + (tokens − 1) · TPOT). More than ${IDENTITY_TOLERANCE * 100} % off is flagged.`,
  ],
  [
    "Stamps",
    "In this process the engine's own, which do not depend on how busy JavaScript is; of a server those of the arrival.",
  ],
];

/** What the words mean. */
export function definitionSection(): Section {
  return {
    id: "definitions",
    title: "What the words mean",
    content: html`<dl>
        ${DEFINITIONS.map(
          ([term, meaning]) =>
            html`<div>
              <dt>${term}</dt>
              <dd>${meaning}</dd>
            </div>`,
        )}
      </dl>
      <p class="note">
        Definitions are those of vLLM's serving benchmark (0.16). Every stamp is in requests.jsonl, every
        figure in summary.json.
      </p>`,
  };
}
