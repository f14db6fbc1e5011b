/** What is known of a model by its files, for the report: precision, kind, vocabulary. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject, readJsonObject } from "openvino-llm/internal";
import { inspectModel, type JsonObject, type StepNeeds } from "openvino-llm/models";

/** What is known by the files of a model folder. */
export interface ModelFacts {
  /** The folder with the OpenVINO IR. */
  readonly path: string;
  /** The precision of most weights: "INT4", "INT8", "FP16", …; null where it is not known. */
  readonly precision: string | null;
  /** Bytes of constants by OpenVINO's element type. */
  readonly weightBytes: Readonly<Record<string, number>>;
  /** A mixture of experts; null where the files do not say. */
  readonly isMoe: boolean | null;
  /**
   * What an inference reads and computes; null where the graph does not show it. Absent in the folders of earlier
   * versions.
   */
  readonly step?: StepNeeds | null;
  /** What the IR asks of the runtime, e.g. `KV_CACHE_PRECISION`; it holds where no property says otherwise. */
  readonly runtimeOptions: Readonly<Record<string, string>>;
  /** `manifest.json` as it stands: origin, hashes, tools, and what is known of the quality; null where there is none. */
  readonly manifest: JsonObject | null;
}

/** Bits of a weight, and what people call a model of them. */
const ELEMENT_TYPES: Readonly<Record<string, { bits: number; name: string }>> = {
  u4: { bits: 4, name: "INT4" },
  i4: { bits: 4, name: "INT4" },
  nf4: { bits: 4, name: "NF4" },
  f4e2m1: { bits: 4, name: "FP4" },
  u8: { bits: 8, name: "INT8" },
  i8: { bits: 8, name: "INT8" },
  f8e4m3: { bits: 8, name: "FP8" },
  f8e5m2: { bits: 8, name: "FP8" },
  f16: { bits: 16, name: "FP16" },
  bf16: { bits: 16, name: "BF16" },
  f32: { bits: 32, name: "FP32" },
};

/** Reads the files of a model folder. What cannot be read is unknown. */
export async function readModelFacts(dir: string): Promise<ModelFacts> {
  const [xml, config, manifest, inspection] = await Promise.all([
    readFile(join(dir, "openvino_model.xml"), "latin1").catch(() => ""),
    readJsonObject(join(dir, "config.json")).catch(() => null),
    readJsonObject(join(dir, "manifest.json")).catch(() => null),
    inspectModel(dir).catch(() => null),
  ]);
  const weightBytes = weightBytesOf(xml);
  return {
    path: dir,
    precision: precisionOf(weightBytes),
    weightBytes,
    isMoe: isMixture(config, manifest),
    step: inspection?.step ?? null,
    runtimeOptions: runtimeOptionsOf(xml),
    manifest,
  };
}

/**
 * Ids that stand for no text: the tokens that are marked special, and those that begin, end and fill a sequence. Empty
 * where no file names one.
 */
export async function readSpecialIds(dir: string): Promise<number[]> {
  const read = (name: string) => readJsonObject(join(dir, name)).catch(() => null);
  const [tokenizer, config, ...others] = await Promise.all(
    ["tokenizer.json", "tokenizer_config.json", "config.json", "generation_config.json", "manifest.json"].map(
      read,
    ),
  );
  const ids = [
    ...listedAsSpecial(tokenizer?.["added_tokens"]),
    ...Object.entries(objectOr(config?.["added_tokens_decoder"])).flatMap(([id, token]) =>
      isJsonObject(token) && token["special"] === true ? [Number(id)] : [],
    ),
    ...others.flatMap(namedIds),
    ...(await tokenizerIrIds(dir)),
  ];
  return [...new Set(ids.filter((id) => Number.isInteger(id) && id >= 0))].sort((a, b) => a - b);
}

/** Bytes of the constants in the `.xml` text of an IR, by element type. */
export function weightBytesOf(xml: string): Record<string, number> {
  const bytes: Record<string, number> = {};
  for (const [tag] of xml.matchAll(/<data\s[^>]{0,500}>/g)) {
    const type = /\selement_type="(\w+)"/.exec(tag)?.[1];
    const size = /\ssize="(\d+)"/.exec(tag)?.[1];
    if (type !== undefined && size !== undefined) bytes[type] = (bytes[type] ?? 0) + Number(size);
  }
  return bytes;
}

/** What most weights are; indexes and shapes, which are of other types, do not count. */
export function precisionOf(weightBytes: Readonly<Record<string, number>>): string | null {
  const counts = new Map<string, number>();
  for (const [type, bytes] of Object.entries(weightBytes)) {
    const known = ELEMENT_TYPES[type];
    if (known !== undefined) counts.set(known.name, (counts.get(known.name) ?? 0) + (bytes * 8) / known.bits);
  }
  return [...counts].sort(([, a], [, b]) => b - a).at(0)?.[0] ?? null;
}

/** The `<runtime_options>` at the end of the `.xml` text of an IR. */
export function runtimeOptionsOf(xml: string): Record<string, string> {
  const block = /<runtime_options>(.*?)<\/runtime_options>/s.exec(xml)?.[1] ?? "";
  const options = [...block.matchAll(/<(\w+) value="([^"]*)"/g)];
  return Object.fromEntries(options.map(([, name = "", value = ""]) => [name, value]));
}

/** Under which keys models of different families keep their number of experts. */
const EXPERT_KEYS = ["num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"] as const;

function isMixture(config: JsonObject | null, manifest: JsonObject | null): boolean | null {
  if (config !== null) {
    const parts = [config, objectOr(config["text_config"])];
    return parts.some((part) => EXPERT_KEYS.some((key) => Number(part[key] ?? 0) > 1));
  }
  const architecture = manifest?.["architecture"];
  return typeof architecture === "string" ? /moe|mixtral|gpt-?oss/i.test(architecture) : null;
}

function namedIds(file: JsonObject | null | undefined): number[] {
  const keys = ["bos_token_id", "eos_token_id", "pad_token_id", "bosTokenId", "eosTokenId"];
  return keys.flatMap((key) => file?.[key] ?? []).flatMap((id) => (typeof id === "number" ? [id] : []));
}

/** A model made from GGUF has no tokenizer.json: the tokenizer's IR names the ids at its end. */
async function tokenizerIrIds(dir: string): Promise<number[]> {
  const xml = await readFile(join(dir, "openvino_tokenizer.xml"), "latin1").catch(() => "");
  return [...xml.matchAll(/<(?:bos|eos|pad)_token_id value="(\d+)"/g)].map(([, id]) => Number(id));
}

function listedAsSpecial(tokens: unknown): number[] {
  if (!Array.isArray(tokens)) return [];
  return tokens.flatMap((token: unknown) =>
    isJsonObject(token) && token["special"] === true ? [Number(token["id"])] : [],
  );
}

function objectOr(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
