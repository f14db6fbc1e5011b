/** The cases of the matrix: axes around a base point, some of them crossed, for each model. */
import { GEOMETRY } from "./llama.mjs";

/**
 * @typedef {object} Case
 * @property {string} section which axes it belongs to
 * @property {string} setting what is set, without the model
 * @property {import("./models.mjs").ModelSpec} model
 * @property {Record<string, string>} properties of the CPU plugin
 * @property {number[]} tokenIds
 * @property {"paged" | "stateful"} [graph] with `decodes` and `sequences`, where logits are compared
 * @property {"llm" | "llm-sdpa" | "batching"} [pipeline] with `newTokens`, where answers are
 * @property {Record<string, string>} [env] of the process
 * @property {string} [cpus] that the process is bound to
 * @property {boolean} [isReference]
 */

/** What everything is compared with. */
export const REFERENCE = {
  INFERENCE_PRECISION_HINT: "f32",
  KV_CACHE_PRECISION: "f32",
  DYNAMIC_QUANTIZATION_GROUP_SIZE: "0",
};

export const WHOLE_ROW = "18446744073709551615";

/** The weight formats, by the names of weight_formats.cpp. */
export const FORMATS = [
  "f32",
  "f16",
  "bf16",
  "i8:row",
  "i8:32",
  "u8:row",
  "u8:32",
  "i4:row",
  "i4:32",
  "u4:row",
  "u4:32",
  "u4-8:32",
  "nf4:32",
  "f8e4m3:row",
  "mxfp4:32",
];

/** What is built otherwise than a plain llama. */
const VARIANTS = [
  { base: GEOMETRY, format: "f16", variants: ["gate-up"] },
  { base: GEOMETRY, format: "bf16", variants: ["gate-up"] },
  { base: GEOMETRY, format: "f16", variants: ["gelu"] },
  { base: GEOMETRY, format: "f16", variants: ["embedding"] },
  { base: GEOMETRY, format: "i8:row", variants: ["gate-up"] },
  { base: GEOMETRY, format: "i8:row", variants: ["down-f16"] },
  { base: GEOMETRY, format: "i8:row", variants: ["gate-up", "down-f16"] },
  { base: GEOMETRY, format: "u8:row", variants: ["embedding"] },
  { base: GEOMETRY, format: "i4:32", variants: ["gate-up"] },
  { base: "tiny-phi3", format: "" },
  { base: "tiny-phi3", format: "f16" },
  { base: "tiny-phi3", format: "i8:row" },
  { base: "tiny-gpt-oss", format: "" },
  { base: "tiny-gpt-oss", format: "f16" },
  { base: "tiny-gpt-oss", format: "i8:row" },
  { base: "tiny-gpt-oss", format: "i4:32" },
  { base: "tiny-gpt-oss", format: "mxfp4:32" },
];

/** As many heads of keys and values as of queries. */
const MULTI_HEAD = { base: { ...GEOMETRY, kvHeads: GEOMETRY.heads }, format: "f16" };

const LLAMAS = FORMATS.map((format) => ({ base: GEOMETRY, format }));
const MODELS = [...LLAMAS, ...VARIANTS];

/** One for each way in which a product is computed, where an axis is not about that. */
const SOME = [
  { base: GEOMETRY, format: "f16" },
  { base: GEOMETRY, format: "i8:row" },
  { base: GEOMETRY, format: "i4:32" },
  { base: "tiny-phi3", format: "" },
  { base: "tiny-gpt-oss", format: "i4:32" },
];

const HINTS = [undefined, "bf16", "f16", "f32"];
const KV_PRECISIONS = [undefined, "f32", "f16", "bf16", "u8", "u4"];
const GROUP_SIZES = ["0", "32", "128", WHOLE_ROW];
const GRAPHS = ["paged", "stateful"];
/** Precisions in which every kind of weights is right where nothing else is set. */
const PLAIN = [undefined, "f32"];

