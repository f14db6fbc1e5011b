import { createReadStream } from "node:fs";

import { readFailure } from "../files/json-file.js";

/** How most weights of an IR are stored. */
export interface WeightFormat {
  /** By bits and kind. */
  readonly type: "f32" | "f16" | "bf16" | "int8" | "int4" | "other";
  /** Weights that share a scale; null for whole rows, and for floating point. */
  readonly groupSize: number | null;
  /** The least group among weights that are not few, of another type too: the embedding's, say. Null where none has groups. */
  readonly leastGroupSize: number | null;
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

/** Begins what the serialiser writes of a constant. */
const ELEMENT_TYPE = 'element_type="';
const CONSTANT = /(\w{1,10})" shape="([\d, ]{3,60})" offset="\d/y;
/** An operation that quantises activations. */
const FAKE_QUANTIZE = 'type="FakeQuantize"';
/** More than what stands before the offset of a constant. */
const OVERLAP = 128;
/** Share of all weights from which on they count for {@link WeightFormat.leastGroupSize}. */
const FEW = 0.01;
/** A row of weights is longer than any group. */
const MAX_GROUP = 256;

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
      rest = census.take(rest + String(chunk));
    }
    census.take(`${rest}${" ".repeat(OVERLAP)}`);
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
  /** By type and size of a group. */
  readonly #elements = new Map<string, number>();
  #isStatic = false;

  /** Counts the constants of a text; what is left may be the beginning of one. */
  take(text: string): string {
    this.#isStatic ||= text.includes(FAKE_QUANTIZE);
    const end = text.length - OVERLAP;
    let at = text.indexOf(ELEMENT_TYPE);
    for (; at !== -1 && at < end; at = text.indexOf(ELEMENT_TYPE, at + 1)) {
      CONSTANT.lastIndex = at + ELEMENT_TYPE.length;
      const [, type, shape] = CONSTANT.exec(text) ?? [];
      if (type !== undefined && shape !== undefined) this.#add(type, shape.split(",").map(Number));
    }
    return text.slice(Math.max(0, end));
  }

  #add(type: string, shape: readonly number[]): void {
    if (TYPES[type] === undefined) return;
    const last = shape.at(-1) ?? 0;
    const count = shape.reduce((product, dimension) => product * dimension, 1);
    // A vector is a bias or a factor of a normalisation; zero points and scales have one number where weights have a group.
    if (shape.length < 2 || count === last || last <= 1) return;
    const isGrouped = !isFloat(type) && shape.length > 2 && last <= MAX_GROUP;
    const key = `${type} ${isGrouped ? last : ""}`;
    this.#elements.set(key, (this.#elements.get(key) ?? 0) + count);
  }

  most(): WeightFormat | null {
    const [most] = [...this.#elements].sort(([, a], [, b]) => b - a);
    if (most === undefined) return null;
    const [name = "", group = ""] = most[0].split(" ");
    const { type, isSymmetric } = TYPES[name] ?? { type: "other", isSymmetric: true };
    const total = [...this.#elements.values()].reduce((sum, count) => sum + count, 0);
    const groups = [...this.#elements].flatMap(([key, count]) =>
      key.endsWith(" ") || count < FEW * total ? [] : [Number(key.split(" ")[1])],
    );
    return {
      type,
      isSymmetric,
      groupSize: group === "" ? null : Number(group),
      leastGroupSize: groups.length === 0 ? null : Math.min(...groups),
      isStatic: this.#isStatic && type === "int8",
    };
  }
}

function isFloat(type: string): boolean {
  return FLOATS.has(TYPES[type]?.type ?? "other");
}
