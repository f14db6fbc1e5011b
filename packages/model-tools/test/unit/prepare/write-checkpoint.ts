import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

type Tensors = Readonly<
  Record<string, { readonly dtype: "BF16" | "F16" | "F32" | "U8"; readonly shape: number[] }>
>;

const BYTES = { BF16: 2, F16: 2, F32: 4, U8: 1 };

/** Writes a safetensors file of zeros. */
export async function writeWeights(path: string, tensors: Tensors): Promise<void> {
  let end = 0;
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  for (const [name, { dtype, shape }] of Object.entries(tensors)) {
    const start = end;
    end += shape.reduce((product, length) => product * length, 1) * BYTES[dtype];
    header[name] = { dtype, shape, data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  await writeFile(path, Buffer.concat([length, text, Buffer.alloc(end)]));
}

/** Writes what looks like a checkpoint from outside. */
export async function writeCheckpoint(
  dir: string,
  {
    config = {},
    weights = { x: { dtype: "F16", shape: [2, 2] } },
  }: { config?: object; weights?: Tensors | null },
): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "config.json"), JSON.stringify(config));
  await writeFile(join(dir, "tokenizer.json"), "{}");
  if (weights !== null) await writeWeights(join(dir, "model.safetensors"), weights);
}
