/** What `models inspect` prints. Pure. */
import type { ModelInspection } from "../../models/inspect/inspection.js";
import type { WeightCensusRow } from "../../models/inspect/weights.js";
import { formatBytes, formatCount, formatFigure, formatTable, printable } from "../terminal/format.js";
import type { Style } from "../terminal/style.js";

const NONE = "not known";
/** Types of operations that a terminal shows; `--json` has all. */
const MAX_OPERATIONS = 12;

/** A part of an inspection: names with values, and sentences. */
export interface InspectionSection {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

/** The parts of an inspection that say something. */
export function inspectionSections(model: ModelInspection): InspectionSection[] {
  const sections: InspectionSection[] = [
    { title: "Model", rows: modelRows(model), notes: [] },
    { title: "Weights", rows: weightRows(model), notes: [] },
    { title: "Quantisation", rows: quantizationRows(model), notes: [] },
    { title: "Memory", rows: memoryRows(model), notes: [] },
    { title: "Text", rows: textRows(model), notes: [] },
    { title: "Graph", rows: graphRows(model), notes: [] },
    { title: "Notes", rows: [], notes: model.notes },
  ];
  return sections.filter(({ rows, notes }) => rows.length + notes.length > 0);
}

/** The lines of an inspection. */
export function inspectionLines(model: ModelInspection, style: Style): string[] {
  const title = `${style.strong(printable(model.name))}  ${style.faint(printable(model.path))}`;
  const warning = model.randomWeights === null ? [] : [style.warning(randomText(model))];
  const body = inspectionSections(model).flatMap(({ title: name, rows, notes }) => [
    "",
    style.strong(name),
    ...formatTable(rows).map(printable),
    ...notes.map((note) => `  ${printable(note).replaceAll("\n", " ")}`),
  ]);
  return [title, ...warning, ...body];
}

/** That the weights are random, and which part of the real model they are. */
export function randomText({ randomWeights, geometry }: ModelInspection): string {
  if (randomWeights === null) return "";
  const { seed, layers, layersShare } = randomWeights;
  const total = layersShare > 0 ? Math.round((layers ?? geometry.layers ?? 0) / layersShare) : 0;
  const part =
    layersShare === 1
      ? ""
      : `, ${layers} of ${total} layers (${formatFigure(layersShare * 100)} %) of the real model`;
  return `Random weights${seed === null ? "" : ` (seed ${seed})`}${part}: speed and memory mean something, text does not.`;
}

/** A name and its value. */
type Row = readonly [name: string, value: string];

function modelRows(model: ModelInspection): Row[] {
  const { geometry, mixture } = model;
  const head = geometry.headSize === null ? "" : `, ${geometry.headSize} numbers each`;
  const shared =
    geometry.kvHeads === geometry.heads ? "" : `, ${known(geometry.kvHeads)} for keys and values`;
  const window =
    geometry.slidingWindow === null ? "" : `, some layers look back ${count(geometry.slidingWindow)}`;
  return [
    ["Format", FORMATS[model.format]],
    [
      "Architecture",
      [model.architecture, model.modelClass].filter((name) => name !== null).join(", ") || NONE,
    ],
    ["Parameters", parametersText(model.parameters)],
    ...(mixture === null ? [] : [["Experts", expertsText(mixture)] as const]),
    ["Layers", known(geometry.layers)],
    ["Hidden size", `${known(geometry.hiddenSize)}, feed-forward ${known(geometry.intermediateSize)}`],
    ["Attention heads", `${known(geometry.heads)}${shared}${head}`],
    ["Vocabulary", known(geometry.vocabSize)],
    [
      "Context length",
      `${known(geometry.contextLength)}${geometry.contextLength === null ? "" : " tokens"}${window}`,
    ],
    ["Files", `${model.files.length}, ${formatBytes(model.sizeBytes)}`],
  ];
}

const FORMATS = {
  openvino: "OpenVINO IR",
  gguf: "GGUF",
  safetensors: "Hugging Face checkpoint (safetensors)",
} as const;

function expertsText({
  experts,
  activeExperts,
  activeParameters,
}: NonNullable<ModelInspection["mixture"]>): string {
  const active = activeExperts === null ? "" : `, ${activeExperts} for each token`;
  return `${experts} in a layer${active}; active parameters ${parametersText(activeParameters)}`;
}

function weightRows({ weights }: ModelInspection): Row[] {
  return weights.map((row) => [
    weightRowName(row),
    `${formatBytes(row.sizeBytes).padStart(8)}  ${percentText(row.share).padStart(7)}  ` +
      `${formatCount(row.tensors, "tensor")}, ${parametersText(row.elements)} ${row.elements === 1 ? "number" : "numbers"}`,
  ]);
}

function quantizationRows({ quantization }: ModelInspection): Row[] {
  return quantization.map(({ precision, elementType, groupSize, isSymmetric, scaleType, share, tensors }) => [
    `${precision ?? elementType} ${isSymmetric ? "symmetric" : "asymmetric"}`,
    (groupSize === null ? "a scale for each row" : `groups of ${groupSize}`) +
      `${scaleType === null ? "" : `, scales ${scaleType}`}: ${percentText(share)} of the weights, ${formatCount(tensors, "tensor")}`,
  ]);
}

function memoryRows({ memory }: ModelInspection): Row[] {
  const { weightsBytes, kvCache } = memory;
  const weights: Row = ["Weights", weightsBytes === 0 ? NONE : formatBytes(weightsBytes)];
  if (kvCache === null) return [weights, ["KV cache", NONE]];
  const from = kvCache.precisionFrom === "model" ? "the model asks for it" : "the CPU plugin's default";
  const { bytesPerSequence } = kvCache;
  return [
    weights,
    [
      "KV cache",
      `${formatBytes(kvCache.bytesPer1000Tokens)} for 1,000 tokens, in ${kvCache.precision} (${from})`,
    ],
    [
      "KV cache, whole context",
      bytesPerSequence === null ? NONE : `${formatBytes(bytesPerSequence)} for a sequence`,
    ],
  ];
}

function textRows({ tokenizer, chatTemplate, generationConfig }: ModelInspection): Row[] {
  const ids = tokenizer === null ? [] : idsOf(tokenizer);
  const size = tokenizer?.vocabSize ?? null;
  const generation = Object.entries(generationConfig)
    .filter(([key]) => !key.startsWith("_") && key !== "transformers_version")
    .map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return [
    [
      "Tokenizer",
      tokenizer === null
        ? NONE
        : `${tokenizer.kind ?? NONE}${size === null ? "" : `, ${count(size)} entries`}`,
    ],
    ...(ids.length === 0 ? [] : [["Special tokens", ids.join(", ")] as const]),
    [
      "Chat template",
      chatTemplate === null
        ? "none: messages cannot be given, raw text can"
        : `${count(chatTemplate.text.length)} characters, in ${chatTemplate.files.join(" and ")}`,
    ],
    ["Generation", generation.length === 0 ? "no defaults of its own" : generation.join(", ")],
  ];
}

function idsOf(tokenizer: NonNullable<ModelInspection["tokenizer"]>): string[] {
  const { bosTokenId, eosTokenId, padTokenId } = tokenizer;
  return [
    ["begin", bosTokenId],
    ["end", eosTokenId],
    ["padding", padTokenId],
  ].flatMap(([name, id]) => (id === null ? [] : [`${name} ${id}`]));
}

function graphRows({ graph }: ModelInspection): Row[] {
  if (graph === null) return [];
  const types = Object.entries(graph.operations);
  const shown = types.slice(0, MAX_OPERATIONS).map(([type, number]) => `${type} ${count(number)}`);
  const more = types.length > MAX_OPERATIONS ? `, and ${types.length - MAX_OPERATIONS} other types` : "";
  const bodies =
    graph.bodyOperationCount === 0 ? "" : `, ${count(graph.bodyOperationCount)} in bodies inside them`;
  const asked = Object.entries(graph.runtimeOptions).map(([key, value]) => `${key}=${value}`);
  return [
    ["Operations", `${count(graph.operationCount)}${bodies}: ${shown.join(", ")}${more}`],
    ["Cache", `${CACHES[graph.cacheKind]}${graph.variables === 0 ? "" : `, ${graph.variables} variables`}`],
    ...(asked.length === 0 ? [] : [["Asks the runtime for", asked.join(", ")] as const]),
    ...Object.entries(graph.info)
      .filter(([key]) => SHOWN_INFO.has(key))
      .map(([key, value]) => [SHOWN_INFO.get(key) ?? key, value] as const),
  ];
}

const CACHES = {
  stateful: "stateful (keys and values in variables)",
  paged: "paged (PagedAttention)",
  inputs: "stateless (keys and values are inputs and outputs)",
  none: "none",
} as const;

/** What the export wrote about the compression, and by which OpenVINO. */
const SHOWN_INFO: ReadonlyMap<string, string> = new Map([
  ["OpenVINO Runtime", "Written by OpenVINO"],
  ["nncf/weight_compression/mode", "NNCF mode"],
  ["nncf/weight_compression/group_size", "NNCF group size"],
  ["nncf/weight_compression/ratio", "NNCF ratio"],
  ["nncf/weight_compression/awq", "NNCF AWQ"],
  ["nncf/weight_compression/scale_estimation", "NNCF scale estimation"],
]);

/** What a row of the census is called: "INT4 weights (u4)". */
export function weightRowName({ role, precision, elementType }: WeightCensusRow): string {
  switch (role) {
    case "weight":
      return precision === null || precision === elementType
        ? `${elementType} weights`
        : `${precision} weights (${elementType})`;
    case "scale":
      return `Scales (${elementType})`;
    case "zeroPoint":
      return `Zero points (${elementType})`;
    case "other":
      return `Shapes and other constants (${elementType})`;
  }
}

/** "134.5 M", "3.84 B". */
export function parametersText(parameters: number | null): string {
  if (parameters === null) return NONE;
  if (parameters < 1e4) return count(parameters);
  const [size, unit] = parameters < 1e6 ? [1e3, "k"] : parameters < 1e9 ? [1e6, "M"] : [1e9, "B"];
  return `${formatFigure(parameters / size)} ${unit}`;
}

function known(value: number | null): string {
  return value === null ? NONE : count(value);
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** "57.4 %". */
export function percentText(share: number): string {
  return share > 0 && share < 0.001 ? "< 0.1 %" : `${(share * 100).toFixed(1)} %`;
}
