/** What is known of a type that weights are stored in. */
export interface ElementType {
  /** Of an element; blocks with scales inside (GGUF) count these too. */
  readonly bits: number;
  /** What people call a model of such weights: "INT4". */
  readonly precision: string;
}

/** OpenVINO's element types that weights come in, by their name in an IR. */
const OPENVINO: ReadonlyMap<string, ElementType> = new Map(
  (
    [
      ["u1", 1, "INT1"],
      ["u2", 2, "INT2"],
      ["u3", 3, "INT3"],
      ["u4", 4, "INT4"],
      ["i4", 4, "INT4"],
      ["nf4", 4, "NF4"],
      ["f4e2m1", 4, "FP4"],
      ["u6", 6, "INT6"],
      ["u8", 8, "INT8"],
      ["i8", 8, "INT8"],
      ["f8e4m3", 8, "FP8"],
      ["f8e5m2", 8, "FP8"],
      ["f8e8m0", 8, "FP8"],
      ["f16", 16, "FP16"],
      ["bf16", 16, "BF16"],
      ["f32", 32, "FP32"],
      ["f64", 64, "FP64"],
    ] as const
  ).map(([name, bits, precision]) => [name, { bits, precision }]),
);

/** The types of safetensors files. */
const SAFETENSORS: ReadonlyMap<string, ElementType> = new Map(
  (
    [
      ["F64", 64, "FP64"],
      ["F32", 32, "FP32"],
      ["F16", 16, "FP16"],
      ["BF16", 16, "BF16"],
      ["F8_E4M3", 8, "FP8"],
      ["F8_E5M2", 8, "FP8"],
      ["I8", 8, "INT8"],
      ["U8", 8, "INT8"],
      ["BOOL", 8, "BOOL"],
      ["I16", 16, "INT16"],
      ["I32", 32, "INT32"],
      ["I64", 64, "INT64"],
    ] as const
  ).map(([name, bits, precision]) => [name, { bits, precision }]),
);

/** The type of an IR's constants by its name; null for one that no weight has, such as `i64`. */
export function openVinoType(name: string): ElementType | null {
  return OPENVINO.get(name) ?? null;
}

/** A type of safetensors by its name; null for an unknown one. */
export function safetensorsType(name: string): ElementType | null {
  return SAFETENSORS.get(name) ?? null;
}

/** Whether weights of this type stand for other numbers, which a scale makes of them. */
export function isQuantized(type: ElementType): boolean {
  return type.bits <= 8;
}

/** The product of the dimensions. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
