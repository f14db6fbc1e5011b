/** The constants of the GGUF file format (versions 2 and 3, little endian), shared by the reader and the writer. */

/** The first four bytes of every GGUF file. */
export const GGUF_MAGIC = "GGUF";

/** Tensor data starts at, and every tensor is padded to, a multiple of this unless `general.alignment` says otherwise. */
export const GGUF_DEFAULT_ALIGNMENT = 32;

/** Type tags of metadata values as they stand in the file. */
export const GgufValueType = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const;

/** How one GGML tensor type lies in the file. */
export interface GgmlType {
  /** GGML's own name, e.g. `Q4_0`. */
  readonly name: string;
  /** Elements per block; the innermost dimension is a multiple of it. */
  readonly blockElements: number;
  readonly blockBytes: number;
}

/** GGML tensor types by the id that stands in the file. Ids that are not here are unknown to this reader. */
export const GGML_TYPES: ReadonlyMap<number, GgmlType> = new Map(
  (
    [
      [0, "F32", 1, 4],
      [1, "F16", 1, 2],
      [2, "Q4_0", 32, 18],
      [3, "Q4_1", 32, 20],
      [6, "Q5_0", 32, 22],
      [7, "Q5_1", 32, 24],
      [8, "Q8_0", 32, 34],
      [9, "Q8_1", 32, 36],
      [10, "Q2_K", 256, 84],
      [11, "Q3_K", 256, 110],
      [12, "Q4_K", 256, 144],
      [13, "Q5_K", 256, 176],
      [14, "Q6_K", 256, 210],
      [15, "Q8_K", 256, 292],
      [16, "IQ2_XXS", 256, 66],
      [17, "IQ2_XS", 256, 74],
      [18, "IQ3_XXS", 256, 98],
      [19, "IQ1_S", 256, 50],
      [20, "IQ4_NL", 32, 18],
      [21, "IQ3_S", 256, 110],
      [22, "IQ2_S", 256, 82],
      [23, "IQ4_XS", 256, 136],
      [24, "I8", 1, 1],
      [25, "I16", 1, 2],
      [26, "I32", 1, 4],
      [27, "I64", 1, 8],
      [28, "F64", 1, 8],
      [29, "IQ1_M", 256, 56],
      [30, "BF16", 1, 2],
    ] as const
  ).map(([id, name, blockElements, blockBytes]) => [id, { name, blockElements, blockBytes }]),
);

/** The id of a GGML tensor type by its name. */
export function ggmlTypeId(name: string): number {
  for (const [id, type] of GGML_TYPES) if (type.name === name) return id;
  throw new RangeError(`Expected a GGML tensor type but received ${name}.`);
}
