import { elementCount } from "./element-types.js";
import type { IrBody, IrGraph, IrOperation } from "./ir-graph.js";

/** How a model keeps keys and values from one call to the next. */
export type CacheKind = "stateful" | "paged" | "inputs" | "none";

/** What is known by the operations of an IR. */
export interface GraphFacts {
  /** Operations by type, the most frequent first; those of bodies inside other operations not counted. */
  readonly operations: Readonly<Record<string, number>>;
  /** All of them together. */
  readonly operationCount: number;
  /** Operations of the bodies inside `If`, `Loop` and `TensorIterator`. */
  readonly bodyOperationCount: number;
  /**
   * `stateful`: in variables, as Optimum exports it; the batching pipeline makes it paged at load. `paged`: by
   * PagedAttention. `inputs`: as inputs and outputs of the model. `none`: no cache.
   */
  readonly cacheKind: CacheKind;
  /** Variables that are kept. */
  readonly variables: number;
  /** What the model asks of the runtime, e.g. `KV_CACHE_PRECISION`. */
  readonly runtimeOptions: Readonly<Record<string, string>>;
  /** What the export wrote about itself, by path: `nncf/weight_compression/group_size`, `OpenVINO Runtime`. */
  readonly info: Readonly<Record<string, string>>;
}

/** Sizes by the operations of an IR; null where they do not show. */
export interface GraphSizes {
  readonly layers: number | null;
  readonly hiddenSize: number | null;
  readonly heads: number | null;
  readonly kvHeads: number | null;
  readonly headSize: number | null;
  readonly vocabSize: number | null;
  /** Keys and values that one token adds to the cache. */
  readonly cacheElementsPerToken: number | null;
}

const RUNTIME_OPTIONS = "runtime_options/";

/** What is known by the operations. */
export function graphFacts({ main, bodies, info }: IrGraph): GraphFacts {
  const counts = new Map<string, number>();
  for (const { type } of main.values()) counts.set(type, (counts.get(type) ?? 0) + 1);
  const entries = [...info];
  return {
    operations: Object.fromEntries([...counts].sort(([, a], [, b]) => b - a)),
    operationCount: main.size,
    bodyOperationCount: bodies.reduce((total, body) => total + body.size, 0),
    cacheKind: cacheKindOf(main),
    variables: ofType(main, "ReadValue").length,
    runtimeOptions: Object.fromEntries(
      entries
        .filter(([key]) => key.startsWith(RUNTIME_OPTIONS))
        .map(([key, value]) => [key.slice(RUNTIME_OPTIONS.length), value]),
    ),
    info: Object.fromEntries(entries.filter(([key]) => !key.startsWith(RUNTIME_OPTIONS))),
  };
}

/** The sizes by the operations. */
export function graphSizes({ main }: IrGraph): GraphSizes {
  const variables = ofType(main, "ReadValue").flatMap(({ variableShape }) =>
    variableShape === null ? [] : [variableShape],
  );
  // Keys and values grow with the batch and with the tokens; a running state, of which others keep one, does not.
  const caches = variables.filter((shape) => openCount(shape) === 2).map(fixedSizes);
  const [kvHeads = null, headSize = null] = caches.find(({ length }) => length === 2) ?? [];
  const query = ofType(main, "ScaledDotProductAttention")[0]?.inputShapes[0] ?? [];
  const logits = ofType(main, "Result").find(({ inputShapes }) => inputShapes[0]?.length === 3);
  const output = logits === undefined ? undefined : main.get(logits.inputs.get(0)?.operation ?? "");
  return {
    layers: caches.length === 0 ? null : Math.ceil(caches.length / 2),
    hiddenSize: output?.type === "MatMul" ? sizeAt(output.inputShapes[0], -1) : null,
    heads: query.length === 4 ? sizeAt(query, 1) : null,
    kvHeads,
    headSize,
    vocabSize: sizeAt(logits?.inputShapes[0], -1),
    cacheElementsPerToken: caches.length === 0 ? null : totalOf(caches),
  };
}

function cacheKindOf(main: IrBody): CacheKind {
  if (ofType(main, "PagedAttentionExtension").length > 0) return "paged";
  if (ofType(main, "ReadValue").length > 0) return "stateful";
  const inputs = ofType(main, "Parameter").flatMap(({ outputs }) => outputs.flatMap(({ names }) => names));
  return inputs.some((name) => name.startsWith("past_key_values")) ? "inputs" : "none";
}

function ofType(body: IrBody, type: string): IrOperation[] {
  return [...body.values()].filter((operation) => operation.type === type);
}

function openCount(shape: readonly number[]): number {
  return shape.filter((size) => size < 0).length;
}

function fixedSizes(shape: readonly number[]): number[] {
  return shape.filter((size) => size >= 0);
}

function totalOf(shapes: readonly (readonly number[])[]): number {
  return shapes.reduce((total, shape) => total + elementCount(shape), 0);
}

function sizeAt(shape: readonly number[] | undefined, index: number): number | null {
  const size = shape?.at(index) ?? -1;
  return size > 0 ? size : null;
}
