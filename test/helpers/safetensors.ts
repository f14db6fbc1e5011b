import { writeFileSync } from "node:fs";

/** A matrix by its cells; all others are 0. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly cells?: readonly (readonly [row: number, column: number, value: number])[];
  readonly dtype?: "F32" | "F16" | "BF16";
}

const ELEMENT_BYTES = { F32: 4, F16: 2, BF16: 2 } as const;

/** Bytes of a safetensors file. */
export function encodeSafetensors(tensors: Readonly<Record<string, Matrix>>): Buffer {
  const header: Record<string, object> = {};
  const data: Buffer[] = [];
  let end = 0;
  for (const [name, { rows, columns, cells = [], dtype = "F32" }] of Object.entries(tensors)) {
    const bytes = Buffer.alloc(rows * columns * ELEMENT_BYTES[dtype]);
    for (const [row, column, value] of cells) writeElement(bytes, row * columns + column, value, dtype);
    header[name] = { dtype, shape: [rows, columns], data_offsets: [end, end + bytes.length] };
    end += bytes.length;
    data.push(bytes);
  }
  return fileOf(JSON.stringify(header), Buffer.concat(data));
}

/** A file of any header and any data. */
export function fileOf(header: string, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), data]);
}

/** The two tensors of an adapter for one module, as PEFT names them: `A` of rank × inputs, `B` of outputs × rank. */
export function loraPair(module: string, A: Matrix, B: Matrix): Record<string, Matrix> {
  return {
    [`base_model.model.${module}.lora_A.weight`]: A,
    [`base_model.model.${module}.lora_B.weight`]: B,
  };
}

function writeElement(bytes: Buffer, index: number, value: number, dtype: keyof typeof ELEMENT_BYTES): void {
  if (dtype === "F32") bytes.writeFloatLE(value, index * 4);
  else bytes.writeUInt16LE(dtype === "BF16" ? upperBits(value) : halfFloat(value), index * 2);
}

/** The upper half of a float, which is what BF16 keeps. */
function upperBits(value: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes.readUInt16LE(2);
}

/** For the normal numbers that the tests need. */
function halfFloat(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

/** Tokens of a chain model's vocabulary. */
const VOCABULARY = 288;
const HEAD = 32;

/** The chain model's token of a printable ASCII character. */
function tokenId(character: string): number {
  return character.charCodeAt(0) - 0x21;
}

/** What {@link jumpAdapter} is made of beside its two characters. */
interface JumpOptions {
  readonly rank?: number;
  readonly dtype?: Matrix["dtype"];
}

/**
 * An adapter of a chain model's output matrix: after one character comes another one than the text says. Logits are 1
 * for what the text says and `3 · alpha` for this, so it wins from an alpha of 0.34 upwards.
 */
export function jumpAdapter(from: string, to: string, { rank = 1, dtype = "F32" }: JumpOptions = {}): Buffer {
  // The last of its ranks, so that all of them have to be there.
  const A: Matrix = { rows: rank, columns: VOCABULARY, cells: [[rank - 1, tokenId(from), 1]], dtype };
  const B: Matrix = { rows: VOCABULARY, columns: rank, cells: [[tokenId(to), rank - 1, 3]], dtype };
  return encodeSafetensors(loraPair("lm_head", A, B));
}

/**
 * An adapter of a chain model's attention: where a character is anywhere in the prompt, the answer is another one for
 * ever. What it does goes through the key-value cache.
 */
export function memoryAdapter(seen: string, after: string): Buffer {
  const valueA: Matrix = { rows: 1, columns: VOCABULARY, cells: [[0, tokenId(seen), 1]] };
  const valueB: Matrix = { rows: HEAD, columns: 1, cells: [[0, 0, 100]] };
  const outputA: Matrix = { rows: 1, columns: HEAD, cells: [[0, 0, 1]] };
  const outputB: Matrix = { rows: VOCABULARY, columns: 1, cells: [[tokenId(after), 0, 100]] };
  return encodeSafetensors({
    ...loraPair("model.layers.0.self_attn.v_proj", valueA, valueB),
    ...loraPair("model.layers.0.self_attn.o_proj", outputA, outputB),
  });
}

/** Writes bytes and gives the path back. */
export function written(path: string, bytes: Uint8Array): string {
  writeFileSync(path, bytes);
  return path;
}
