import { stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";

import { readJsonObject, type JsonObject } from "../files/json-file.js";
import { IR_FILES } from "../ir/ir-files.js";
import {
  UNKNOWN_GEOMETRY,
  configExperts,
  configGeometry,
  configNames,
  type ModelGeometry,
} from "./geometry.js";
import { graphFacts, graphSizes, type GraphSizes } from "./ir-facts.js";
import { readIrGraph } from "./ir-graph.js";
import { tensorsOf } from "./ir-weights.js";
import type { InspectedParts } from "./parts.js";
import { readTokenizer } from "./tokenizer-facts.js";

/** The name that GenAI looks for. */
export const MODEL_FILE = "openvino_model.xml";

/** Inspects an IR and the files beside it. Those are left out where the `.xml` file is not called as a whole model's is. */
export async function inspectIr(dir: string, file: string): Promise<InspectedParts> {
  const notes: string[] = [];
  const isWhole = file === MODEL_FILE;
  const graph = await readIrGraph(join(dir, file));
  const config = isWhole ? await jsonOrNote(join(dir, "config.json"), notes) : null;
  const manifest = isWhole ? await readJsonObject(join(dir, "manifest.json")).catch(() => null) : null;
  const reading = isWhole ? await readTokenizer(dir) : { tokenizer: null, chatTemplate: null, notes: [] };
  notes.push(...reading.notes, ...(await missingFiles(dir, file)));
  if (graph.main.size === 0) notes.push(`${join(dir, file)} has no operations: it is not OpenVINO IR.`);
  if (!isWhole) {
    notes.push(`A model's folder holds ${MODEL_FILE} with its tokenizer; this is ${file} alone.`);
  } else if (config === null && manifest === null) {
    notes.push("config.json is not there: family and context length are not known.");
  }
  const sizes = graphSizes(graph);
  const experts = config === null ? null : configExperts(config);
  const facts = graphFacts(graph);
  return {
    format: "openvino",
    name: isWhole ? basename(dir) : basename(file, extname(file)),
    fileNames: [file, `${basename(file, extname(file))}.bin`],
    ...namesOf(config, manifest),
    geometry: geometryOf(sizes, config, manifest, notes),
    experts,
    tensors: tensorsOf(graph, experts?.experts ?? null),
    graph: facts,
    cachePrecision: facts.runtimeOptions["KV_CACHE_PRECISION"] ?? null,
    cacheElementsPerToken: sizes.cacheElementsPerToken,
    tokenizer: reading.tokenizer,
    chatTemplate: reading.chatTemplate,
    notes,
  };
}

function namesOf(config: JsonObject | null, manifest: JsonObject | null) {
  if (config !== null) return configNames(config);
  const architecture = manifest?.["architecture"];
  return { architecture: typeof architecture === "string" ? architecture : null, modelClass: null };
}

/** What runs is the graph, so its sizes hold; `config.json` and the manifest give what the graph does not. */
function geometryOf(
  { layers, hiddenSize, heads, kvHeads, headSize, vocabSize }: GraphSizes,
  config: JsonObject | null,
  manifest: JsonObject | null,
  notes: string[],
): ModelGeometry {
  const seen = { layers, hiddenSize, heads, kvHeads, headSize, vocabSize };
  const said = config === null ? UNKNOWN_GEOMETRY : configGeometry(config);
  for (const [name, value] of Object.entries(seen)) {
    const other = said[name as keyof typeof seen];
    if (value !== null && other !== null && value !== other) {
      notes.push(`config.json says ${name} ${other} but the graph has ${value}: are they of the same model?`);
    }
  }
  const known = Object.entries(seen).filter(([, value]) => value !== null);
  const inManifest = (key: string) => (typeof manifest?.[key] === "number" ? manifest[key] : null);
  const merged: ModelGeometry = { ...said, ...Object.fromEntries(known) };
  return {
    ...merged,
    vocabSize: merged.vocabSize ?? inManifest("vocabSize"),
    contextLength: merged.contextLength ?? inManifest("contextLength"),
  };
}

async function jsonOrNote(path: string, notes: string[]): Promise<JsonObject | null> {
  return readJsonObject(path).catch((error: unknown) => {
    notes.push(error instanceof Error ? error.message : String(error));
    return null;
  });
}

async function missingFiles(dir: string, file: string): Promise<string[]> {
  const wanted = file === MODEL_FILE ? IR_FILES : [file.replace(/\.xml$/i, ".bin")];
  const missing: string[] = [];
  for (const name of wanted) {
    if ((await stat(join(dir, name)).catch(() => null)) === null) missing.push(name);
  }
  const verb = missing.length === 1 ? "is" : "are";
  return missing.length === 0 ? [] : [`${missing.join(", ")} ${verb} not there: the model cannot be loaded.`];
}
