/** One type as our compiler lays it out. */
export interface DeclaredType {
  readonly size: number;
  readonly align: number;
  /** Offsets by name; none for a type that is opaque to us. */
  readonly fields: Readonly<Record<string, number>>;
}

/** One type as Python finds it in the library. */
export interface MeasuredType {
  /** Bytes that malloc gave for it. */
  readonly room: number;
  /** Offsets at which the library's field was found; exactly one where the measurement worked. */
  readonly fields: Readonly<Record<string, readonly number[]>>;
}

/** What native/test/abi_probe.cpp prints. */
export interface Probe {
  readonly types: Readonly<Record<string, DeclaredType>>;
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Bytes that the library wrote where it returned by value, as ranges [begin, end). */
  readonly returned: Readonly<
    Record<string, { readonly declared: number; readonly written: readonly (readonly [number, number])[] }>
  >;
}

/** What `oracle.py layout` prints. */
export interface Measured {
  readonly types: Readonly<Record<string, MeasuredType>>;
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Bytes that malloc gave for types that are opaque to us: we need room enough. */
  readonly opaque: Readonly<Record<string, number>>;
}

/** Fields that Python does not show; their place follows from the others and from the size. */
export const NOT_IN_PYTHON: readonly string[] = [
  "TokenizedInputs.token_type_ids",
  "GenerationOutput.intermediate_hidden_states",
  "PipelineMetrics.inference_duration",
  "PipelineMetrics.sampling_duration",
  "StructuredOutputConfig.backend",
];

/** The type that a function returns, where that is laid out to the last byte. */
export const LAID_OUT: Readonly<Record<string, string>> = {
  "LLMPipeline::generate": "EncodedResults",
  "LLMPipeline::get_tokenizer": "Tokenizer",
  "Tokenizer::encode": "TokenizedInputs",
  "Tokenizer::encode(texts)": "TokenizedInputs",
  "ContinuousBatchingPipeline::get_metrics": "PipelineMetrics",
  "ContinuousBatchingPipeline::get_tokenizer": "Tokenizer",
  "GenerationHandleImpl::get_perf_metrics": "PerfMetrics",
};

/** malloc gives 8 bytes more than a multiple of 16, and at least 24. */
function roomFor(size: number): number {
  return Math.max(24, Math.ceil((size - 8) / 16) * 16 + 8);
}

/** Everything in our declarations that is not as the library has it, as sentences. */
export function layoutDifferences(ours: Probe, measured: Measured): string[] {
  const differences: string[] = [];
  for (const [type, { room, fields }] of Object.entries(measured.types)) {
    const declared = ours.types[type];
    if (declared === undefined) {
      differences.push(`${type} is not declared`);
      continue;
    }
    if (roomFor(declared.size) !== room) {
      differences.push(`${type} has ${declared.size} bytes, but malloc gave ${room} for the library's`);
    }
    for (const name of new Set([...Object.keys(fields), ...Object.keys(declared.fields)])) {
      const field = `${type}.${name}`;
      if (NOT_IN_PYTHON.includes(field)) continue;
      const [here, there] = [declared.fields[name], fields[name] ?? []];
      if (there.length !== 1 || here !== there[0]) {
        differences.push(
          `${field} is at ${here}, but the library's is at ${there.join(" or ") || "no place found"}`,
        );
      }
    }
  }
  for (const [type, room] of Object.entries(measured.opaque)) {
    const size = ours.types[type]?.size ?? 0;
    if (size < room)
      differences.push(`${type} gets ${size} bytes, but malloc gave ${room} for the library's`);
  }
  for (const [name, values] of Object.entries(ours.enums)) {
    const theirs = measured.enums[name];
    if (JSON.stringify(sorted(values)) !== JSON.stringify(sorted(theirs ?? {}))) {
      differences.push(
        `${name} is ${JSON.stringify(values)}, but the library's is ${JSON.stringify(theirs)}`,
      );
    }
  }
  return differences;
}

/** Every function that writes beyond what we declare, or leaves the end of what we lay out unwritten. */
export function returnDifferences({ returned, types }: Probe): string[] {
  return Object.entries(returned).flatMap(([name, { declared, written }]) => {
    const end = written.at(-1)?.[1] ?? 0;
    const size = types[LAID_OUT[name] ?? ""]?.size;
    const isRight = size === undefined ? end > 0 && end <= declared : end === declared && size === declared;
    return isRight ? [] : [`${name} writes ${end} bytes, but ${declared} are declared`];
  });
}

function sorted(values: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(values).sort(([a], [b]) => a.localeCompare(b));
}
