import type { Command } from "commander";

import type { RandomWeights } from "../../models/inspect/random-weights.js";
import { knownHubModels, type KnownHubModel } from "../../models/known-hub-models.js";
import { listModels, type ListedModel } from "../../models/list.js";
import { removeModel } from "../../models/store/remove.js";
import { resolveModel } from "../../models/store/resolve.js";
import { formatBytes, printable } from "../terminal/format.js";

/** Adds `models path`, `list` and `remove`. */
export function registerStore(models: Command): void {
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
    .description("list the models that are here: in the cache, from npm, in the hub's cache")
    .option("--known", "list models on the hub that are known to be of use here")
    .option("--json", "print all that is known of them as JSON")
    .action(
      async ({ known = false, json = false }: { readonly known?: boolean; readonly json?: boolean }) => {
        const listed = known ? knownHubModels() : await listModels();
        const lines = known ? knownLines(knownHubModels()) : listLines(listed as ListedModel[]);
        const text = json ? JSON.stringify(listed, null, 2) : lines.join("\n");
        process.stdout.write(`${text}\n`);
      },
    );

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
  return aligned(cells);
}

/** A line for each known model: name, size, licence, parsers, what it is good for; and how one gets it. */
export function knownLines(models: readonly KnownHubModel[]): string[] {
  const cells = models.map(({ name, sizeBytes, license, toolCallParser, reasoningParser, goodFor }) => [
    name,
    sizeBytes === null ? "size not known" : formatBytes(sizeBytes),
    license ?? "licence not known",
    [
      toolCallParser === null ? [] : `tools ${toolCallParser}`,
      reasoningParser === null ? [] : `reasoning ${reasoningParser}`,
    ]
      .flat()
      .join(", "),
    goodFor,
  ]);
  return [...aligned(cells), "", "Get one: npx openvino-llm models pull NAME"];
}

function aligned(cells: readonly (readonly string[])[]): string[] {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
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
