/** How far a batch is, on stderr: one line that is drawn again on a terminal, elsewhere a line now and then. */
import { formatCount, formatFigure } from "openvino-llm/internal";

import type { BatchCounts } from "../batch/run-batch.js";

const REDRAW_EVERY_MS = 500;
const LINE_EVERY_MS = 10_000;
const CLEAR_LINE = "\r\u001B[K";

/** Shows the counts until it is ended. */
export class BatchProgress {
  readonly #counts: BatchCounts;
  readonly #inputBytes: number | null;
  readonly #out: NodeJS.WriteStream;
  readonly #beganMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  /** @param inputBytes - size of the input; null where it is not known, and the time left with it */
  constructor(counts: BatchCounts, inputBytes: number | null, out: NodeJS.WriteStream = process.stderr) {
    this.#counts = counts;
    this.#inputBytes = inputBytes;
    this.#out = out;
    this.#timer = setInterval(() => this.#show(), out.isTTY ? REDRAW_EVERY_MS : LINE_EVERY_MS);
    this.#timer.unref();
  }

  /** Writes a line beside it. */
  print(line: string): void {
    this.#out.write(`${this.#out.isTTY ? CLEAR_LINE : ""}${line}\n`);
  }

  /** Says for the last time how far it came. Idempotent. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.print(batchLine(this.#counts, null, performance.now() - this.#beganMs));
  }

  #show(): void {
    const line = batchLine(this.#counts, this.#inputBytes, performance.now() - this.#beganMs);
    if (!this.#out.isTTY) return this.print(line);
    this.#out.write(`${CLEAR_LINE}${line.slice(0, Math.max(0, this.#out.columns - 1))}`);
    return undefined;
  }
}

/** "1,200 lines answered, 3 failed, 5,000 from before, 51 % of the file; 812 prompt and 340 generated tokens/s, about 4 min left". */
export function batchLine(counts: BatchCounts, inputBytes: number | null, elapsedMs: number): string {
  const { answered, failed, skipped, retries, doneBytes, skippedBytes } = counts;
  const seconds = elapsedMs / 1000;
  const parts = [
    `${formatCount(answered, "line")} answered`,
    ...(failed > 0 ? [`${formatCount(failed, "line")} failed`] : []),
    ...(skipped > 0 ? [`${formatCount(skipped, "line")} from before`] : []),
    ...(retries > 0 ? [retries === 1 ? "1 retry" : `${retries.toLocaleString("en-US")} retries`] : []),
  ];
  const speeds = [
    `${formatFigure(counts.promptTokens / seconds)} prompt tokens/s`,
    `${formatFigure(counts.completionTokens / seconds)} generated tokens/s`,
  ];
  if (inputBytes !== null && inputBytes > 0) {
    const leftBytes = Math.max(0, inputBytes - doneBytes - skippedBytes);
    parts.push(`${Math.floor((100 * (inputBytes - leftBytes)) / inputBytes)} % of the file`);
    if (doneBytes > 0) speeds.push(`about ${timeText((leftBytes / doneBytes) * seconds)} left`);
  }
  return `${parts.join(", ")}; ${speeds.join(", ")}`;
}

/** "40 s", "4 min", "2 h 10 min". */
function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
