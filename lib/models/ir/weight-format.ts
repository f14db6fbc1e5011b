import { createReadStream } from "node:fs";

import { readFailure } from "../files/json-file.js";

/** How most weights of an IR are stored. */
export interface WeightFormat {
  /** By bits and kind. */
  readonly type: "f32" | "f16" | "bf16" | "int8" | "int4" | "other";
  /** Weights that share a scale; null for whole rows, and for floating point. */
  readonly groupSize: number | null;
  /** Whether there are no zero points. */
  readonly isSymmetric: boolean;
  /** Activations are quantised too, with scales that were fixed by calibration. */
  readonly isStatic: boolean;
}

const TYPES: Readonly<Record<string, Pick<WeightFormat, "type" | "isSymmetric">>> = {
  f32: { type: "f32", isSymmetric: true },
  f16: { type: "f16", isSymmetric: true },
  bf16: { type: "bf16", isSymmetric: true },
  i8: { type: "int8", isSymmetric: true },
  u8: { type: "int8", isSymmetric: false },
  i4: { type: "int4", isSymmetric: true },
  u4: { type: "int4", isSymmetric: false },
  nf4: { type: "other", isSymmetric: true },
  f4e2m1: { type: "other", isSymmetric: true },
  f8e4m3: { type: "other", isSymmetric: true },
  f8e5m2: { type: "other", isSymmetric: true },
};
const FLOATS: ReadonlySet<WeightFormat["type"]> = new Set(["f32", "f16", "bf16"]);

/** As the serialiser writes a constant, and the type of an operation that quantises activations. */
const FOUND =
  /element_type="(\w{1,10})" shape="([\d, ]{3,60})" offset="\d{1,20}" size="\d{1,20}"|type="(FakeQuantize)"/g;
/** No match is longer. */
const OVERLAP = 256;
/** A row of weights is longer than any group. */
const LARGEST_GROUP = 256;

/**
 * Finds out how most weights of an IR are stored, by one pass over its `.xml` that keeps nothing: a few milliseconds for a
 * small model. Null where it has no weights.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when the file cannot be read.
 */
export async function readWeightFormat(path: string): Promise<WeightFormat | null> {
  const census = new Census();
  let rest = "";
  try {
    for await (const chunk of createReadStream(path, { encoding: "latin1", highWaterMark: 1 << 20 })) {
      const text = rest + String(chunk);
      let end = 0;
      for (const match of text.matchAll(FOUND)) {
        census.add(match);
        end = match.index + match[0].length;
      }
      // What was counted is not looked at again.
      rest = text.slice(Math.max(end, text.length - OVERLAP));
    }
  } catch (cause) {
    throw readFailure(path, cause);
  }
  return census.most();
}

/** "int4 in groups of 128, symmetric", "int8 by rows, asymmetric", "static int8", "f16". */
export function weightFormatText(format: WeightFormat | null): string {
  if (format === null) return "none";
  const { type, groupSize, isSymmetric, isStatic } = format;
  if (type === "other" || FLOATS.has(type)) return type;
  if (isStatic) return `static ${type}`;
  const scales = groupSize === null ? "by rows" : `in groups of ${groupSize}`;
  return `${type} ${scales}, ${isSymmetric ? "symmetric" : "asymmetric"}`;
}

class Census {
  readonly #elements = new Map<string, number>();
  #isStatic = false;

  add([, type = "", shape = "", fakeQuantize]: RegExpMatchArray): void {
    if (fakeQuantize !== undefined) this.#isStatic = true;
    if (TYPES[type] === undefined) return;
    const dimensions = shape.split(",").map(Number);
    const last = dimensions.at(-1) ?? 0;
    const count = dimensions.reduce((product, dimension) => product * dimension, 1);
    // A vector is a bias or a factor of a normalisation.
    if (dimensions.length < 2 || count === last) return;
    const isGrouped = !isFloat(type) && dimensions.length > 2 && last <= LARGEST_GROUP;
    const key = `${type} ${isGrouped ? last : ""}`;
    // Zero points and scales have one number where the weights have a group.
    if (last > 1) this.#elements.set(key, (this.#elements.get(key) ?? 0) + count);
  }

  most(): WeightFormat | null {
    const [most] = [...this.#elements].sort(([, a], [, b]) => b - a);
    if (most === undefined) return null;
    const [name = "", group = ""] = most[0].split(" ");
    const { type, isSymmetric } = TYPES[name] ?? { type: "other", isSymmetric: true };
    const isStatic = this.#isStatic && type === "int8";
    return { type, isSymmetric, groupSize: group === "" ? null : Number(group), isStatic };
  }
}

function isFloat(type: string): boolean {
  return FLOATS.has(TYPES[type]?.type ?? "other");
}
