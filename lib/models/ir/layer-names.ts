import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { OpenVinoLlmError } from "../../errors/errors.js";
import { readFailure } from "../files/json-file.js";
import { readManifest } from "../files/manifest.js";

/** The matrices of a layer in the order in which GenAI makes them from GGUF, by the names of the original model. */
const LAYER_MODULES = [
  "self_attn.q_proj",
  "self_attn.k_proj",
  "self_attn.v_proj",
  "self_attn.o_proj",
  "mlp.gate_proj",
  "mlp.up_proj",
  "mlp.down_proj",
] as const;

/** What GenAI calls the end of a layer, its last addition. */
const LAYER_END = /<layer id="\d+" name="model\.layers\.self_attn\.add1\.layer\d+" type="Add"/g;
/** A multiplication by weights, which alone are transposed, as GenAI leaves it: a number that counts upwards. */
const UNNAMED =
  /(<layer id="\d+" name=")MatMul_(\d+)(" type="MatMul"[^>]*>\s*<data transpose_a="false" transpose_b="true")/g;

/**
 * Names the matrices of a model that this library converted from GGUF after the modules of the original model
 * (`model.layers.0.self_attn.q_proj`, `lm_head`), by which an adapter finds them: GenAI leaves them without names. It
 * changes nothing else, and nothing when it was done before or the folder is not ours.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when the files cannot be read or written.
 */
export async function nameLayers(dir: string): Promise<void> {
  if ((await readManifest(dir)) === null) return;
  const path = join(dir, "openvino_model.xml");
  const xml = await readFile(path, "latin1").catch((cause: unknown) => {
    throw readFailure(path, cause);
  });
  const named = withLayerNames(xml);
  if (named === null) return;
  // Beside the file and renamed: whoever reads it now has one or the other.
  const temporary = join(dir, `.${process.pid}-${randomUUID().slice(0, 8)}.xml`);
  try {
    await writeFile(temporary, named, "latin1");
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OpenVinoLlmError(
      "ERR_MODEL_LOAD",
      `Expected to write into ${dir} (to name the layers of a model from GGUF for its adapters) but it failed: ${reason}. ` +
        "Make the folder writable for once, or convert the GGUF file again.",
      { cause },
    );
  }
}

/** The text of an IR with names for its matrices; null when it is none that GenAI makes from GGUF, or has names. */
export function withLayerNames(xml: string): string | null {
  const numbers = [...xml.matchAll(UNNAMED)].map(([, , number]) => Number(number)).sort((a, b) => a - b);
  const layers = [...xml.matchAll(LAYER_END)].length;
  if (layers === 0 || numbers.length !== layers * LAYER_MODULES.length + 1) return null;
  const names = new Map(numbers.map((number, index) => [`${number}`, moduleAt(index, layers)]));
  return xml.replaceAll(
    UNNAMED,
    (_, before: string, number: string, after: string) => `${before}${names.get(number) ?? number}${after}`,
  );
}

function moduleAt(index: number, layers: number): string {
  const layer = Math.floor(index / LAYER_MODULES.length);
  const module = LAYER_MODULES[index % LAYER_MODULES.length];
  return layer < layers && module !== undefined ? `model.layers.${layer}.${module}` : "lm_head";
}
