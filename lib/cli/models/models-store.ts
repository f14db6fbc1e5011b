import type { Command } from "commander";

import type { ProgressEvent } from "../../download/wheels.js";
import { fetchModel } from "../../models/store/fetch-by-name.js";
import type { RandomWeights } from "../../models/inspect/random-weights.js";
import { KNOWN_MODELS } from "../../models/store/known-models.js";
import { listModels, type ListedModel } from "../../models/list.js";
import { removeModel } from "../../models/store/remove.js";
import { resolveModel } from "../../models/store/resolve.js";
import { formatBytes, printable } from "../terminal/format.js";
import { untilSignal } from "../terminal/until-signal.js";

/** Adds `models fetch`, `path`, `list` and `remove`. */
export function registerStore(models: Command): void {
  models
    .command("fetch")
    .argument("<name>", `one of: ${[...KNOWN_MODELS.keys()].join(", ")}`)
    .description("download a model, convert it to OpenVINO IR, print its folder")
    .action(async (name: string) => {
      const dir = await untilSignal((signal) => fetchModel(name, { onProgress: reportProgress, signal }));
      if (dir !== null) process.stdout.write(`${dir}\n`);
    });

  models
    .command("path")
    .argument("<name>", "the name of a model, or a path")
    .description("print where a model is")
    .action(async (name: string) => {
      const model = await resolveModel(name);
      process.stdout.write(`${model.kind === "ir" ? model.dir : model.path}\n`);
    });

  models
    .command("list")
    .description("list the models in the cache and those that can be fetched")
    .option("--json", "print all that is known of them as JSON")
    .action(async (flags: { readonly json?: boolean }) => {
      const listed = await listModels();
      const text = flags.json === true ? JSON.stringify(listed, null, 2) : listLines(listed).join("\n");
      process.stdout.write(`${text}\n`);
    });

  models
    .command("remove")
    .argument("<name>", "the name of a model, or a folder in the cache")
    .description("delete a model from the cache without asking, print where it was")
    .action(async (name: string) => {
      process.stdout.write(`${await removeModel(name)}\n`);
    });
}

/** A line for each model: name, size, precision, what its weights are, where it came from. */
export function listLines(models: readonly ListedModel[]): string[] {
  const cells = models.map(({ name, dir, sizeBytes, precision, randomWeights, source }) =>
    dir === null
      ? [name, "not fetched", "", "", ""]
      : [
          name,
          sizeBytes === null ? "" : formatBytes(sizeBytes),
          precision ?? "",
          randomWeights === null ? "" : randomText(randomWeights),
          source ?? "",
        ].map(printable),
  );
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function randomText({ layersShare }: RandomWeights): string {
  return layersShare === 1 ? "random" : `random, ${(layersShare * 100).toFixed(1)} % of the layers`;
}

function reportProgress({ step, detail }: ProgressEvent): void {
  process.stderr.write(detail === undefined ? `${step}\n` : `  ${detail}\n`);
}
