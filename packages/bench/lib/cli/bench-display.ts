/** Shows on stderr where a benchmark is: on a terminal in one line that is drawn again, elsewhere as plain lines. */
import { startProgress, type Progress } from "openvino-llm/internal";
import type { BenchEvent } from "../run/run-bench.js";
import { DrawnLine } from "./drawn-line.js";
import { openedLine, openingLine, profilingLine, progressLine, runLine } from "./bench-lines.js";

/** The display of one benchmark. */
export class BenchDisplay {
  readonly #out: NodeJS.WriteStream;
  readonly #repeats: number;
  readonly #shown: DrawnLine;
  #waiting: Progress | null = null;

  constructor(repeats: number, out: NodeJS.WriteStream = process.stderr) {
    this.#repeats = repeats;
    this.#out = out;
    this.#shown = new DrawnLine(out);
  }

  /** Takes an event of the benchmark. */
  show(event: BenchEvent): void {
    switch (event.type) {
      case "opening":
        return this.#wait(openingLine(event));
      case "opened":
        this.#line(openedLine(event));
        return this.#wait("Probing");
      case "probed":
        return this.end();
      case "run-started":
      case "progress":
        return this.#shown.draw(progressLine(event, this.#repeats));
      case "run-finished":
        return this.#line(runLine(event));
      case "profiling":
        return this.#wait(profilingLine(event));
      case "profiled":
        return this.end();
      case "request":
        return undefined;
    }
  }

  /** Takes away what is drawn. */
  end(): void {
    this.#waiting?.stop();
    this.#waiting = null;
    this.#shown.end();
  }

  #wait(title: string): void {
    this.end();
    this.#waiting = startProgress(title, this.#out);
  }

  #line(text: string): void {
    this.end();
    this.#shown.line(text);
  }
}
