import { basename, extname, join } from "node:path";

import { readJsonObject } from "../files/json-file.js";
import { checkpointTensors, safetensorsFiles } from "./checkpoint-facts.js";
import { UNKNOWN_GEOMETRY, configExperts, configGeometry, configNames } from "./geometry.js";
import type { InspectedParts } from "./parts.js";
import { readTokenizer } from "./tokenizer-facts.js";

/** Inspects a checkpoint of Hugging Face: all of a folder, or one of its files with the `config.json` beside it. */
export async function inspectCheckpoint(dir: string, file: string | null): Promise<InspectedParts> {
  const files = file === null ? await safetensorsFiles(dir) : [file];
  const { tensors, notes } = await checkpointTensors(dir, files);
  const broken: string[] = [];
  const config = await readJsonObject(join(dir, "config.json")).catch((error: unknown) => {
    broken.push(error instanceof Error ? error.message : String(error));
    return null;
  });
  const { tokenizer, chatTemplate, notes: tokenizerNotes } = await readTokenizer(dir);
  return {
    format: "safetensors",
    name: file === null ? basename(dir) : basename(file, extname(file)),
    fileNames: files,
    ...(config === null ? { architecture: null, modelClass: null } : configNames(config)),
    geometry: config === null ? UNKNOWN_GEOMETRY : configGeometry(config),
    experts: config === null ? null : configExperts(config),
    tensors,
    graph: null,
    cachePrecision: null,
    cacheElementsPerToken: null,
    tokenizer,
    chatTemplate,
    notes: [
      "A checkpoint has to be prepared before it runs; it has no graph.",
      ...notes,
      ...broken,
      ...(config === null && broken.length === 0
        ? ["config.json is not there: only the tensors are known."]
        : []),
      ...(files.length === 0 ? ["No .safetensors file is there: the weights are not known."] : []),
      ...(tokenizer === null ? ["tokenizer.json is not there: the tokenizer is not known."] : []),
      ...tokenizerNotes,
    ],
  };
}
