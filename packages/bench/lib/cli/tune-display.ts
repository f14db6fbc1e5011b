/** Shows on stderr where tuning is: on a terminal in one line that is drawn again, elsewhere as plain lines. */
import { formatBytes, formatCount, formatFigure, formatMs, formatSeconds } from "openvino-llm/internal";
import { DrawnLine } from "./drawn-line.js";
import type { TuneFormatsEvent } from "../tune/formats/formats-report.js";

/** The display of one tuning. */
export class TuneDisplay {
  readonly #shown: DrawnLine;

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#shown = new DrawnLine(out);
  }

  /** Takes an event of tuning. */
  show(event: TuneFormatsEvent): void {
    switch (event.type) {
      case "planned": {
        const { name, weightFormat, weightsBytes } = event.model;
        const together =
          event.processes === 1
            ? "memory holds one candidate at a time: each takes its turn by a load"
            : `up to ${formatCount(event.processes, "candidate")} loaded at a time`;
        return this.#shown.line(`${name}: ${weightFormat}, ${formatBytes(weightsBytes)}; ${together}`);
      }
      case "quality":
        return this.#shown.line("Comparing the answers of the defaults with exact arithmetic");
      case "stage":
        return this.#shown.line(`${event.stage}: ${event.candidates.join("; ")}`);
      case "preparing":
        return this.#shown.line(`Making ${event.format}`);
      case "tuning":
        return this.#shown.line(`Tuning ${event.format}`);
      case "format-failed":
        return this.#shown.line(`  failed: ${event.format} (${event.message})`);
      case "round":
        return this.#shown.line(`All formats side by side, round ${event.round}`);
      case "measured": {
        const { concurrency, outputTokensPerSecond, ttftMs, tpotMs } = event.sample;
        return this.#shown.draw(
          `${event.candidate}, ${concurrency} at once: ${formatFigure(outputTokensPerSecond)} tokens/s, ` +
            `TTFT ${formatMs(ttftMs)}, TPOT ${formatMs(tpotMs)}, ${formatSeconds(event.remainingMs)} left`,
        );
      }
      case "left":
        return this.#shown.line(
          `  ${event.reason}: ${event.candidate}${event.detail === "" ? "" : ` (${event.detail})`}`,
        );
    }
  }

  /** Takes away what is drawn. */
  end(): void {
    this.#shown.end();
  }
}
