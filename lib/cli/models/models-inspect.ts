import { writeFile } from "node:fs/promises";

import type { Command } from "commander";

import { inspectModel } from "../../models/inspect/inspect-model.js";
import type { ModelInspection } from "../../models/inspect/inspection.js";
import { BENCH, importFrom } from "../companion.js";
import { inspectionLines } from "./models-inspect-lines.js";
import { styleFor } from "../terminal/style.js";

interface InspectFlags {
  readonly json?: boolean;
  readonly html?: string;
}

/** Adds `models inspect`. The result goes to stdout; errors go up. */
export function registerInspect(models: Command): void {
  models
    .command("inspect")
    .argument("<model>", "a folder, an .xml, .gguf or .safetensors file, or the name of a model")
    .description("describe a model by its files: sizes, weights by precision, operations, memory")
    .option("--json", "print all of it as JSON")
    .option("--html <file>", "write a page with the census of the weights as a chart")
    .action(async (name: string, flags: InspectFlags) => {
      const model = await inspectModel(name);
      if (flags.html !== undefined) {
        await writeFile(flags.html, await pageOf(model));
        process.stderr.write(`Wrote ${flags.html}\n`);
      }
      if (flags.json === true) process.stdout.write(`${JSON.stringify(model, null, 2)}\n`);
      else if (flags.html === undefined) {
        process.stdout.write(`${inspectionLines(model, styleFor(process.stdout)).join("\n")}\n`);
      }
    });
}

/** What openvino-llm-bench exports as `./inspection-page`. */
interface PageModule {
  readonly inspectionPage: (model: ModelInspection) => Promise<string>;
}

/** The page is drawn by what draws the benchmark's report. */
async function pageOf(model: ModelInspection): Promise<string> {
  const { inspectionPage } = (await importFrom(BENCH, "inspection-page")) as PageModule;
  return inspectionPage(model);
}
