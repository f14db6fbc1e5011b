/** The tokenizer of a GGUF file in the place of the one that GenAI makes of it. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { errorAbout } from "../../errors/errors.js";
import { EXPORT_CURE, preTokenizerOf } from "../gguf/gguf-check.js";
import { readGgufTokenizer } from "../gguf/gguf-tokenizer.js";
import type { GgufHeader } from "../gguf/gguf.js";
import { tokenizerIr, type TokenizerIr } from "./gguf-tokenizer-ir.js";

/**
 * GenAI's own tokenizers know two ways to cut a text, take a third one for all others, and add no special tokens.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` for a vocabulary that contradicts itself or is too large
 */
export async function rebuildTokenizer(header: GgufHeader): Promise<TokenizerIr> {
  const tokenizer = await readGgufTokenizer(header.path);
  try {
    return tokenizerIr(tokenizer, preTokenizerOf(header));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const problem = `The tokenizer cannot be used. ${error.message}`;
    throw errorAbout("ERR_MODEL_LOAD", header.path, problem, EXPORT_CURE, error);
  }
}

/** Puts a tokenizer into a converted model's folder, with what GenAI's says beside its graph: ids, chat template, versions. */
export async function writeTokenizer(dir: string, { tokenizer, detokenizer }: TokenizerIr): Promise<void> {
  for (const [name, ir] of Object.entries({ tokenizer, detokenizer })) {
    const path = join(dir, `openvino_${name}`);
    const theirs = await readFile(`${path}.xml`, "utf8");
    const [from, to] = [theirs.lastIndexOf("<rt_info>"), theirs.lastIndexOf("</net>")];
    const { xml, bin } = ir.finish(from === -1 ? "" : theirs.slice(from, to).trimEnd());
    await writeFile(`${path}.xml`, xml);
    await writeFile(`${path}.bin`, bin);
  }
}
