import { open, readFile, stat } from "node:fs/promises";

import { layersOf, type Constant } from "./ir-layers.js";
import { fileError, readFailure } from "../files/json-file.js";

/** Three constants that hold strings: the i-th one has the bytes from `begins[i]` to `ends[i]` of `bytes`. */
interface StringTable {
  readonly owner: string;
  readonly begins: Constant;
  readonly ends: Constant;
  readonly bytes: Constant;
}

/** Tokenizers have some 20 KB, with a long chat template perhaps 200. */
const MAX_XML_BYTES = 64 * 1024 * 1024;

/**
 * Checks the tables of strings (vocabulary, merges, added tokens) of a tokenizer or detokenizer: OpenVINO Tokenizers
 * copies from their begin to their end without looking whether that lies within the table, and ends the process where
 * it does not.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` naming the `.bin` file and the table.
 */
export async function checkStringTables(xmlPath: string, binPath: string): Promise<void> {
  const tables = tablesOf(await readTokenizerXml(xmlPath));
  if (tables.length === 0) return;
  const wanted = tables.flatMap(({ begins, ends }) => [begins, ends]);
  const contents = await readIndices(binPath, new Set(wanted));
  for (const { owner, begins, ends, bytes } of tables) {
    const problem = problemOf(contents.get(begins), contents.get(ends), bytes.sizeBytes);
    if (problem === null) continue;
    throw fileError(
      binPath,
      `The file is damaged, or is of another model: the strings of ${owner} ${problem}.`,
    );
  }
}

/**
 * The text of a tokenizer's or detokenizer's `.xml` file, one character per byte.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD`
 */
export async function readTokenizerXml(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= MAX_XML_BYTES) return await readFile(path, "latin1");
  } catch (cause) {
    throw readFailure(path, cause);
  }
  throw fileError(path, `Expected a tokenizer of at most ${MAX_XML_BYTES} bytes but received a larger one.`);
}

/** The indices in the given constants; one that lies beyond the end of the file is left out. */
async function readIndices(
  path: string,
  constants: ReadonlySet<Constant>,
): Promise<Map<Constant, Int32Array>> {
  const contents = new Map<Constant, Int32Array>();
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      for (const constant of constants) {
        const { offsetBytes, sizeBytes } = constant;
        // Nothing is allocated by a number from the file alone. OpenVINO refuses a constant beyond the end.
        if (offsetBytes + sizeBytes > size) continue;
        const indices = new Int32Array(Math.floor(sizeBytes / Int32Array.BYTES_PER_ELEMENT));
        await file.read(new Uint8Array(indices.buffer), { position: offsetBytes });
        contents.set(constant, indices);
      }
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw readFailure(path, cause);
  }
  return contents;
}

function problemOf(
  begins: Int32Array | undefined,
  ends: Int32Array | undefined,
  byteCount: number,
): string | null {
  if (begins === undefined || ends === undefined) return null;
  if (begins.length !== ends.length) return `have ${begins.length} beginnings and ${ends.length} ends`;
  for (const [i, begin] of begins.entries()) {
    const end = ends[i] ?? 0;
    if (begin < 0 || begin > end || end > byteCount) {
      return `have one from byte ${begin} to ${end} of ${byteCount}`;
    }
  }
  return null;
}

/** The tables of strings in an IR: inputs of an operation of OpenVINO Tokenizers that follow each other as such. */
function tablesOf(xml: string): StringTable[] {
  return layersOf(xml)
    .filter(({ isExtension }) => isExtension)
    .flatMap(({ name, inputs }) =>
      [...inputs.keys()].flatMap((port) => {
        const [begins, ends, bytes] = [inputs.get(port), inputs.get(port + 1), inputs.get(port + 2)];
        if (begins?.elementType !== "i32" || ends?.elementType !== "i32" || bytes?.elementType !== "u8")
          return [];
        return [{ owner: name, begins, ends, bytes }];
      }),
    );
}
