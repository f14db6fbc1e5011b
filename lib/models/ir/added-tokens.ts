import { open } from "node:fs/promises";
import { join } from "node:path";

import { layersOf, type Constant } from "./ir-layers.js";
import { readFailure } from "../files/json-file.js";
import { readTokenizerXml } from "./string-tables.js";

/** More than any vocabulary with its scores. */
const MAX_CONSTANT_BYTES = 64 * 1024 * 1024;

/** Pieces of SentencePiece's that stand for themselves: unknown, control, user-defined. */
const OWN_PIECES: readonly number[] = [2, 3, 4];

/** What else changes a text before it is cut. */
const OTHER_NORMALIZERS: readonly string[] = ["CaseFold", "CharsMapNormalization", "SentencepieceTokenizer"];

/**
 * Whether a tokenizer composes characters (Unicode's NFC) before anything else but finding its added tokens.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when the file cannot be read.
 */
export async function readsComposed(dir: string): Promise<boolean> {
  const xml = await readTokenizerXml(join(dir, "openvino_tokenizer.xml"));
  const types = layersOf(xml).map(({ type }) => type);
  const forms = [...xml.matchAll(/\snormalization_form="([^"]*)"/g)].map(([, form]) => form);
  const isFirst = types
    .slice(0, types.indexOf("NormalizeUnicode"))
    .every((type) => type !== "RegexNormalization");
  return forms.join() === "NFC" && isFirst && !types.some((type) => OTHER_NORMALIZERS.includes(type));
}

/**
 * What a tokenizer looks for in a text before it cuts the rest into pieces: its special tokens and those that were
 * added to the vocabulary, as they are spelled. Empty where the IR does not list them.
 *
 * @throws OpenVinoLlmError `ERR_MODEL_LOAD` when a file cannot be read.
 */
export async function readAddedTokens(dir: string): Promise<readonly string[]> {
  const layers = layersOf(await readTokenizerXml(join(dir, "openvino_tokenizer.xml")));
  const bin = join(dir, "openvino_tokenizer.bin");
  const found = new Set<string>();
  const add = (text: Buffer): void => void found.add(text.toString("utf8"));
  for (const { type, inputs } of layers) {
    const constants = [...inputs.keys()].toSorted((a, b) => a - b).map((port) => inputs.get(port) ?? null);
    if (type === "SpecialTokensSplit") {
      const pattern = constants.at(-1);
      if (pattern) for (const text of literalsOf(await read(bin, pattern))) add(text);
    } else if (type === "SentencepieceTokenizer") {
      const [model, , begins, ends, bytes] = constants;
      if (model) for (const text of ownPiecesOf(await read(bin, model))) add(text);
      if (begins && ends && bytes) {
        const [from, to, all] = [await read(bin, begins), await read(bin, ends), await read(bin, bytes)];
        for (let at = 0; at + 4 <= Math.min(from.length, to.length); at += 4) {
          add(all.subarray(from.readInt32LE(at), to.readInt32LE(at)));
        }
      }
    }
  }
  return [...found];
}

/** The bytes of a constant; none where they are not in the file, which OpenVINO refuses. */
async function read(path: string, { offsetBytes, sizeBytes }: Constant): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (offsetBytes + sizeBytes > size || sizeBytes > MAX_CONSTANT_BYTES) return Buffer.alloc(0);
      const bytes = Buffer.alloc(sizeBytes);
      await file.read(bytes, { position: offsetBytes });
      return bytes;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw readFailure(path, cause);
  }
}

/**
 * The texts of a pattern such as `(\<s\>|\<\/s\>)(?:\s*)|(\[INST\])`: alternatives, in which every sign that is no letter
 * is escaped, and no letter is; some take the spaces beside them along.
 */
export function literalsOf(pattern: Buffer): Buffer[] {
  const texts: string[] = [];
  let text = "";
  // One character per byte, as signs may be escaped byte by byte.
  for (const [sign] of pattern.toString("latin1").matchAll(/\(\?:|\\s\*|\\.|./gs)) {
    if (sign.length === 1 && !"()|".includes(sign)) text += sign;
    else if (sign.length === 2) text += sign.charAt(1);
    else {
      texts.push(text);
      text = "";
    }
  }
  return [...texts, text].filter((found) => found !== "").map((found) => Buffer.from(found, "latin1"));
}

/** The pieces of SentencePiece's model (a protocol buffer: repeated field 1 has text 1 and type 3) that text is searched for. */
function ownPiecesOf(model: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  visitFields(model, [0, model.length], (field, _number, piece) => {
    if (field !== 1 || piece === null) return;
    let [type, from, to] = [1, 0, 0];
    visitFields(model, piece, (part, number, text) => {
      if (part === 3) type = number;
      else if (part === 1 && text !== null) [from, to] = text;
    });
    if (to > from && OWN_PIECES.includes(type)) pieces.push(model.subarray(from, to));
  });
  return pieces;
}

/** Where bytes begin and end. */
type Range = readonly [begin: number, end: number];

/**
 * Calls `visit` for each field of a message of protocol buffers, up to its end or to what is none: with its number, or with
 * the place of its bytes. Makes nothing for a field: a vocabulary has a quarter of a million pieces.
 */
function visitFields(
  bytes: Buffer,
  [begin, end]: Range,
  visit: (field: number, number: number, range: Range | null) => void,
): void {
  let at = begin;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < end; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  while (at < end) {
    const tag = varint();
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    const size = wire === 1 ? 8 : wire === 5 ? 4 : wire === 0 || wire === 2 ? varint() : Number.NaN;
    if (!Number.isSafeInteger(size)) return;
    if (wire === 0) visit(field, size, null);
    else {
      const from = at;
      at += size;
      visit(field, 0, wire === 2 ? [from, Math.min(at, end)] : null);
    }
  }
}
