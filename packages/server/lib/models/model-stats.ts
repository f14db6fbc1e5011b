/** What was measured of a model's requests since it is served. */
import type { GenerationResult } from "openvino-llm";

import { Histogram } from "./histogram.js";

/** vLLM's bounds, in seconds. */
const FIRST_TOKEN = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640,
  2560,
];
const TOKEN = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
const REQUEST = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
];

/** How a request ended. */
export type RequestEnd = "stop" | "length" | "tool_calls" | "abort" | "error";

const TOKENS_PER_SECOND_OVER = 5;

export class ModelStats {
  readonly timeToFirstToken = new Histogram(FIRST_TOKEN);
  readonly interTokenLatency = new Histogram(TOKEN);
  readonly timePerOutputToken = new Histogram(TOKEN);
  readonly endToEndLatency = new Histogram(REQUEST);
  readonly queueTime = new Histogram(REQUEST);
  readonly ended = new Map<RequestEnd, number>();
  /** Requests that found no room. */
  refused = 0;
  readonly #produced: number[] = [];

  /** A request ended with a result, aborted ones too. */
  record({ finishReason, timing }: GenerationResult): void {
    this.recordEnd(finishReason);
    if (timing.ttftMs === null) return;
    this.timeToFirstToken.observe(timing.ttftMs / 1000);
    this.queueTime.observe(timing.queueMs / 1000);
    if (finishReason !== "abort") this.endToEndLatency.observe(timing.e2eMs / 1000);
    if (timing.tpotMs !== null) this.timePerOutputToken.observe(timing.tpotMs / 1000);
    const { producedMs } = timing.perToken;
    for (let index = 1; index < producedMs.length; index++) {
      const gapMs = (producedMs[index] as number) - (producedMs[index - 1] as number);
      // Tokens of one step came at once.
      if (gapMs > 0) this.interTokenLatency.observe(gapMs / 1000);
    }
  }

  /** A request ended; with an error there is no result. */
  recordEnd(end: RequestEnd): void {
    this.ended.set(end, (this.ended.get(end) ?? 0) + 1);
  }

  /** Once a second: the tokens that the engine has produced so far. */
  sample(producedTokens: number): void {
    this.#produced.push(producedTokens);
    if (this.#produced.length > TOKENS_PER_SECOND_OVER + 1) this.#produced.shift();
  }

  /** Of the last seconds. */
  get tokensPerSecond(): number {
    const [first = 0] = this.#produced;
    const seconds = this.#produced.length - 1;
    return seconds < 1 ? 0 : ((this.#produced.at(-1) ?? 0) - first) / seconds;
  }
}