/** Ids that a seedless formula spreads over the 288 tokens that every model here has. */
const tokenIds = (count) => Array.from({ length: count }, (_, i) => (i * 7919 + 13) % 288);

/** A prompt that fills no block of the cache, then decoding into the next block, then four sequences. */
const FED = { tokenIds: tokenIds(40), decodes: 8, sequences: 4 };
const ASKED = { tokenIds: tokenIds(28), newTokens: 16 };

/** @returns {Case[]} */
export function allCases() {
  return [
    ...cross("precision and cache", LLAMAS, crossed({ hint: HINTS, kv: KV_PRECISIONS }), GRAPHS),
    ...cross(
      "precision and cache",
      VARIANTS,
      HINTS.map((hint) => ({ hint })),
      ["paged"],
    ),
    ...cross("f16", [...VARIANTS, MULTI_HEAD], crossed({ hint: ["f16"], kv: [undefined, "f32"] }), GRAPHS),
    ...cross("threads", MODELS, THREADS, ["paged"]),
    ...cross("dynamic quantisation", MODELS, crossed({ hint: PLAIN, group: GROUP_SIZES }), ["paged"]),
    ...cross("dynamic quantisation", SOME, crossed({ threads: ["1"], group: GROUP_SIZES }), GRAPHS),
    ...cross("streams and CPUs", SOME, STREAMS, ["paged"]),
    ...headSizes(),
    ...intermediateSizes(),
    ...hiddenSizes(),
    ...instructionSets(),
    ...promptLengths(),
    ...cross("pipelines", SOME, ASKED_WITH, ["llm", "llm-sdpa", "batching"]),
  ];
}

/** Every combination of a value of each key. */
function crossed(axes) {
  return Object.entries(axes).reduce(
    (settings, [key, values]) =>
      settings.flatMap((setting) => values.map((value) => ({ ...setting, [key]: value }))),
    [{}],
  );
}

/** More than there are CPUs counts as their number. */
const THREADS = [{ threads: "1" }, { threads: "1", hint: "f32" }, { threads: "3" }];

const STREAMS = [
  { NUM_STREAMS: "2", threads: "2" },
  { NUM_STREAMS: "2" },
  { PERFORMANCE_HINT: "THROUGHPUT" },
  { PERFORMANCE_HINT: "THROUGHPUT", hint: "f32" },
  { cpus: "0" },
  { cpus: "0", hint: "f32" },
  { cpus: "0", threads: "2" },
];

const ASKED_WITH = [
  ...HINTS.map((hint) => ({ hint })),
  ...THREADS,
  { NUM_STREAMS: "2" },
  { PERFORMANCE_HINT: "THROUGHPUT" },
  { kv: "u8" },
  { kv: "u4" },
  { hint: "f32", group: "32" },
  { hint: "f32", group: "128" },
];

function headSizes() {
  const models = [16, 32, 64, 80, 96, 128, 256].map((headSize) => ({
    base: { ...GEOMETRY, headSize },
    format: "f16",
  }));
  const settings = [...crossed({ hint: PLAIN, kv: [undefined, "f32", "u8", "u4"] }), { hint: "f16" }];
  return cross("head size", models, settings, GRAPHS);
}

/** With the whole row as a group, INT8 by row may be fused as 16-bit weights are. */
function intermediateSizes() {
  const formats = [
    ["f32"],
    ["f16"],
    ["bf16"],
    ["i8:row"],
    ["u8:row"],
    ["i4:32"],
    ["f16", "gate-up"],
    ["f16", "gelu"],
    ["i8:row", "gate-up"],
    ["i8:row", "down-f16"],
    ["i8:row", "gate-up", "down-f16"],
  ];
  const models = [32, 48, 64, 96, 128, 160].flatMap((intermediate) =>
    formats
      .filter(([format]) => !format.endsWith(":32") || intermediate % 32 === 0)
      .map(([format, ...variants]) => ({ base: { ...GEOMETRY, intermediate }, format, variants })),
  );
  const settings = [...crossed({ threads: ["1", "2"], group: [undefined, WHOLE_ROW] }), { hint: "f32" }];
  return cross("intermediate size", models, settings, ["paged"]);
}

