import type { Command } from "commander";

import { holderText } from "../../cache/process-name.js";
import { pullModel } from "../../models/pull/pull-model.js";
import type { PullEvent } from "../../models/pull/pull-events.js";
import { styleFor } from "../terminal/style.js";
import { untilSignal } from "../terminal/until-signal.js";
import { doneLines, eventLine, planLines, progressText } from "./pull-lines.js";

interface Flags {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Adds `models pull`. The folder or file goes to stdout, everything else to stderr; errors go up. */
export function registerPull(models: Command): void {
  models
    .command("pull")
    .alias("fetch")
    .argument("<name>", "org/name, org/name@revision, org/name-GGUF:Q8_0, or smollm2-135m-instruct")
    .description("download a model from the Hugging Face hub, check every file, print where it is")
    .option("--include <glob...>", "take the files that fit, in place of those that a load needs")
    .option("--exclude <glob...>", "leave out the files that fit")
    .action(async (name: string, { include, exclude }: Flags) => {
      const display = new PullDisplay();
      const onProgress = (event: PullEvent): void => display.show(event);
      const pulled = await untilSignal(
        (signal) => pullModel(name, { include, exclude, onProgress, signal }),
        display,
      );
      if (pulled === null) return;
      for (const line of doneLines(pulled, display.hasText)) process.stderr.write(`${line}\n`);
      process.stdout.write(`${pulled.path}\n`);
    });
}

/** Lines for what happens, and on a terminal one that is drawn anew for how far it is. */
class PullDisplay {
  readonly interrupted = "what has come stays, and the same command goes on from there";
  /** Whether the model writes text, as far as its files show. */
  hasText = true;
  readonly #out = process.stderr;
  #isDrawn = false;

  show(event: PullEvent): void {
    if (event.type === "progress") return this.#draw(progressText(event));
    this.end();
    if (event.type === "plan") {
      const { kind, files } = event.plan;
      this.hasText = kind !== "openvino" || files.some(({ path }) => path === "openvino_detokenizer.xml");
      for (const line of planLines(event.plan, styleFor(this.#out))) this.#out.write(`${line}\n`);
    } else if (event.type === "wait") {
      this.#out.write(`Waiting for ${holderText(event.holder)}, which pulls the same\n`);
    } else {
      const line = eventLine(event);
      if (line !== null) this.#out.write(`${line}\n`);
    }
  }

  /** Takes the drawn line away. */
  end(): void {
    if (this.#isDrawn) this.#out.write("\r\u001b[K");
    this.#isDrawn = false;
  }

  #draw(text: string): void {
    if (!this.#out.isTTY) return;
    this.#out.write(`\r\u001b[K${`  ${text}`.slice(0, Math.max(0, this.#out.columns - 1))}`);
    this.#isDrawn = true;
  }
}
