/** Shows on stderr where tuning is: on a terminal in one line that is drawn again, elsewhere as plain lines. */
import { formatBytes, formatCount, formatFigure, formatMs, formatSeconds } from "openvino-llm/internal";
import type { TuneFormatsEvent } from "../tune/formats/formats-report.js";

/** The display of one tuning. */
export class TuneDisplay {
  readonly #out: NodeJS.WriteStream;
  #isDrawn = false;

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out;
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
        return this.#line(`${name}: ${weightFormat}, ${formatBytes(weightsBytes)}; ${together}`);
      }
      case "quality":
        return this.#line("Comparing the answers of the defaults with exact arithmetic");
      case "stage":
        return this.#line(`${event.stage}: ${event.candidates.join("; ")}`);
      case "preparing":
        return this.#line(`Making ${event.format}`);
      case "tuning":
        return this.#line(`Tuning ${event.format}`);
      case "format-failed":
        return this.#line(`  failed: ${event.format} (${event.message})`);
      case "round":
        return this.#line(`All formats side by side, round ${event.round}`);
      case "measured": {
        const { concurrency, outputTokensPerSecond, ttftMs, tpotMs } = event.sample;
        return this.#draw(
          `${event.candidate}, ${concurrency} at once: ${formatFigure(outputTokensPerSecond)} tokens/s, ` +
            `TTFT ${formatMs(ttftMs)}, TPOT ${formatMs(tpotMs)}, ${formatSeconds(event.remainingMs)} left`,
        );
      }
      case "left":
        return this.#line(
          `  ${event.reason}: ${event.candidate}${event.detail === "" ? "" : ` (${event.detail})`}`,
        );
    }
  }

  /** Takes away what is drawn. */
  end(): void {
    if (this.#isDrawn) this.#out.write("\r\u001b[K");
    this.#isDrawn = false;
  }

  #line(text: string): void {
    this.end();
    this.#out.write(`${text}\n`);
  }

  #draw(text: string): void {
    if (!this.#out.isTTY) return;
    this.#out.write(`\r\u001b[K${text.slice(0, Math.max(0, this.#out.columns - 1))}`);
    this.#isDrawn = true;
  }
}