function hiddenSizes() {
  const formats = [["f16"], ["f16", "gate-up"], ["i8:row"], ["i8:row", "down-f16"]];
  const models = [32, 48, 64, 96, 160, 192, 256].flatMap((hidden) =>
    formats.map(([format, ...variants]) => ({ base: { ...GEOMETRY, hidden }, format, variants })),
  );
  return cross("hidden size", models, crossed({ threads: ["1", "2"], group: [undefined, WHOLE_ROW] }), [
    "paged",
  ]);
}

/** Faults that were found, with parts of the instruction set left alone by oneDNN. */
function instructionSets() {
  const small = { ...GEOMETRY, intermediate: 32 };
  const models = [GEOMETRY, small].flatMap((base) =>
    ["f16", "i8:row", "i4:32"].map((format) => ({ base, format })),
  );
  const settings = ["AVX512_CORE_FP16", "AVX512_CORE_BF16"].flatMap((isa) => [
    { isa },
    { isa, hint: "f16" },
    { isa, threads: "1" },
    { isa, threads: "1", group: WHOLE_ROW },
  ]);
  return cross("instruction set", models, settings, ["paged"]);
}

/** A prompt of one token, of few, of a block, of more. */
function promptLengths() {
  const models = [{ base: GEOMETRY, format: "f16" }];
  const settings = crossed({ prompt: [1, 2, 4, 31, 32, 33, 100, 300], hint: ["bf16", "f16"] });
  return cross("prompt length", models, settings, GRAPHS);
}

/** Every model with every setting in every graph, or in every pipeline. */
export function cross(section, models, settings, ways) {
  return models.flatMap((model) =>
    settings.flatMap((setting) => ways.map((way) => caseOf(section, model, setting, way))),
  );
}

function caseOf(section, model, { hint, kv, threads, group, isa, cpus, prompt, ...others }, way) {
  const properties = Object.fromEntries(
    Object.entries({
      INFERENCE_PRECISION_HINT: hint,
      KV_CACHE_PRECISION: kv,
      INFERENCE_NUM_THREADS: threads,
      DYNAMIC_QUANTIZATION_GROUP_SIZE: group,
      ...others,
    }).filter(([, value]) => value !== undefined),
  );
  const parts = [
    ...Object.entries(properties).map(
      ([name, value]) => `${name} ${value === WHOLE_ROW ? "whole row" : value}`,
    ),
    ...(isa === undefined ? [] : [`ONEDNN_MAX_CPU_ISA ${isa}`]),
    ...(cpus === undefined ? [] : [`bound to CPU ${cpus}`]),
    ...(prompt === undefined ? [] : [`prompt of ${prompt}`]),
  ];
  const isGraph = GRAPHS.includes(way);
  const fed =
    prompt === undefined ? FED : { ...FED, tokenIds: tokenIds(prompt + FED.decodes + FED.sequences) };
  return {
    section,
    setting: [way, ...parts].join(", "),
    model,
    properties,
    ...(isGraph ? { graph: way, ...fed } : { pipeline: way, ...ASKED }),
    ...(isa !== undefined && { env: { ONEDNN_MAX_CPU_ISA: isa } }),
    ...(cpus !== undefined && { cpus }),
  };
}

/** The reference of each feed that cases are compared with. */
export function referencesOf(cases) {
  const references = new Map();
  for (const one of cases) {
    if (one.graph === undefined) continue;
    const key = JSON.stringify([one.model, one.tokenIds.length]);
    references.set(key, {
      ...one,
      graph: "paged",
      properties: REFERENCE,
      isReference: true,
      env: undefined,
      cpus: undefined,
    });
  }
  return [...references.values()];
}
