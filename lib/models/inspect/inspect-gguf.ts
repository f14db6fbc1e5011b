import { basename, extname, join } from "node:path";

import { checkGguf } from "../gguf/gguf-check.js";
import { textOf } from "../gguf/gguf-metadata.js";
import { readGgufHeader } from "../gguf/gguf.js";
import { ggufCachePrecision, ggufExperts, ggufGeometry, ggufTensors, ggufTokenizer } from "./gguf-facts.js";
import type { InspectedParts } from "./parts.js";

/** Inspects the header of a GGUF file. */
export async function inspectGguf(dir: string, file: string): Promise<InspectedParts> {
  const header = await readGgufHeader(join(dir, file));
  const template = textOf(header.metadata, "tokenizer.chat_template");
  return {
    format: "gguf",
    name: basename(file, extname(file)),
    fileNames: [file],
    architecture: header.architecture,
    modelClass: null,
    geometry: ggufGeometry(header),
    experts: ggufExperts(header),
    tensors: ggufTensors(header),
    graph: null,
    cachePrecision: ggufCachePrecision(header.metadata),
    cacheElementsPerToken: null,
    tokenizer: ggufTokenizer(header),
    chatTemplate: template === null ? null : { text: template, files: [file] },
    notes: [
      "A GGUF file has no graph: operations and quantisation of the model that runs are known when it is converted.",
      ...problemsOf(() => checkGguf(header)),
    ],
  };
}

/** Whether GenAI would load it. */
function problemsOf(check: () => void): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
